import type { TaskId } from "./id.ts";
import type { Protocol, TaskSpec } from "./spec.ts";
import type { DesiredState, TaskState } from "./state.ts";

export type Health = "none" | "starting" | "healthy" | "unhealthy";

/** Where one of a task's ports can be reached. */
export interface PortBinding {
  readonly container: number;
  readonly host: number;
  readonly protocol: Protocol;
  readonly address: string;
}

/**
 * Where a task came from: submitted to a manager; started on a worker directly and adopted; or reported by a worker to
 * a manager whose store did not know it.
 */
export type Origin = "submitted" | "local" | "recovered";

/** What there is to know of a task. A value: every change makes a new one, in `lifecycle.ts`. */
export interface Task {
  readonly id: TaskId;
  readonly name: string;
  /** Place in the order in which tasks were accepted, from 1. */
  readonly seq: number;
  readonly spec: TaskSpec;
  readonly origin: Origin;
  readonly state: TaskState;
  readonly desired: DesiredState;
  /** The node of the current or the last attempt. */
  readonly nodeId: string | undefined;
  /** Number of the current or the last attempt; 0 before the first placement. */
  readonly attempt: number;
  /** Times the worker restarted it within the current attempt. */
  readonly restarts: number;
  /** Times it was placed again because an attempt failed; what `reschedule.attempts` bounds. */
  readonly reschedules: number;
  /** The current attempt is to be stopped and the task placed again: what for, in a sentence. */
  readonly moving: string | undefined;
  /** Not to be placed before this moment (wall clock, milliseconds). */
  readonly notBefore: number | undefined;
  readonly containerId: string | undefined;
  readonly ports: readonly PortBinding[];
  readonly health: Health;
  readonly exitCode: number | undefined;
  readonly reason: string;
  /** Wall clock, milliseconds. */
  readonly createdAt: number;
  readonly scheduledAt: number | undefined;
  readonly startedAt: number | undefined;
  readonly finishedAt: number | undefined;
}
