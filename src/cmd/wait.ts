/** Waiting until tasks are where they were meant to go, by asking again and again. */
import { setTimeout as sleep } from "node:timers/promises";
import type { TaskJson } from "../api/task-json.ts";
import { ClientError } from "../client/client-error.ts";
import type { Birdman } from "../client/client.ts";
import { isFinal } from "../task/state.ts";
import { settleAll } from "./concurrently.ts";
import type { Context } from "./context.ts";
import { CommandError } from "./errors.ts";
import { painter } from "./terminal/paint.ts";
import { ProgressLine } from "./terminal/progress.ts";
import { describeStanding, waitLines } from "./wait-lines.ts";

/** The least milliseconds between two rounds of questions; and while they take long, so many times as long. */
const INTERVAL_MS = 200;
const REST = 2;

/** A manager that is away, since it is restarted say, is waited for so long. */
const PATIENCE_MS = 30_000;

/** More tasks than this are looked up in the list of all, a thousand at a time, and not one by one. */
const ONE_BY_ONE = 32;

export interface WaitRequest {
  readonly ids: readonly string[];
  /** Whether there is nothing left to wait for. */
  readonly isSettled: (task: TaskJson) => boolean;
  /** Milliseconds after which waiting is given up; forever without. */
  readonly timeoutMs?: number;
  /** False with --no-color. */
  readonly color?: boolean;
}

/**
 * The tasks once all of them are settled, in the order of the ids. On a terminal it shows how far they are. Rejects with
 * a CommandError when the time is up; what was asked for still stands then.
 */
export async function waitForTasks(client: Birdman, context: Context, request: WaitRequest): Promise<TaskJson[]> {
  const { ids, isSettled, timeoutMs = Number.POSITIVE_INFINITY, color } = request;
  const progress = new ProgressLine(context.stderr);
  const paint = painter(context, context.stderr, color);
  const begun = context.now();
  const known = new Map<string, TaskJson>();
  const isOpen = (id: string): boolean => {
    const task = known.get(id);
    return task === undefined || !isSettled(task);
  };
  let answered = begun;
  try {
    for (;;) {
      const asked = context.now();
      const found = await orPassing(tasksOf(client, ids.filter(isOpen)), asked - answered < PATIENCE_MS);
      const now = context.now();
      const isAway = found instanceof ClientError;
      if (!isAway) for (const task of found) known.set(task.id, task);
      const tasks = ids.flatMap((id) => known.get(id) ?? []);
      const open = tasks.filter((task) => !isSettled(task));
      if (isAway) progress.show(`${found.message}; trying again`);
      else {
        answered = now;
        progress.showLines(waitLines({ tasks, open }, { now, width: context.stderr.columns, paint }));
      }
      if (!ids.some(isOpen)) {
        progress.keep();
        return tasks;
      }
      if (now - begun >= timeoutMs) {
        throw new CommandError(`still waiting, and the time is up: ${describeStanding({ tasks, open })}`);
      }
      await sleep(Math.max(INTERVAL_MS, REST * (now - asked)));
    }
  } finally {
    progress.clear();
  }
}

/** The answer; or why there is none, where that may pass and there is time. */
async function orPassing<Answer>(answer: Promise<Answer>, hasTime: boolean): Promise<Answer | ClientError> {
  try {
    return await answer;
  } catch (error) {
    const passes = error instanceof ClientError && (error.isUnreachable || error.status === 503);
    if (passes && hasTime) return error;
    throw error;
  }
}

/** As they are now. Rejects when one of them is not there any more. */
async function tasksOf(client: Birdman, ids: readonly string[]): Promise<readonly TaskJson[]> {
  const found = ids.length > ONE_BY_ONE ? await fromList(client, ids) : [];
  const listed = new Set(found.map(({ id }) => id));
  // Those that were not among the newest of all.
  const missing = ids.filter((id) => !listed.has(id));
  const outcomes = await settleAll(missing, async (id) => client.task(id));
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") throw outcome.reason;
    found.push(outcome.value);
  }
  return found;
}

/** What was just submitted is among the newest: no more tasks are gone through than twice as many. */
async function fromList(client: Birdman, ids: readonly string[]): Promise<TaskJson[]> {
  const wanted = new Set(ids);
  const found: TaskJson[] = [];
  let seen = 0;
  for await (const task of client.everyTask({ limit: 1000 })) {
    seen += 1;
    if (wanted.has(task.id)) found.push(task);
    if (found.length === ids.length || seen >= 2 * ids.length + 1000) break;
  }
  return found;
}

/**
 * Up: healthy, or running where nothing checks its health; or ended, well or not. A check that has not been heard of yet
 * is not passed.
 */
export function isUpOrEnded({ state, health, spec }: TaskJson): boolean {
  if (isFinal(state)) return true;
  return state === "running" && (health === "healthy" || (health === "none" && spec.health === undefined));
}

/** What no check looks at has to run on for so long, so that one which ends at once is not called up. Milliseconds. */
const STEADY_MS = 1000;

/**
 * The same, for one wait: where nothing checks its health, a task is up once it has been seen running for a second, in one
 * run. Between two runs it is "running" as well, and its reason says otherwise.
 */
export function isSteadyOrEnded(now: () => number): (task: TaskJson) => boolean {
  const seen = new Map<string, { readonly run: string; readonly since: number }>();
  return (task) => {
    if (!isUpOrEnded(task)) return false;
    if (isFinal(task.state) || task.health === "healthy") return true;
    const { id, attempt, restarts, reason } = task;
    if (reason.includes("starting again")) return false;
    const run = `${String(attempt)}/${String(restarts)} ${reason}`;
    const known = seen.get(id);
    if (known?.run === run) return now() - known.since >= STEADY_MS;
    seen.set(id, { run, since: now() });
    return false;
  };
}

export function hasEnded({ state }: TaskJson): boolean {
  return isFinal(state);
}
