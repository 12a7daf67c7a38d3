/** Waiting until tasks are where they were meant to go, by asking again and again. */
import { setTimeout as sleep } from "node:timers/promises";
import type { TaskJson } from "../api/task-json.ts";
import type { Birdman } from "../client/client.ts";
import { isFinal } from "../task/state.ts";
import { settleAll } from "./concurrently.ts";
import type { Context } from "./context.ts";
import { CommandError } from "./errors.ts";
import { ProgressLine } from "./terminal/progress.ts";

/** Milliseconds between two rounds of questions. */
const INTERVAL_MS = 200;

export interface WaitRequest {
  readonly ids: readonly string[];
  /** Whether there is nothing left to wait for. */
  readonly isSettled: (task: TaskJson) => boolean;
  /** Milliseconds after which waiting is given up; forever without. */
  readonly timeoutMs?: number;
}

/**
 * The tasks once all of them are settled, in the order of the ids. On a terminal it shows how far they are. Rejects with
 * a CommandError when the time is up; what was asked for still stands then.
 */
export async function waitForTasks(client: Birdman, context: Context, request: WaitRequest): Promise<TaskJson[]> {
  const { ids, isSettled, timeoutMs = Number.POSITIVE_INFINITY } = request;
  const progress = new ProgressLine(context.stderr);
  const deadline = context.now() + timeoutMs;
  const known = new Map<string, TaskJson>();
  const isOpen = (id: string): boolean => {
    const task = known.get(id);
    return task === undefined || !isSettled(task);
  };
  try {
    for (;;) {
      const outcomes = await settleAll(ids.filter(isOpen), async (id) => client.task(id));
      for (const outcome of outcomes) {
        if (outcome.status === "rejected") throw outcome.reason;
        known.set(outcome.value.id, outcome.value);
      }
      const tasks = [...known.values()];
      const open = tasks.filter((task) => !isSettled(task));
      const [first] = open;
      if (first === undefined) return tasks;
      const standing = describe(first, tasks.length - open.length, tasks.length);
      progress.show(standing);
      if (context.now() >= deadline) throw new CommandError(`still waiting, and the time is up: ${standing}`);
      await sleep(INTERVAL_MS);
    }
  } finally {
    progress.clear();
  }
}

/** `2 of 3 are there; echo is scheduled on worker1: pulling the image`. */
function describe({ name, state, node, reason }: TaskJson, settled: number, total: number): string {
  const count = total === 1 ? "" : `${String(settled)} of ${String(total)} are there; `;
  return `${count}${name} is ${state}${node === null ? "" : ` on ${node}`}${reason === "" ? "" : `: ${reason}`}`;
}

/** Up: healthy, or running where nothing checks its health; or ended, well or not. */
export function isUpOrEnded({ state, health }: TaskJson): boolean {
  return isFinal(state) || (state === "running" && (health === "healthy" || health === "none"));
}

export function hasEnded({ state }: TaskJson): boolean {
  return isFinal(state);
}
