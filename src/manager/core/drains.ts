/**
 * Draining: the tasks of a node move away, so many at a time. A task moves by stop, confirm, place, and the next one is
 * touched only when it runs elsewhere, and is healthy where it has a health check. One that would have nowhere to go
 * stays where it is, and the node says what is in the way.
 */
import { moveWanted } from "../../task/lifecycle.ts";
import type { TaskSpec } from "../../task/spec.ts";
import type { Task } from "../../task/task.ts";
import type { Applier } from "./apply.ts";
import type { ManagedNode } from "./managed-node.ts";
import { placementRequest, whyNowhere } from "./placement.ts";
import type { ManagerState } from "./state.ts";

/** Goes on with every drain. Where nothing can move, it is tried again when something changed that could let one in. */
export function continueDrains(apply: Applier): void {
  const { state } = apply;
  for (const node of state.drains) {
    if (node.status !== "ready") continue;
    for (const id of node.draining) {
      if (!hasSettled(node, state.tasks.get(id))) continue;
      node.draining.delete(id);
      node.drainTriedAt = undefined;
    }
    if (node.draining.size >= node.drainParallel) {
      node.drainBlocked = waitsForRoom(state, node);
      continue;
    }
    if (node.drainTriedAt === state.pending.openings) continue;
    moveNext(apply, node);
  }
}

/** True of a task that has found its feet elsewhere, or is not to move any more. */
function hasSettled(node: ManagedNode, task: Task | undefined): boolean {
  if (task === undefined || task.desired === "stop") return true;
  if (task.state === "pending") return false;
  if (task.nodeId === node.id) return task.moving === undefined;
  return task.state === "running" && (task.health === "none" || task.health === "healthy");
}

/** Why a task that has left the node is not placed elsewhere, where it found less room than it looked. */
function waitsForRoom(state: ManagerState, node: ManagedNode): string | undefined {
  for (const id of node.draining) {
    const task = state.tasks.get(id);
    const why = task?.state === "pending" ? state.pending.blockedBecause(task.spec) : undefined;
    if (task !== undefined && why !== undefined) return `${task.name} has left it and is ${why}`;
  }
  return undefined;
}

function moveNext(apply: Applier, node: ManagedNode): void {
  const { state, now } = apply;
  const hopeless = new Map<TaskSpec, Task>();
  let isTriedAgain = false;
  for (const id of node.tasks) {
    if (node.draining.size >= node.drainParallel) return;
    const task = state.tasks.get(id);
    if (task === undefined || task.desired === "stop" || task.moving !== undefined || hopeless.has(task.spec)) continue;
    const excluded = state.excluded(id, now);
    if (state.scheduler.fits({ ...placementRequest(task, excluded), acceptsDamped: true })) {
      node.draining.add(id);
      apply.task(moveWanted(task, `moving: node ${node.name} is being drained`));
    } else if (excluded === undefined) {
      hopeless.set(task.spec, task);
    } else {
      isTriedAgain = true; // an exclusion ends without anything happening
    }
  }
  // What is being stopped changes this node when it is gone, and that is an opening.
  node.drainTriedAt = isTriedAgain ? undefined : state.pending.openings;
  if (node.draining.size > 0) return;
  say(apply, node, standing(state, node, hopeless));
}

interface DrainStanding {
  readonly reason: string;
  readonly blocked: string | undefined;
}

function standing(state: ManagerState, node: ManagedNode, hopeless: ReadonlyMap<TaskSpec, Task>): DrainStanding {
  const left = node.tasks.size;
  if (left === 0) return { reason: "drained", blocked: undefined };
  const [first] = hopeless.values();
  const tasks = left === 1 ? "1 task" : `${String(left)} tasks`;
  if (first === undefined) return { reason: `draining: ${tasks} left`, blocked: undefined };
  const why = whyNowhere(state.scheduler.explain(placementRequest(first, undefined)));
  const blocked = `${tasks} left that would have nowhere to go; ${first.name} is ${why}`;
  return { reason: `draining: ${blocked}`, blocked };
}

function say(apply: Applier, node: ManagedNode, { reason, blocked }: DrainStanding): void {
  node.drainBlocked = blocked;
  if (node.reason === reason) return;
  node.reason = reason;
  apply.event({ kind: "node", node: node.name, reason });
}
