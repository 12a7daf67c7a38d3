/**
 * The states of a task and the moves between them. Nothing else moves a task; `completed` and `failed` are final.
 *
 * A task is accepted as `pending`. It is placed on a node (`scheduled`), the worker reports it `running`, and it ends
 * `completed` or `failed`. A task whose node was lost, drained or refused it, that a user restarts, or that its worker
 * gave up while reschedules are left, goes back to `pending` and is placed again as a new attempt.
 */
export const TASK_STATES = ["pending", "scheduled", "running", "completed", "failed"] as const;

export type TaskState = (typeof TASK_STATES)[number];

/** What the user wants: that the task runs, or that it has stopped. */
export type DesiredState = "run" | "stop";

/** The number of each state on the wire and in the classic format. */
export const STATE_CODE: Readonly<Record<TaskState, number>> = {
  pending: 0,
  scheduled: 1,
  running: 2,
  completed: 3,
  failed: 4,
};

const MOVES: Readonly<Record<TaskState, readonly TaskState[]>> = {
  pending: ["scheduled", "completed"],
  scheduled: ["running", "completed", "failed", "pending"],
  running: ["completed", "failed", "pending"],
  completed: [],
  failed: [],
};

/** The states in which a task can come into being: accepted by the manager, or adopted from a worker's report. */
export const FIRST_STATES: readonly TaskState[] = ["pending", "scheduled", "running"];

export function canMove(from: TaskState, to: TaskState): boolean {
  return MOVES[from].includes(to);
}

/** True for the states that nothing leaves. */
export function isFinal(state: TaskState): boolean {
  return MOVES[state].length === 0;
}
