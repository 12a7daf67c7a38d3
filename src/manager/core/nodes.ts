/** What operators do with nodes: pause, drain, activate, remove. */
import { completed, moveWanted, returned } from "../../task/lifecycle.ts";
import type { TaskSpec } from "../../task/spec.ts";
import type { Task } from "../../task/task.ts";
import type { Now } from "../../utils/clock.ts";
import type { Applier } from "./apply.ts";
import type { ManagerEvent } from "./events.ts";
import type { ManagedNode } from "./managed-node.ts";
import { placementRequest } from "./placement.ts";
import type { ManagerState } from "./state.ts";

type Of<K extends ManagerEvent["kind"]> = Extract<ManagerEvent, { kind: K }>;

const SENTENCES = {
  active: "takes new tasks",
  pause: "takes no new tasks",
  drain: "its tasks are moved away",
} as const;

export function setAvailability(apply: Applier, event: Of<"availabilityRequested">): void {
  const node = apply.state.nodeNamed(event.node);
  if (node === undefined) {
    apply.reply(event.request, { kind: "unknown" });
    return;
  }
  apply.reply(event.request, { kind: "done" });
  if (node.availability === event.availability) return;
  const from = node.availability;
  node.availability = event.availability;
  node.draining = undefined;
  node.drainTriedAt = undefined;
  if (node.status === "ready") node.reason = "";
  apply.node(node, { durable: true, mayLetIn: true });
  apply.event({ kind: "node", node: node.name, from, to: event.availability, reason: SENTENCES[event.availability] });
}

/** Forgets a node that is down. What was placed there is placed again; what was to stop counts as stopped. */
export function removeNode(apply: Applier, event: Of<"nodeRemovalRequested">): void {
  const { state, now } = apply;
  const node = state.nodeNamed(event.node);
  if (node === undefined) {
    apply.reply(event.request, { kind: "unknown" });
    return;
  }
  if (node.status === "ready") {
    apply.reply(event.request, { kind: "nodeUp" });
    return;
  }
  for (const id of [...node.tasks]) {
    const task = state.tasks.get(id);
    if (task !== undefined) apply.task(withoutNode(task, `its node ${node.name} was removed`, now));
  }
  if (node.session !== undefined) apply.close(node.session.id);
  apply.removeNode(node);
  apply.event({ kind: "node", node: node.name, from: node.status, reason: "removed from the cluster" });
  apply.reply(event.request, { kind: "done" });
}

function withoutNode(task: Task, reason: string, now: Now): Task {
  if (task.desired === "stop") return completed(task, { exitCode: undefined, reason, at: now.wall });
  return returned(task, { reason, failed: false });
}

/**
 * Moves the tasks of draining nodes away: one at a time, and none that would have nowhere to go. Where none can go, it is
 * tried again when something has changed that could let one in.
 */
export function continueDrains(apply: Applier): void {
  const { state } = apply;
  for (const node of state.nodes.values()) {
    if (node.availability !== "drain" || node.status !== "ready" || isMoving(state, node)) continue;
    if (node.draining === undefined && node.drainTriedAt === state.pending.openings) continue;
    moveNext(apply, node);
  }
}

/** True while the task that was moved last has not found its feet elsewhere. */
function isMoving(state: ManagerState, node: ManagedNode): boolean {
  const task = node.draining === undefined ? undefined : state.tasks.get(node.draining);
  if (task === undefined) return false;
  return task.state !== "running" || task.nodeId === node.id || task.health === "starting";
}

function moveNext(apply: Applier, node: ManagedNode): void {
  const { state, now } = apply;
  node.draining = undefined;
  node.drainTriedAt = state.pending.openings;
  const hopeless = new Set<TaskSpec>();
  for (const id of node.tasks) {
    const task = state.tasks.get(id);
    if (task === undefined || task.desired === "stop" || task.moving !== undefined || hopeless.has(task.spec)) continue;
    const excluded = state.excluded(id, now);
    if (!state.scheduler.fits(placementRequest(task, excluded))) {
      if (excluded === undefined) hopeless.add(task.spec);
      else node.drainTriedAt = undefined; // an exclusion ends without anything happening
      continue;
    }
    node.draining = id;
    apply.task(moveWanted(task, `moving: node ${node.name} is being drained`));
    return;
  }
  const left = node.tasks.size;
  const noun = left === 1 ? "task has" : "tasks have";
  const reason = left === 0 ? "drained" : `draining: ${String(left)} ${noun} nowhere else to go`;
  if (node.reason === reason) return;
  node.reason = reason;
  apply.event({ kind: "node", node: node.name, reason });
}
