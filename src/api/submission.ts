/**
 * The body of `POST /tasks`, at the manager and at a worker: one task, a list of tasks, or an event of Cube's. What
 * comes out is checked in every respect that does not depend on the state of the cluster; nothing is filled in.
 */
import { setImmediate } from "node:timers/promises";
import { Compile } from "typebox/compile";
import { type TaskDocument, TaskDocumentSchema } from "../task/document.ts";
import { parseTaskId, type TaskId } from "../task/id.ts";
import { isEvent, readEvent } from "./classic-event.ts";
import { type FieldError, type Problem, problem } from "./problems.ts";
import { MAX_ERRORS, schemaErrors, typeName } from "./schema-errors.ts";
import { documentErrors, whyNeverRuns } from "./task-rules.ts";

/** The most tasks of one list. */
export const MAX_TASKS = 100_000;

/** Others get a turn after this many tasks of a list: a few milliseconds. */
const TASKS_A_TURN = 1_000;

export type SubmissionReading =
  /** `isList`: the body was a list, and so is the answer. Ids are in canonical form. */
  | { readonly kind: "start"; readonly documents: readonly TaskDocument[]; readonly isList: boolean }
  | { readonly kind: "stop"; readonly id: TaskId }
  | { readonly kind: "refused"; readonly problem: Problem };

type DocumentReading =
  | { readonly kind: "document"; readonly document: TaskDocument }
  | { readonly kind: "wrong"; readonly code: "invalid_body" | "cannot_run"; readonly errors: readonly FieldError[] };

const validator = Compile(TaskDocumentSchema);

export async function readSubmission(body: unknown): Promise<SubmissionReading> {
  if (Array.isArray(body)) return readList(body);
  if (typeof body !== "object" || body === null) {
    return refused("invalid_body", [
      { path: "", message: `must be a task, a list of tasks or an event, not ${typeName(body)}` },
    ]);
  }
  if (isEvent(body)) return readEventBody(body);
  const reading = readDocument(body);
  if (reading.kind === "wrong") return refused(reading.code, reading.errors);
  return { kind: "start", documents: [reading.document], isList: false };
}

/** An event alone: the body of `POST /classic/tasks`. */
export function readEventBody(body: unknown): SubmissionReading {
  if (typeof body !== "object" || body === null || !isEvent(body)) {
    return refused("invalid_body", [{ path: "", message: 'must be an event: {"ID", "State", "Task": {…}}' }]);
  }
  const event = readEvent(body);
  if (event.kind === "stop") return event;
  if (event.kind === "refused") return refused("invalid_body", event.errors);
  const reading = readDocument(event.document);
  if (reading.kind === "document") return { kind: "start", documents: [reading.document], isList: false };
  return refused(
    reading.code,
    reading.errors.map(({ path, message }) => ({ path: event.pathOf(path), message })),
  );
}

async function readList(body: readonly unknown[]): Promise<SubmissionReading> {
  if (body.length === 0) return refused("invalid_body", [{ path: "", message: "the list has no tasks" }]);
  if (body.length > MAX_TASKS) {
    const detail = `the list has ${String(body.length)} tasks; one request takes at most ${String(MAX_TASKS)}`;
    return { kind: "refused", problem: problem("body_too_large", detail) };
  }
  const documents: TaskDocument[] = [];
  const indexOfId = new Map<string, number>();
  const malformed: FieldError[] = [];
  const impossible: FieldError[] = [];
  for (const [index, item] of body.entries()) {
    if (index % TASKS_A_TURN === TASKS_A_TURN - 1) await setImmediate();
    const reading = readItem(item);
    if (reading.kind === "wrong") {
      const errors = reading.code === "invalid_body" ? malformed : impossible;
      if (errors.length >= MAX_ERRORS) break;
      for (const { path, message } of reading.errors) errors.push({ path: `/${String(index)}${path}`, message });
      continue;
    }
    const { id } = reading.document;
    const earlier = id === undefined ? undefined : indexOfId.get(id);
    if (earlier !== undefined)
      malformed.push({ path: `/${String(index)}/id`, message: `is the id of /${String(earlier)} too` });
    else if (id !== undefined) indexOfId.set(id, index);
    documents.push(reading.document);
  }
  if (malformed.length > 0) return refused("invalid_body", malformed);
  if (impossible.length > 0) return refused("cannot_run", impossible);
  return { kind: "start", documents, isList: true };
}

function readItem(item: unknown): DocumentReading {
  if (typeof item !== "object" || item === null || !isEvent(item)) return readDocument(item);
  return {
    kind: "wrong",
    code: "invalid_body",
    errors: [{ path: "", message: "an event stands alone, not in a list" }],
  };
}

function readDocument(value: unknown): DocumentReading {
  if (!validator.Check(value)) {
    const errors = schemaErrors(TaskDocumentSchema, value);
    const unexplained = [{ path: "", message: "is not a task of the form that the documentation describes" }];
    return { kind: "wrong", code: "invalid_body", errors: errors.length === 0 ? unexplained : errors };
  }
  const malformed = documentErrors(value);
  if (malformed.length > 0) return { kind: "wrong", code: "invalid_body", errors: malformed };
  const impossible = whyNeverRuns(value);
  if (impossible.length > 0) return { kind: "wrong", code: "cannot_run", errors: impossible };
  return { kind: "document", document: withCanonicalId(value) };
}

function withCanonicalId(document: TaskDocument): TaskDocument {
  if (document.id === undefined) return document;
  const id = parseTaskId(document.id);
  return id === undefined || id === document.id ? document : { ...document, id };
}

function refused(code: "invalid_body" | "cannot_run", errors: readonly FieldError[]): SubmissionReading {
  const shown = errors.slice(0, MAX_ERRORS);
  return { kind: "refused", problem: problem(code, summary(shown), shown) };
}

/** The first error in a sentence, for those who read no further than `detail`. */
export function summary(errors: readonly FieldError[]): string {
  const [first] = errors;
  if (first === undefined) return "something is wrong with it";
  const more = errors.length === 1 ? "" : ` (and ${String(errors.length - 1)} more)`;
  return `${first.path === "" ? "the body" : first.path}: ${first.message}${more}`;
}
