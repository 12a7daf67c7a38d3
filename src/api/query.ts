/** The query parameters of each route that has any. The API's description is made from the same tables. */
import type { LogOptions } from "../protocol/messages.ts";
import { parseTaskId, type TaskId, UUID_PATTERN } from "../task/id.ts";
import { TASK_STATES, type TaskState } from "../task/state.ts";
import {
  flag,
  integer,
  matching,
  moment,
  oneOf,
  orWord,
  type QueryReading,
  readParameters,
  refusedQuery,
  text,
} from "./parameters.ts";

/** The most items of one page, and how many there are when nothing is said. */
export const PAGE_LIMIT = 1000;

/** Of `GET /tasks`. */
export const TASK_PARAMETERS = {
  state: oneOf(TASK_STATES, "Only tasks in this state"),
  node: text("Only tasks that are, or last were, on the node of this name"),
  name: text("Only tasks of this name"),
  label: text("Only tasks with this label: `key=value`, or a key alone"),
  prefix: matching(
    "^[0-9a-fA-F-]{1,36}$",
    "must be the beginning of a task's id",
    "Only tasks whose id begins with this",
  ),
  limit: integer({ least: 1, most: PAGE_LIMIT }, `The most tasks of one page; ${String(PAGE_LIMIT)} by default`),
  cursor: matching(
    "^[0-9]{1,16}$",
    "must be a cursor that the page before gave",
    "Where this page begins: out of the `Link` header of the page before",
  ),
};

/** Of `GET /tasks/{id}/logs`. */
export const LOG_PARAMETERS = {
  follow: flag("Goes on with what is written from now on"),
  tail: orWord("all", integer({ least: 0, most: 1_000_000_000 }, "Only so many of the last lines")),
  since: moment("Only what was written since: a time, or a duration before now such as `10m`"),
  timestamps: flag("Each line begins with its time"),
  stdout: flag("Standard output; when only one of `stdout` and `stderr` is named, it alone is meant"),
  stderr: flag("Standard error"),
};

/** Of `GET /events`. */
export const EVENT_PARAMETERS = {
  follow: flag("Goes on with what happens from now on, as a stream of server-sent events; true by default"),
  kind: oneOf(["task", "node", "manager"], "Only events of this kind"),
  task: matching(UUID_PATTERN, "must be the id of a task", "Only events of the task of this id"),
  node: text("Only events on the node of this name"),
  since: moment("Only events since: a time, or a duration before now such as `10m`"),
  after: integer(
    { least: 0, most: Number.MAX_SAFE_INTEGER },
    "Only events with a greater `seq`, the oldest of them first; `Last-Event-ID` says the same and wins",
  ),
  limit: integer(
    { least: 0, most: PAGE_LIMIT },
    `The most events of a list, and how many of the newest a stream begins with; ${String(PAGE_LIMIT)} by default`,
  ),
};

export interface EventFilters {
  readonly follow: boolean;
  readonly kind?: "task" | "node" | "manager";
  readonly task?: TaskId;
  readonly node?: string;
  /** Wall clock, milliseconds. */
  readonly since?: number;
  readonly after?: number;
  readonly limit: number;
}

export interface TaskFilters {
  readonly state?: TaskState;
  readonly node?: string;
  readonly name?: string;
  readonly label?: string;
  readonly idPrefix?: string;
  readonly limit: number;
  readonly cursor?: string;
}

export function readTaskQuery(query: unknown): QueryReading<TaskFilters> {
  const reading = readParameters(TASK_PARAMETERS, query);
  if (reading.kind === "refused") return reading;
  const { prefix, limit = PAGE_LIMIT, ...rest } = reading.value;
  const idPrefix = prefix === undefined ? {} : { idPrefix: prefix.toLowerCase() };
  return { kind: "query", value: { ...rest, ...idPrefix, limit } };
}

/** `now`: wall clock, milliseconds. */
export function readLogQuery(query: unknown, now: number): QueryReading<LogOptions> {
  const reading = readParameters(LOG_PARAMETERS, query);
  if (reading.kind === "refused") return reading;
  const { follow = false, timestamps = false, tail, since, ...wants } = reading.value;
  const stdout = wants.stdout ?? wants.stderr !== true;
  const stderr = wants.stderr ?? wants.stdout !== true;
  if (!stdout && !stderr) {
    return refusedQuery([{ path: "stdout", message: "stdout and stderr cannot both be left out" }]);
  }
  return {
    kind: "query",
    value: {
      ...{ follow, timestamps, stdout, stderr },
      ...(typeof tail === "number" ? { tail } : {}),
      ...(since === undefined ? {} : { since: since(now) }),
    },
  };
}

/** `now`: wall clock, milliseconds. */
export function readEventQuery(query: unknown, now: number): QueryReading<EventFilters> {
  const reading = readParameters(EVENT_PARAMETERS, query);
  if (reading.kind === "refused") return reading;
  const { follow = true, limit = PAGE_LIMIT, task, since, ...rest } = reading.value;
  const id = task === undefined ? undefined : parseTaskId(task);
  return {
    kind: "query",
    value: {
      ...rest,
      ...(id === undefined ? {} : { task: id }),
      ...(since === undefined ? {} : { since: since(now) }),
      ...{ follow, limit },
    },
  };
}

/** Of routes that take no parameters. */
export function readNoQuery(query: unknown): QueryReading<undefined> {
  const reading = readParameters({}, query);
  return reading.kind === "refused" ? reading : { kind: "query", value: undefined };
}
