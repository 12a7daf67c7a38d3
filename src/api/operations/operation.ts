/**
 * What an operation of the API is: one method at one path, what it takes and what it answers. The API's description is
 * made from the table of them; that the routes of the server are the same is tested.
 */
import { Type, type TSchema } from "typebox";
import type { Requirement } from "../access.ts";
import type { Parameters } from "../parameters.ts";
import type { ProblemCode } from "../problems.ts";

export const TAGS = {
  tasks: "Submitting tasks, and what becomes of them.",
  nodes: "The machines of the cluster, and what an operator does with them.",
  cluster: "The cluster as a whole: totals, history, what if.",
  monitoring: "For those who watch: supervisors, load balancers, Prometheus.",
  classic: "The wire format of Cube, so that its own command line works here.",
} as const;

export interface Operation {
  readonly method: "get" | "post" | "patch" | "delete";
  /** `/tasks/{id}`; its parameters are those of `PATH_PARAMETERS`. */
  readonly path: string;
  readonly tag: keyof typeof TAGS;
  /** A few words, without a full stop. */
  readonly summary: string;
  readonly description?: string;
  /** What a request must bring. */
  readonly access: Requirement;
  /** Answered before the server is ready, too. */
  readonly whileStarting?: true;
  /** Absent: the query is not looked at. */
  readonly query?: Parameters;
  readonly headers?: readonly RequestHeader[];
  /** The body, which is JSON. */
  readonly body?: TSchema;
  /** Bodies as one would send them, by what they are. */
  readonly examples?: Readonly<Record<string, object>>;
  /** By status. */
  readonly answers: Readonly<Record<number, Answer>>;
  /** Of its own, besides those that follow from all this (`problemsOf`). */
  readonly problems?: readonly ProblemCode[];
}

export interface Answer {
  readonly description: string;
  /** By media type. */
  readonly content?: Readonly<Record<string, TSchema>>;
  /** Of a stream of server-sent events: what the `data` of each is. */
  readonly events?: TSchema;
  readonly headers?: readonly ResponseHeader[];
}

/** For routes that take none and refuse any. */
export const NO_PARAMETERS: Parameters = {};

export const PATH_PARAMETERS = {
  id: Type.String({ format: "uuid", description: "The task's id" }),
  name: Type.String({ minLength: 1, maxLength: 128, description: "The node's name" }),
} as const;

export const REQUEST_HEADERS = {
  "Idempotency-Key": Type.String({
    pattern: "^[!-~]{1,255}$",
    description:
      "Makes it safe to send the request again for 24 hours: the answer is that of the first one. " +
      "The same key with another request is 422.",
  }),
  Prefer: Type.String({ description: "With `return=minimal` (RFC 7240) ids alone are answered", pattern: "^[ -~]*$" }),
  "Last-Event-ID": Type.String({
    pattern: "^[0-9]{1,15}$",
    description: "Of a stream that was cut off: the id of the newest event that was read",
  }),
} as const;
export type RequestHeader = keyof typeof REQUEST_HEADERS;

export const RESPONSE_HEADERS = {
  Location: Type.String({ description: "Where the task is: `/tasks/{id}`" }),
  Link: Type.String({ description: 'Where the next page is (RFC 8288): `<…>; rel="next"`; absent on the last' }),
  "Birdman-Missing": Type.String({ description: "What of the output cannot be had, and why, percent-encoded" }),
  "Preference-Applied": Type.String({ description: "`return=minimal`, when that was asked for" }),
} as const;
export type ResponseHeader = keyof typeof RESPONSE_HEADERS;

export function json(description: string, schema: TSchema, headers: readonly ResponseHeader[] = []): Answer {
  return { description, content: { "application/json": schema }, headers };
}

export function plainText(description: string, headers: readonly ResponseHeader[] = []): Answer {
  return { description, content: { "text/plain": Type.String() }, headers };
}

export function nothing(description: string): Answer {
  return { description };
}

/** Every code that it can be answered with. */
export function problemsOf(operation: Operation): readonly ProblemCode[] {
  const { method, path, access, query, headers = [], body, whileStarting, problems = [] } = operation;
  const codes = new Set<ProblemCode>(["malformed_request", "request_timeout", "headers_too_large"]);
  const add = (...more: readonly ProblemCode[]): void => more.forEach((code) => codes.add(code));
  add("host_unknown", "origin_unknown");
  if (access !== "open") add("unauthorized", "scope_missing");
  if (whileStarting !== true) add("unavailable");
  if (query !== undefined) add("invalid_query");
  if (path.includes("{id}")) add("task_not_found");
  if (path.includes("{name}")) add("node_not_found");
  // Whatever is sent along is read.
  if (method !== "get") add("malformed_json", "unsupported_media_type", "body_too_large");
  if (body !== undefined) add("invalid_body");
  if (access === "write") add("store_full");
  if (headers.includes("Idempotency-Key")) add("invalid_header", "idempotency_mismatch");
  if (headers.includes("Last-Event-ID")) add("invalid_header");
  add(...problems);
  return [...codes];
}
