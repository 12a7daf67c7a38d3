/** The task that is being written: one value behind the form and the editor, and what is wrong with it. */
import { parse as parseYaml, stringify as stringifyYaml } from "yaml";
import { schemaErrors } from "../../../../src/api/schema-errors.ts";
import { documentErrors, whyNeverRuns } from "../../../../src/api/task-rules.ts";
import type { FieldError } from "../../../../src/api/problems.ts";
import { type TaskDocument, TaskDocumentSchema } from "../../../../src/task/document.ts";
import { withDefaults } from "../../../../src/task/spec.ts";

export type Draft = Readonly<Record<string, unknown>>;

export type Language = "yaml" | "json";

/** Whether the value is one task, which the form can show; lists and events of Cube are for the editor alone. */
export function isOneTask(value: unknown): value is Draft {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !("Task" in value);
}

/**
 * What the manager would refuse, by the same rules, without asking it. Of a list each with its place. Whether it can be an
 * event of Cube's, the manager says.
 */
export function errorsOf(value: unknown): FieldError[] {
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown, index) =>
      errorsOf(item).map(({ path, message }) => ({ path: `/${String(index)}${path}`, message })),
    );
  }
  if (typeof value === "object" && value !== null && "Task" in value) return [];
  const malformed = schemaErrors(TaskDocumentSchema, value);
  if (malformed.length > 0) return malformed;
  const document = value as TaskDocument;
  const contradictions = documentErrors(document);
  return contradictions.length > 0 ? contradictions : whyNeverRuns(document);
}

/** The draft with one member set, or left out. `path` is a JSON pointer. */
export function withMember(draft: Draft, path: string, value: unknown): Draft {
  const [key = "", ...rest] = path.slice(1).split("/");
  const { [key]: before, ...others } = draft;
  const after = rest.length === 0 ? value : withMember((before ?? {}) as Draft, `/${rest.join("/")}`, value);
  if (after === undefined || (rest.length > 0 && Object.keys(after as Draft).length === 0)) return others;
  // A member that there is keeps its place.
  return key in draft ? { ...draft, [key]: after } : { ...others, [key]: after };
}

export function memberOf(draft: Draft, path: string): unknown {
  let value: unknown = draft;
  for (const key of path.slice(1).split("/")) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Draft)[key];
  }
  return value;
}

export function writeText(value: unknown, language: Language): string {
  return language === "json" ? `${JSON.stringify(value, null, 2)}\n` : stringifyYaml(value, { lineWidth: 0 });
}

/** JSON is YAML, so that either is taken in both. Throws an Error that names the line. */
export function readText(text: string): unknown {
  const value: unknown = parseYaml(text, { maxAliasCount: 100 });
  return value ?? {};
}

/** What was asked for, out of what was accepted: without its id and what is the default anyway. */
export function draftOf({ id: _id, ...spec }: TaskDocument): Draft {
  const defaults = withDefaults({}) as Draft;
  return Object.fromEntries(
    Object.entries(spec).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(defaults[key])),
  );
}
