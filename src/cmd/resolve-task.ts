/** From what a user calls a task to its id. */
import type { TaskJson } from "../api/task-json.ts";
import type { Birdman } from "../client/client.ts";
import { parseTaskId } from "../task/id.ts";
import { TASK_STATES, isFinal, type TaskState } from "../task/state.ts";
import { CommandError } from "./errors.ts";
import { formatAge } from "./format.ts";
import { didYouMean } from "./suggest.ts";

/** Candidates listed in an error. */
const CANDIDATES = 10;

const ID_PREFIX = /^[0-9a-f][0-9a-f-]*$/i;
const LIVE = TASK_STATES.filter((state) => !isFinal(state));
const ENDED = TASK_STATES.filter(isFinal);

/**
 * The id of the task that is meant by an id, by a name that only one live task has, or by a beginning of the id that only
 * one task has, in this order. A whole id is not looked up: whoever uses it is told when there is none.
 *
 * Rejects with a CommandError that lists the candidates where there are several, and what comes close where there is none.
 */
export async function resolveTask(client: Birdman, word: string, now: number): Promise<string> {
  const id = parseTaskId(word);
  if (id !== undefined) return id;
  const [live, prefixed] = await Promise.all([tasksNamed(client, word, LIVE), tasksWithPrefix(client, word)]);
  const candidates = live.length > 0 ? live : prefixed;
  const [first, ...others] = candidates;
  if (first !== undefined && others.length === 0) return first.id;
  if (first !== undefined) {
    throw new CommandError(`'${word}' may be any of several tasks; use one of their ids:${listed(candidates, now)}`);
  }
  const ended = await tasksNamed(client, word, ENDED);
  if (ended.length > 0) {
    throw new CommandError(`no live task is named '${word}'; these have ended, use their ids:${listed(ended, now)}`);
  }
  const { tasks } = await client.tasks();
  const suggestion = didYouMean(word, [...new Set(tasks.map(({ name }) => name))]);
  throw new CommandError(`there is no task '${word}'${suggestion}; 'birdman status' lists them`);
}

async function tasksNamed(client: Birdman, name: string, states: readonly TaskState[]): Promise<TaskJson[]> {
  if (name === "") return [];
  const pages = await Promise.all(states.map(async (state) => client.tasks({ name, state, limit: CANDIDATES + 1 })));
  return pages.flatMap(({ tasks }) => tasks);
}

async function tasksWithPrefix(client: Birdman, prefix: string): Promise<readonly TaskJson[]> {
  if (!ID_PREFIX.test(prefix)) return [];
  const { tasks } = await client.tasks({ idPrefix: prefix.toLowerCase(), limit: CANDIDATES + 1 });
  return tasks;
}

function listed(tasks: readonly TaskJson[], now: number): string {
  const lines = tasks.slice(0, CANDIDATES).map(({ id, name, state, node, createdAt }) => {
    const where = node === null ? "" : ` on ${node}`;
    return `\n  ${id}  ${name}, ${state}${where}, made ${formatAge(createdAt, now)} ago`;
  });
  return lines.join("") + (tasks.length > CANDIDATES ? "\n  …" : "");
}
