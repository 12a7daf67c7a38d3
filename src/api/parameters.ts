/**
 * Query parameters. One object is how the text is read, what the API's description says of it, and the type of what comes
 * out. One that a route does not know, that stands twice or that cannot have its value is refused, so that a mistyped
 * filter never shows everything.
 */
import { type TSchema, Type } from "typebox";
import { closest } from "../utils/closest.ts";
import { DURATION_PATTERN, parseDuration } from "../utils/durations.ts";
import { type FieldError, type Problem, problem } from "./problems.ts";

export interface Parameter<T> {
  /** What values it can have, as the API's description says it: every such text is read. */
  readonly schema: TSchema;
  /** The value, or what is wrong with the text. */
  readonly read: (text: string) => { readonly value: T } | { readonly wrong: string };
}

/** All parameters of a route, by name. */
export type Parameters = Readonly<Record<string, Parameter<unknown>>>;

export type QueryReading<T> =
  { readonly kind: "query"; readonly value: T } | { readonly kind: "refused"; readonly problem: Problem };

/** Those of the parameters that were given. */
export type Given<P extends Parameters> = {
  readonly [Name in keyof P]?: P[Name] extends Parameter<infer T> ? T : never;
};

const LONGEST = 1024;

export function readParameters<P extends Parameters>(known: P, query: unknown): QueryReading<Given<P>> {
  const errors: FieldError[] = [];
  const values = new Map<string, unknown>();
  for (const [name, given] of Object.entries(query ?? {})) {
    const parameter = Object.hasOwn(known, name) ? known[name] : undefined;
    const reading = parameter === undefined ? unknownParameter(name, known) : readOne(parameter, given);
    if ("wrong" in reading) errors.push({ path: name.slice(0, 64), message: reading.wrong });
    else values.set(name, reading.value);
  }
  if (errors.length > 0) return refusedQuery(errors);
  return { kind: "query", value: Object.fromEntries(values) as Given<P> };
}

export function refusedQuery(errors: readonly FieldError[]): QueryReading<never> {
  const detail = errors
    .slice(0, 1)
    .map(({ path, message }) => `${path}: ${message}`)
    .join("");
  return { kind: "refused", problem: problem("invalid_query", detail, errors) };
}

function unknownParameter(name: string, known: Parameters): { readonly wrong: string } {
  const names = Object.keys(known);
  const meant = closest(name, names);
  if (meant !== undefined) return { wrong: `unknown parameter; did you mean ${meant}?` };
  return { wrong: `unknown parameter; there are ${names.length === 0 ? "none here" : names.join(", ")}` };
}

function readOne(parameter: Parameter<unknown>, given: unknown): ReturnType<Parameter<unknown>["read"]> {
  if (typeof given !== "string") return { wrong: "must be given once" };
  if (given.length > LONGEST) return { wrong: `must have at most ${String(LONGEST)} characters` };
  return parameter.read(given);
}

export function text(description: string): Parameter<string> {
  return {
    schema: Type.String({ minLength: 1, maxLength: LONGEST, description }),
    read: (given) => (given === "" ? { wrong: "must not be empty" } : { value: given }),
  };
}

/** `message` says what the form is: it begins with "must be". */
export function matching(pattern: string, message: string, description: string): Parameter<string> {
  const form = new RegExp(pattern);
  return {
    schema: Type.String({ pattern, description }),
    read: (given) => (form.test(given) ? { value: given } : { wrong: message }),
  };
}

export function oneOf<T extends string>(words: readonly T[], description: string): Parameter<T> {
  return {
    schema: Type.Enum([...words], { type: "string", description }),
    read(given) {
      const word = words.find((candidate) => candidate === given);
      return word === undefined ? { wrong: `must be one of ${words.join(", ")}` } : { value: word };
    },
  };
}

/** `?follow` alone means yes. */
export function flag(description: string): Parameter<boolean> {
  return {
    schema: Type.Boolean({ description }),
    read(given) {
      if (given === "false" || given === "0") return { value: false };
      if (given === "true" || given === "1" || given === "") return { value: true };
      return { wrong: "must be true or false" };
    },
  };
}

export function integer(
  { least, most }: { readonly least: number; readonly most: number },
  description: string,
): Parameter<number> {
  return {
    schema: Type.Integer({ minimum: least, maximum: most, description }),
    read(given) {
      const value = /^\d{1,16}$/.test(given) ? Number(given) : Number.NaN;
      if (value >= least && value <= most) return { value };
      return { wrong: `must be a whole number from ${String(least)} to ${String(most)}` };
    },
  };
}

/** This word, or what else the parameter can be. */
export function orWord<T>(word: string, parameter: Parameter<T>): Parameter<T | typeof word> {
  const { description, ...schema } = parameter.schema as TSchema & { readonly description?: string };
  return {
    schema: Type.Union([schema, Type.Literal(word)], description === undefined ? {} : { description }),
    read: (given) => (given === word ? { value: word } : parameter.read(given)),
  };
}

/** Wall clock in milliseconds, once it is said what the time is now: a time in ISO 8601, or a duration before now. */
export function moment(description: string): Parameter<(now: number) => number> {
  return {
    schema: Type.Union([Type.String({ format: "date-time" }), Type.String({ pattern: DURATION_PATTERN })], {
      description,
    }),
    read(given) {
      const ago = parseDuration(given);
      if (ago !== undefined) return { value: (now) => now - ago };
      const time = isoMoment(given);
      if (time !== undefined) return { value: () => time };
      return { wrong: "must be a time such as 2026-11-23T08:00:00Z or a duration such as 10m" };
    },
  };
}

const ISO = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/;

function isoMoment(given: string): number | undefined {
  // A plus sign that was not escaped arrives as a space.
  const time = given.replace(" ", "+");
  const parsed = ISO.test(time) ? Date.parse(time) : Number.NaN;
  return Number.isNaN(parsed) ? undefined : parsed;
}
