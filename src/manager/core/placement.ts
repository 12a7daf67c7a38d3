/** Trying to place what waits. */
import { placed } from "../../task/lifecycle.ts";
import type { TaskId } from "../../task/id.ts";
import type { Task } from "../../task/task.ts";
import { formatCost } from "../../scheduler/amounts.ts";
import { formatCounts } from "../../scheduler/nearest.ts";
import type { Decision, PlacementRequest } from "../../scheduler/scheduler.ts";
import type { Now } from "../../utils/clock.ts";
import type { Applier } from "./apply.ts";
import type { Trial } from "./pending.ts";
import type { ManagerState } from "./state.ts";

const LEFT: Trial = { kind: "left" };
/**
 * So many tasks are tried in a step, so that nobody waits long for the others; more than a slice of a list has, so that
 * what comes while a list enters does not pile up behind it.
 */
const MOST_TRIALS = 1000;
/** The longest that a node which keeps refusing a task is left out for it. */
const MOST_EXCLUSION_MS = 300_000;

/** Places every waiting task that fits somewhere. */
export function placeTasks(apply: Applier): void {
  const { state, now } = apply;
  for (let wake = state.wakes.peek(); wake !== undefined && wake.atMono <= now.mono; wake = state.wakes.peek()) {
    state.wakes.pop();
    if (state.wakeMoments.get(wake.task) !== wake.atMono) continue;
    state.wakeMoments.delete(wake.task);
    const task = state.tasks.get(wake.task);
    if (task?.state === "pending") state.pending.add(task);
  }
  if (state.pending.size === 0) return;
  state.pending.tryAll({
    attempt: (id) => tryTask(apply, id),
    couldTake: (id, nodeId) => couldTake(state, id, nodeId),
    most: MOST_TRIALS,
  });
}

/** Whether the node would take the task if it had to: what a blocked class is tried for again. */
function couldTake(state: ManagerState, id: TaskId, nodeId: string): boolean {
  const task = state.tasks.get(id);
  if (task === undefined) return false;
  return state.scheduler.takes({ ...requestFor(state, task, undefined), acceptsDamped: true }, nodeId);
}

function tryTask(apply: Applier, id: TaskId): Trial {
  const { state, now } = apply;
  const task = state.tasks.get(id);
  if (task?.state !== "pending") return LEFT;
  const excluded = state.excluded(id, now);
  const decision = decide(state, requestFor(state, task, excluded));
  if (decision.chosen !== undefined) {
    state.rememberPlacement(id, { attempt: task.attempt + 1, decidedAt: now.wall, decision });
    const name = state.nodes.get(decision.chosen)?.name ?? decision.chosen;
    const reason = whyThere(name, decision);
    apply.task(placed(task, { nodeId: decision.chosen, reason, at: now.wall }));
    return LEFT;
  }
  if (excluded === undefined || !decision.isOnlyUpTo("refusal")) {
    return { kind: "blocked", reason: () => whyNowhere(decision) };
  }
  wakeWhenAllowed(state, id, now);
  return { kind: "aside", task };
}

/** A node that keeps coming and going is no choice, unless it is the only one. */
export function decide({ scheduler }: Pick<ManagerState, "scheduler">, request: PlacementRequest): Decision {
  const decision = scheduler.decide(request);
  const isForDamping = decision.chosen === undefined && decision.isOnlyUpTo("damping");
  return isForDamping ? scheduler.decide({ ...request, acceptsDamped: true }) : decision;
}

/** The request of a task that waits, which may have a node held for it. */
function requestFor(
  state: ManagerState,
  task: Task,
  excluded: ReadonlyMap<string, string> | undefined,
): PlacementRequest {
  const heldNode = state.holds.nodeFor(task.spec);
  const request = placementRequest(task, excluded);
  return heldNode === undefined ? request : { ...request, heldNode };
}

/** What a task asks of the scheduler. One that ran before goes on where it can: a hold is for what has not begun. */
export function placementRequest(
  { name, spec, attempt }: Task,
  excluded: ReadonlyMap<string, string> | undefined,
): PlacementRequest {
  return {
    name,
    spec,
    ...(excluded === undefined ? {} : { excluded }),
    ...(attempt > 0 ? { ignoresHolds: true } : {}),
  };
}

/** Leaves a node out for one task for a while that doubles each time, from `firstMs`. */
export function exclude(
  { state, now }: Applier,
  task: Task,
  exclusion: { readonly reason: string; readonly firstMs: number },
): void {
  if (task.nodeId === undefined) return;
  let all = state.exclusions.get(task.id);
  if (all === undefined) {
    all = new Map();
    state.exclusions.set(task.id, all);
  }
  const times = (all.get(task.nodeId)?.times ?? 0) + 1;
  const forMs = Math.min(MOST_EXCLUSION_MS, exclusion.firstMs * 2 ** Math.min(20, times - 1));
  all.set(task.nodeId, { times, untilMono: now.mono + forMs, reason: exclusion.reason });
}

function wakeWhenAllowed(state: ManagerState, id: TaskId, now: Now): void {
  let earliest = Number.POSITIVE_INFINITY;
  for (const { untilMono } of state.exclusions.get(id)?.values() ?? []) {
    if (untilMono > now.mono) earliest = Math.min(earliest, untilMono);
  }
  if (Number.isFinite(earliest)) state.wake(id, earliest);
}

/** Why a task goes where it goes, in a sentence, for the history: what is told when the decision is no longer kept. */
export function whyThere(name: string, decision: Decision): string {
  const { scheduler, considered } = decision;
  const [chosen, next] = decision.bestCosts(2);
  const where = `placed on ${name} by ${scheduler}`;
  if (chosen === undefined) return where;
  const beside = next === undefined ? "" : `, ${formatCost(next.cost)} on ${next.node}`;
  const nodes = considered === 1 ? "1 node" : `${String(considered)} nodes`;
  return `${where}: it costs ${formatCost(chosen.cost)} there${beside}; ${nodes} considered`;
}

/** Why a task waits, in a sentence: the commonest reason of the nodes, and what would help. */
export function whyNowhere(decision: Decision): string {
  if (decision.considered === 0) return "waiting: no node has joined the cluster";
  const causes = formatCounts(decision.rejectedBy);
  const nodes = decision.considered === 1 ? "1 node" : `${String(decision.considered)} nodes`;
  const help = decision.wouldFitIf === undefined ? "" : `; what would help: ${decision.wouldFitIf}`;
  return `waiting: fits none of ${nodes}: ${causes}${help}`;
}
