/** The names that could stand for a placeholder: its choices, what the cluster has, what this user has. */
import { Argument, type Option } from "commander";
import type { Birdman } from "../../client/client.ts";
import { TASK_STATES, isFinal } from "../../task/state.ts";
import { connect } from "../connect.ts";
import type { Context } from "../context.ts";
import { contextFile, DEFAULT_CONTEXT, readContexts } from "../contexts/context-file.ts";
import type { ConnectionOptions } from "../options.ts";
import type { Candidate, Candidates } from "./candidates.ts";

export interface Question {
  /** As much as is there of the name. */
  readonly prefix: string;
  /** The options that were given, or stand in the settings. */
  readonly options: Partial<ConnectionOptions>;
  readonly context: Context;
}

/** A user at a prompt waits no longer. */
const PATIENCE_MS = 1000;

export async function namesOf(wanted: Option | Argument, question: Question): Promise<Candidates> {
  const { argChoices } = wanted;
  if (argChoices !== undefined) return argChoices.map((value) => ({ value, about: "" }));
  switch (placeholderOf(wanted)) {
    case "task":
      return ask(question, tasks);
    case "node":
      return ask(question, nodes);
    case "context":
      return contexts(question.context);
    case "file":
    case "directory":
      return "files";
    default:
      return [];
  }
}

/** `task` of `<task...>`, and of `--task <task>`. */
function placeholderOf(wanted: Option | Argument): string {
  return wanted instanceof Argument ? wanted.name() : (/[<[]([\w-]+)/.exec(wanted.flags)?.[1] ?? "");
}

async function ask(
  { options, prefix }: Question,
  names: (client: Birdman, prefix: string, signal: AbortSignal) => Promise<Candidate[]>,
): Promise<Candidate[]> {
  const { manager } = options;
  if (manager === undefined) return [];
  return names(connect({ ...options, manager }), prefix, AbortSignal.timeout(PATIENCE_MS));
}

async function nodes(client: Birdman, _prefix: string, signal: AbortSignal): Promise<Candidate[]> {
  const all = await client.nodes({ signal });
  return all.map(({ name, status }) => ({ value: name, about: status }));
}

/** Names that just one live task has; ids where one was begun. */
async function tasks(client: Birdman, prefix: string, signal: AbortSignal): Promise<Candidate[]> {
  const live = TASK_STATES.filter((state) => !isFinal(state)).map(async (state) => client.tasks({ state }, { signal }));
  const begun = /^[0-9a-f][0-9a-f-]*$/i.test(prefix) ? [client.tasks({ idPrefix: prefix }, { signal })] : [];
  const [named, identified] = await Promise.all([Promise.all(live), Promise.all(begun)]);
  const all = named.flatMap((page) => page.tasks);
  const counts = new Map<string, number>();
  for (const { name } of all) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [
    ...all
      .filter(({ name }) => counts.get(name) === 1)
      .map(({ name, state, node }) => ({ value: name, about: node === null ? state : `${state} on ${node}` })),
    ...identified
      .flatMap((page) => page.tasks)
      .map(({ id, name, state }) => ({ value: id, about: `${name}, ${state}` })),
  ];
}

function contexts({ env }: Context): Candidate[] {
  const all = Object.entries(readContexts(contextFile(env)).contexts);
  return [
    ...all.map(([name, { manager }]) => ({ value: name, about: manager })),
    { value: DEFAULT_CONTEXT, about: "" },
  ];
}
