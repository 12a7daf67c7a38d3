/** What the routes of both servers read out of requests, and how they refuse. */
import { parseTaskId, type TaskId } from "../../task/id.ts";
import { type FieldError, problem, ProblemError } from "../problems.ts";
import type { QueryReading } from "../parameters.ts";
import { readNoQuery } from "../query.ts";
import { MAX_ERRORS } from "../schema-errors.ts";
import type { SubmissionReading } from "../submission.ts";

/** Throws a ProblemError when the query was refused. */
export function queryOf<T>(reading: QueryReading<T>): T {
  if (reading.kind === "refused") throw new ProblemError(reading.problem);
  return reading.value;
}

/** Of a route without parameters. */
export function noQuery(query: unknown): void {
  queryOf(readNoQuery(query));
}

/** Throws a ProblemError for what is no task's id: then there is no task of it either. */
export function taskIdOf(text: string): TaskId {
  const id = parseTaskId(text);
  if (id === undefined) throw taskNotFound(text);
  return id;
}

export function taskNotFound(id: string): ProblemError {
  return new ProblemError(problem("task_not_found", `there is no task ${id.slice(0, 64)}`));
}

/** The value of a `Link` header: the same request, with the parameter that leads on (RFC 8288). */
export function nextPage(url: string, parameter: string, value: string): string {
  const [path = "", query = ""] = url.split("?", 2);
  const parameters = new URLSearchParams(query);
  parameters.set(parameter, value);
  return `<${path}?${parameters.toString()}>; rel="next"`;
}

/** A plain request where only a WebSocket makes sense. */
export function upgradeRequired(detail: string): ProblemError {
  return new ProblemError(problem("upgrade_required", detail), { upgrade: "websocket", connection: "upgrade" });
}

/** Which of the submitted documents bear an id that exists. */
export function idsTaken(
  { documents, isList }: Extract<SubmissionReading, { kind: "start" }>,
  ids: readonly TaskId[],
): ProblemError {
  const taken = new Set<string>(ids);
  const errors: FieldError[] = [];
  for (const [index, { id }] of documents.entries()) {
    if (id === undefined || !taken.has(id) || errors.length === MAX_ERRORS) continue;
    errors.push({ path: isList ? `/${String(index)}/id` : "/id", message: `there is a task ${id} already` });
  }
  return new ProblemError(problem("id_taken", errors[0]?.message ?? "there is a task of this id already", errors));
}
