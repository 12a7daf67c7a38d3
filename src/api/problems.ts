/**
 * Every error that a Birdman server answers with: one table, from a stable code to its status and its meaning.
 * Errors travel as `application/problem+json` (RFC 9457); programs look at `code`, people read `detail`.
 */

interface ProblemKind {
  readonly status: number;
  readonly title: string;
  /** What it says about the request, and what to do about it: the text of the documentation. */
  readonly meaning: string;
}

export const PROBLEMS = {
  malformed_request: {
    status: 400,
    title: "Malformed request",
    meaning: "The request is not HTTP as this server understands it, or its address is not well formed.",
  },
  malformed_json: {
    status: 400,
    title: "Malformed JSON",
    meaning: "The body is not JSON in UTF-8, or is nested absurdly deep; the detail says where.",
  },
  invalid_body: {
    status: 400,
    title: "Invalid body",
    meaning: "The body is JSON but not of the form asked for; `errors` names each field and what is wrong with it.",
  },
  invalid_query: {
    status: 400,
    title: "Invalid query",
    meaning: "A query parameter is not known here or has a value that it cannot have; `errors` names it.",
  },
  invalid_header: {
    status: 400,
    title: "Invalid header",
    meaning: "A header has a value that it cannot have; the detail names it.",
  },
  malformed: {
    status: 400,
    title: "Malformed message",
    meaning: "Of a node's session: the worker sent what the protocol does not have.",
  },
  unauthorized: {
    status: 401,
    title: "Unauthorized",
    meaning: "This server wants a token (`Authorization: Bearer …`), and there was none, or an unknown one.",
  },
  scope_missing: {
    status: 403,
    title: "Scope missing",
    meaning: "The token is known and does not have the scope that this request needs.",
  },
  origin_unknown: {
    status: 403,
    title: "Unknown origin",
    meaning: "The request comes from a web page of another site.",
  },
  not_found: { status: 404, title: "Not found", meaning: "There is nothing at this address." },
  task_not_found: { status: 404, title: "Task not found", meaning: "There is no task of this id." },
  node_not_found: { status: 404, title: "Node not found", meaning: "There is no node of this name." },
  method_not_allowed: {
    status: 405,
    title: "Method not allowed",
    meaning: "The address is right and the method is not; `Allow` lists those that are.",
  },
  request_timeout: {
    status: 408,
    title: "Request timeout",
    meaning: "The request did not arrive within the time that the server waits for one.",
  },
  id_taken: {
    status: 409,
    title: "Id taken",
    meaning: "A task of this id exists already. Nothing of the body was accepted.",
  },
  task_ended: {
    status: 409,
    title: "Task has ended",
    meaning: "A task that completed or failed does not run again: submit a new one.",
  },
  no_output: {
    status: 409,
    title: "No output",
    meaning: "There is no output to be had now: the task was never placed, or its node is away.",
  },
  not_running: {
    status: 409,
    title: "Not running",
    meaning: "The task does not run now, or its node is away: nothing can be run inside it.",
  },
  worker_refused: {
    status: 409,
    title: "Refused by the worker",
    meaning: "The task does not fit this worker now, or this worker may not run it.",
  },
  node_up: {
    status: 409,
    title: "Node is up",
    meaning: "Only a node that is lost or has left can be removed.",
  },
  name_taken: {
    status: 409,
    title: "Node name taken",
    meaning: "Of a node's session: another machine has joined under this name and has neither left nor been lost.",
  },
  superseded: {
    status: 409,
    title: "Superseded",
    meaning: "Of a node's session: a newer process of the same worker has taken over.",
  },
  stale_epoch: {
    status: 409,
    title: "Stale epoch",
    meaning: "Of a node's session: the worker has seen a newer manager of this cluster.",
  },
  version_mismatch: {
    status: 409,
    title: "Version mismatch",
    meaning: "Of a node's session: manager and worker speak different versions of the protocol.",
  },
  node_removed: {
    status: 409,
    title: "Node removed",
    meaning: "Of a node's session: the node was removed by an operator.",
  },
  body_too_large: {
    status: 413,
    title: "Body too large",
    meaning: "The body has more bytes, more values or more tasks than one request may have.",
  },
  unsupported_media_type: {
    status: 415,
    title: "Unsupported media type",
    meaning: "A body has to be JSON, said so by `Content-Type: application/json`.",
  },
  host_unknown: {
    status: 421,
    title: "Unknown host",
    meaning: "The `Host` header names a machine that this server does not know itself as.",
  },
  cannot_run: {
    status: 422,
    title: "Can never run",
    meaning: "The task is well formed and could run on no node there is or will be; `errors` says why.",
  },
  plan_too_large: {
    status: 422,
    title: "Plan too large",
    meaning: "The plan is about more tasks and nodes than one answer may hold; the detail says how many. Ask in parts.",
  },
  idempotency_mismatch: {
    status: 422,
    title: "Idempotency key used before",
    meaning: "The key came with another body within the last 24 hours.",
  },
  upgrade_required: {
    status: 426,
    title: "Upgrade required",
    meaning: "This address speaks WebSocket only.",
  },
  headers_too_large: {
    status: 431,
    title: "Headers too large",
    meaning: "The request's headers have more than 16 KiB together.",
  },
  internal: {
    status: 500,
    title: "Internal error",
    meaning: "A fault of the server's own. It is in its log; please report it.",
  },
  unavailable: {
    status: 503,
    title: "Not ready",
    meaning: "The server is starting or stopping, or has no store. Try again soon.",
  },
  store_full: {
    status: 507,
    title: "Store full",
    meaning: "The disk that the store is on is full. Reads are served; nothing new is accepted until there is room.",
  },
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof PROBLEMS;

/** One thing wrong with a body or a query: where, as a JSON pointer (RFC 6901) or a parameter's name, and what. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

/** The body of an error, RFC 9457 with two members more. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ProblemCode;
  readonly errors?: readonly FieldError[];
}

export const PROBLEM_MEDIA_TYPE = "application/problem+json; charset=utf-8";

export function problem(code: ProblemCode, detail: string, errors?: readonly FieldError[]): Problem {
  const { status, title } = PROBLEMS[code];
  return {
    type: `urn:birdman:problem:${code}`,
    title,
    status,
    detail,
    code,
    ...(errors === undefined ? {} : { errors }),
  };
}

/** Thrown to end a request with a problem; the server's error handler writes it. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;

  constructor(body: Problem, headers: Readonly<Record<string, string>> = {}) {
    super(body.detail);
    this.problem = body;
    this.headers = headers;
  }
}
