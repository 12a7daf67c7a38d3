/**
 * What becomes of the tasks of nodes that go, by the rules of `core/liveness.ts` (a node that is lost) and
 * `core/drains.ts` (one that is drained). Neither minds where a task came from, or whether its reschedules are used up.
 */
import { surelyStoppedMs } from "../../node/lease.ts";
import type { Scheduler } from "../../scheduler/scheduler.ts";
import type { Task } from "../../task/task.ts";
import { mustNotRunTwice } from "../core/liveness.ts";
import { placementRequest } from "../core/placement.ts";
import type { ManagerSettings } from "../core/state.ts";
import type { ClusterCopy, LeavingNode, LeavingTask } from "./cluster-copy.ts";
import type { Placer, Wanted } from "./placer.ts";
import type { PlannedCluster } from "./planned-cluster.ts";

/** How often the manager looks whose time is up. */
const TICK_MS = 1000;

interface Loss extends LeavingTask {
  readonly nodeId: string;
  readonly afterMs: number;
}

/** All nodes go before the first task is placed. */
export function* takeAway(
  cluster: PlannedCluster,
  { lost, drained }: ClusterCopy,
  newScheduler: () => Scheduler,
): Generator<undefined, void> {
  for (const { id } of drained) cluster.change(id, (node) => void (node.availability = "drain"));
  for (const { id } of lost) {
    cluster.change(id, (node) => {
      node.status = "lost";
      node.isDamped = false;
    });
  }
  yield* cluster.letGo(new Set([...lost, ...drained].map(({ id }) => id)), newScheduler());
}

/** The tasks of lost nodes are placed as soon as that is safe, the most urgent first. */
export function* placeLost(placer: Placer, { lost, settings, wouldBrake }: ClusterCopy): Generator<undefined, void> {
  const losses = lost.flatMap(({ id, tasks }) =>
    tasks.map((each): Loss => ({ ...each, nodeId: id, afterMs: lostAfterMs(each.task, settings, wouldBrake) })),
  );
  for (const { nodeId, afterMs, ...leaving } of losses.sort(inOrderOfLoss)) {
    const from = placer.cluster.node(nodeId).name;
    const wanted = { ...wantedOf(leaving), from, afterMs };
    placer.cluster.takeOff(leaving.task, nodeId);
    const isEnding = leaving.task.desired === "stop";
    if (isEnding) placer.ends(wanted, `it is being stopped, and counts as stopped with ${from} lost`);
    else placer.place(wanted);
    yield;
  }
}

/** One node after the other, its tasks in the order in which they came to it; one that fits nowhere else stays. */
export function* placeDrained(placer: Placer, { drained }: ClusterCopy): Generator<undefined, void> {
  for (const node of drained) {
    for (const leaving of node.tasks) {
      drainOne(placer, node, leaving);
      yield;
    }
  }
}

function drainOne(placer: Placer, { id }: LeavingNode, leaving: LeavingTask): void {
  const { task } = leaving;
  const { name, status } = placer.cluster.node(id);
  const wanted = { ...wantedOf(leaving), from: name };
  if (task.desired === "stop") {
    placer.ends(wanted, "it is being stopped");
  } else if (status !== "ready") {
    placer.stays(wanted, `${name} is ${status}: a drain moves its tasks once it is back`);
  } else {
    const nowhere = task.moving === undefined ? placer.whyNowhere(wanted.request) : undefined;
    if (nowhere !== undefined) {
      placer.stays(wanted, `stays on ${name}: elsewhere it would be ${nowhere.why}`, nowhere);
      return;
    }
    placer.cluster.takeOff(task, id);
    placer.place(wanted);
  }
}

function wantedOf({ task, excluded }: LeavingTask): Wanted {
  const { id, name } = task;
  return { task: { id, name, index: undefined }, request: placementRequest(task, excluded) };
}

/** How long after its node fell silent the task is placed again: what must not run twice, once it has ended for certain. */
function lostAfterMs(task: Task, settings: ManagerSettings, wouldBrake: boolean): number {
  const { lostMs, brakeMs, leaseMs } = settings;
  const givenUpMs = wouldBrake ? Math.max(lostMs, brakeMs) : lostMs;
  const safeMs = mustNotRunTwice(task) ? surelyStoppedMs(leaseMs, task.spec.stopTimeoutMs) : 0;
  return Math.ceil(Math.max(givenUpMs, safeMs) / TICK_MS) * TICK_MS;
}

function inOrderOfLoss(a: Loss, b: Loss): number {
  return a.afterMs - b.afterMs || b.task.spec.priority - a.task.spec.priority || a.task.seq - b.task.seq;
}
