/**
 * The life of a task: the only code that changes a state. Each function takes a task and gives the changed one; a move
 * that the table in `state.ts` does not have is a programmer's error. What a worker *reports* is checked before it gets
 * here (`canMove`) and refused as data.
 */
import { assert } from "../utils/assert.ts";
import type { TaskId } from "./id.ts";
import type { TaskSpec } from "./spec.ts";
import { canMove, isFinal, type TaskState } from "./state.ts";
import type { Health, Origin, PortBinding, Task } from "./task.ts";

/** Shared by the tasks that have none, which are most. */
const NO_PORTS: readonly PortBinding[] = [];

export interface NewTask {
  readonly id: TaskId;
  readonly name: string;
  readonly seq: number;
  readonly spec: TaskSpec;
  readonly at: number;
}

/** – → pending. */
export function accepted(task: NewTask): Task {
  return {
    id: task.id,
    name: task.name,
    seq: task.seq,
    spec: task.spec,
    origin: "submitted",
    state: "pending",
    desired: "run",
    nodeId: undefined,
    attempt: 0,
    restarts: 0,
    reschedules: 0,
    moving: undefined,
    notBefore: undefined,
    containerId: undefined,
    ports: NO_PORTS,
    health: "none",
    exitCode: undefined,
    reason: "waiting to be placed",
    createdAt: task.at,
    scheduledAt: undefined,
    startedAt: undefined,
    finishedAt: undefined,
  };
}

export interface Adoption {
  readonly nodeId: string;
  readonly attempt: number;
  readonly origin: Exclude<Origin, "submitted">;
  readonly reason: string;
}

/** – → scheduled: a worker reports what this manager has no record of. Its report then makes it running. */
export function adopted(task: NewTask, adoption: Adoption): Task {
  return {
    ...accepted(task),
    origin: adoption.origin,
    state: "scheduled",
    nodeId: adoption.nodeId,
    attempt: adoption.attempt,
    reason: adoption.reason,
    scheduledAt: task.at,
  };
}

export interface Placement {
  readonly nodeId: string;
  readonly reason: string;
  /** Wall clock, milliseconds. */
  readonly at: number;
}

/** pending → scheduled: a new attempt. */
export function placed(task: Task, { nodeId, reason, at }: Placement): Task {
  assertMove(task, "scheduled");
  return {
    ...task,
    state: "scheduled",
    nodeId,
    attempt: task.attempt + 1,
    restarts: 0,
    moving: undefined,
    notBefore: undefined,
    containerId: undefined,
    ports: NO_PORTS,
    health: "none",
    exitCode: undefined,
    reason,
    scheduledAt: at,
    startedAt: undefined,
  };
}

/**
 * → scheduled: a worker reports a higher attempt than is known here, so the store was rolled back. The attempt is the
 * task's from now on; a lower one that is placed is to be `returned` before.
 */
export function overtaken(task: Task, placement: Placement & { readonly attempt: number }): Task {
  return { ...placed(task, placement), attempt: placement.attempt };
}

export interface Running {
  readonly containerId: string | undefined;
  readonly ports: readonly PortBinding[];
  readonly health: Health;
  readonly restarts: number;
  readonly startedAt: number;
  readonly reason: string;
}

/** scheduled → running, or news of a task that runs. */
export function reportedRunning(task: Task, running: Running): Task {
  if (task.state !== "running") assertMove(task, "running");
  const { containerId, ports, health, restarts, startedAt, reason } = running;
  return { ...task, state: "running", containerId, ports, health, restarts, startedAt, reason };
}

/** News of an attempt that has not started yet: pulling, starting, waiting. No change of state. */
export function progressed(task: Task, reason: string, restarts = task.restarts): Task {
  assert(!isFinal(task.state), `task ${task.id} has ended and cannot make progress`);
  return { ...task, reason, restarts };
}

export interface Ending {
  readonly exitCode: number | undefined;
  readonly reason: string;
  readonly at: number;
}

/** → completed: it ended well, or as it was told to. */
export function completed(task: Task, ending: Ending): Task {
  return end(task, "completed", ending);
}

/** → failed: nobody will try again. */
export function failed(task: Task, ending: Ending): Task {
  return end(task, "failed", ending);
}

function end(task: Task, state: "completed" | "failed", { exitCode, reason, at }: Ending): Task {
  assertMove(task, state);
  return {
    ...task,
    state,
    exitCode,
    reason,
    finishedAt: at,
    moving: undefined,
    notBefore: undefined,
    health: "none",
  };
}

export interface Return {
  readonly reason: string;
  /** Wall clock, milliseconds; absent: at once. */
  readonly notBefore?: number;
  /** True when the attempt failed, which uses up one of the reschedules. */
  readonly failed: boolean;
  readonly exitCode?: number | undefined;
}

/** scheduled, running → pending: the attempt is over, the task is not. */
export function returned(task: Task, { reason, notBefore, failed: isFailure, exitCode }: Return): Task {
  assertMove(task, "pending");
  return {
    ...task,
    state: "pending",
    reason,
    notBefore,
    exitCode,
    moving: undefined,
    reschedules: task.reschedules + (isFailure ? 1 : 0),
    health: "none",
    ports: NO_PORTS,
    containerId: undefined,
  };
}

/** The user wants it stopped; what runs is stopped by its worker. */
export function stopWanted(task: Task, reason: string): Task {
  assert(!isFinal(task.state), `task ${task.id} has ended and cannot be stopped`);
  return { ...task, desired: "stop", reason };
}

/** The current attempt is to end and the task to be placed again. */
export function moveWanted(task: Task, reason: string): Task {
  assert(!isFinal(task.state), `task ${task.id} has ended and cannot be moved`);
  return { ...task, moving: reason, reason };
}

function assertMove(task: Task, to: TaskState): void {
  assert(canMove(task.state, to), `task ${task.id} cannot go from ${task.state} to ${to}`);
}
