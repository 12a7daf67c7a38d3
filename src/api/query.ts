/**
 * Query parameters, checked by name: one that a route does not know, that stands twice or that cannot have its value is
 * refused, so that a mistyped filter never shows everything.
 */
import type { LogOptions } from "../protocol/messages.ts";
import { TASK_STATES, type TaskState } from "../task/state.ts";
import { closest } from "../utils/closest.ts";
import { parseDuration } from "../utils/durations.ts";
import { type FieldError, type Problem, problem } from "./problems.ts";

/** The most items of one page, and how many there are when nothing is said. */
export const PAGE_LIMIT = 1000;

export interface TaskFilters {
  readonly state?: TaskState;
  readonly node?: string;
  readonly name?: string;
  readonly label?: string;
  readonly idPrefix?: string;
  readonly limit: number;
  readonly cursor?: string;
}

export type QueryReading<T> =
  { readonly kind: "query"; readonly value: T } | { readonly kind: "refused"; readonly problem: Problem };

/** Of `GET /tasks`: `state node name label prefix limit cursor`; `prefix` is the beginning of an id. */
export function readTaskQuery(query: unknown): QueryReading<TaskFilters> {
  const parameters = new Parameters(query, ["state", "node", "name", "label", "prefix", "limit", "cursor"]);
  const state = parameters.oneOf("state", TASK_STATES);
  const node = parameters.text("node");
  const name = parameters.text("name");
  const label = parameters.text("label");
  const idPrefix = parameters.matching("prefix", /^[0-9a-f-]{1,36}$/i, "must be the beginning of a task's id");
  const limit = parameters.integer("limit", 1, PAGE_LIMIT) ?? PAGE_LIMIT;
  const cursor = parameters.matching("cursor", /^\d{1,16}$/, "must be a cursor that the page before gave");
  return parameters.result({
    ...(state === undefined ? {} : { state }),
    ...(node === undefined ? {} : { node }),
    ...(name === undefined ? {} : { name }),
    ...(label === undefined ? {} : { label }),
    ...(idPrefix === undefined ? {} : { idPrefix: idPrefix.toLowerCase() }),
    limit,
    ...(cursor === undefined ? {} : { cursor }),
  });
}

/**
 * Of `GET /tasks/{id}/logs`: `follow tail since timestamps stdout stderr`. `since` is a time in ISO 8601 or a duration
 * before now. When only one of the streams is named, it alone is meant.
 */
export function readLogQuery(query: unknown, now: number): QueryReading<LogOptions> {
  const parameters = new Parameters(query, ["follow", "tail", "since", "timestamps", "stdout", "stderr"]);
  const follow = parameters.flag("follow") ?? false;
  const timestamps = parameters.flag("timestamps") ?? false;
  const tail = parameters.is("tail", "all") ? undefined : parameters.integer("tail", 0, 1_000_000_000);
  const since = parameters.moment("since", now);
  const wantsStdout = parameters.flag("stdout");
  const wantsStderr = parameters.flag("stderr");
  const stdout = wantsStdout ?? wantsStderr !== true;
  const stderr = wantsStderr ?? wantsStdout !== true;
  if (!stdout && !stderr) parameters.refuse("stdout", "stdout and stderr cannot both be left out");
  return parameters.result({
    follow,
    timestamps,
    stdout,
    stderr,
    ...(tail === undefined ? {} : { tail }),
    ...(since === undefined ? {} : { since }),
  });
}

/** Of routes that take no parameters. */
export function readNoQuery(query: unknown): QueryReading<undefined> {
  return new Parameters(query, []).result(undefined);
}

class Parameters {
  readonly #values = new Map<string, string>();
  readonly #errors: FieldError[] = [];

  constructor(query: unknown, known: readonly string[]) {
    for (const [name, value] of Object.entries(query ?? {})) {
      if (!known.includes(name)) {
        const meant = closest(name, known);
        const there = known.length === 0 ? "there are none here" : `there are ${known.join(", ")}`;
        this.refuse(name.slice(0, 64), `unknown parameter; ${meant === undefined ? there : `did you mean ${meant}?`}`);
      } else if (typeof value !== "string") this.refuse(name, "must be given once");
      else if (value.length > 1024) this.refuse(name, "must have at most 1024 characters");
      else this.#values.set(name, value);
    }
  }

  result<T>(value: T): QueryReading<T> {
    const [first] = this.#errors;
    if (first === undefined) return { kind: "query", value };
    return { kind: "refused", problem: problem("invalid_query", `${first.path}: ${first.message}`, this.#errors) };
  }

  refuse(name: string, message: string): void {
    this.#errors.push({ path: name, message });
  }

  is(name: string, text: string): boolean {
    return this.#values.get(name) === text;
  }

  text(name: string): string | undefined {
    const text = this.#values.get(name);
    if (text === "") this.refuse(name, "must not be empty");
    return text;
  }

  matching(name: string, form: RegExp, message: string): string | undefined {
    const text = this.#values.get(name);
    if (text !== undefined && !form.test(text)) this.refuse(name, message);
    return text;
  }

  oneOf<T extends string>(name: string, words: readonly T[]): T | undefined {
    const text = this.#values.get(name);
    const word = words.find((candidate) => candidate === text);
    if (text !== undefined && word === undefined) this.refuse(name, `must be one of ${words.join(", ")}`);
    return word;
  }

  /** `?follow` alone means yes. */
  flag(name: string): boolean | undefined {
    const text = this.#values.get(name);
    if (text === undefined) return undefined;
    if (text === "false" || text === "0") return false;
    if (text !== "true" && text !== "1" && text !== "") this.refuse(name, "must be true or false");
    return true;
  }

  integer(name: string, least: number, most: number): number | undefined {
    const text = this.#values.get(name);
    if (text === undefined) return undefined;
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    this.refuse(name, `must be a whole number from ${String(least)} to ${String(most)}`);
    return undefined;
  }

  /** Wall clock in milliseconds. */
  moment(name: string, now: number): number | undefined {
    const text = this.#values.get(name);
    if (text === undefined) return undefined;
    const ago = parseDuration(text);
    const moment = ago === undefined ? isoMoment(text) : now - ago;
    if (moment === undefined)
      this.refuse(name, "must be a time such as 2026-11-23T08:00:00Z or a duration such as 10m");
    return moment;
  }
}

const ISO = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/;

function isoMoment(text: string): number | undefined {
  // A plus sign that was not escaped arrives as a space.
  const time = text.replace(" ", "+");
  const moment = ISO.test(time) ? Date.parse(time) : Number.NaN;
  return Number.isNaN(moment) ? undefined : moment;
}
