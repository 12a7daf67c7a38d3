import type { Task } from "../task/task.ts";
import type { TaskState } from "../task/state.ts";
import type { Entry } from "./core/entry.ts";

/** An attempt as the task that the worker's own API shows. */
export function taskOf(entry: Entry, nodeId: string): Task {
  const { phase, health } = entry;
  const result = phase.kind === "ended" ? phase.result : undefined;
  return {
    id: entry.id,
    name: entry.name,
    seq: 0,
    spec: entry.spec,
    origin: entry.local ? "local" : "submitted",
    state: stateOf(entry),
    desired: entry.stopReason === undefined && !entry.isStopRequested ? "run" : "stop",
    nodeId,
    attempt: entry.attempt,
    restarts: entry.restarts,
    reschedules: 0,
    moving: undefined,
    notBefore: undefined,
    containerId: entry.containerId,
    ports: result === undefined && entry.startedAt !== undefined ? entry.ports : [],
    health: health.health,
    exitCode: result?.exitCode,
    reason: entry.reason,
    createdAt: entry.createdAt,
    scheduledAt: entry.createdAt,
    startedAt: entry.startedAt,
    finishedAt: result?.finishedAt,
  };
}

/** Once it has run, an attempt counts as running until it has ended. */
export function stateOf({ phase, startedAt, isReleased }: Entry): TaskState {
  // Released for the lease: to be placed again, wherever its manager likes.
  if (phase.kind !== "ended") return startedAt === undefined ? "scheduled" : "running";
  const { state } = phase.result;
  if (state !== "released") return state;
  return isReleased ? "pending" : "completed";
}
