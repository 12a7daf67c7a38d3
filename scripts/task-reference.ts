/**
 * `npm run task-reference`: writes docs/task-reference.md from the schema by which tasks are checked. A test compares the two.
 * What is filled in where a field is absent comes from `withDefaults`, which fills it in.
 */
import { writeFileSync } from "node:fs";
import { type TaskDocument, TaskDocumentSchema } from "../src/task/document.ts";
import { withDefaults } from "../src/task/spec.ts";
import { DURATION_PATTERN } from "../src/utils/durations.ts";
import { SIZE_PATTERN } from "../src/utils/sizes.ts";

export const TASK_REFERENCE = new URL("../docs/task-reference.md", import.meta.url);

/** As much of JSON Schema as the schema of a task uses. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly const?: unknown;
  readonly pattern?: string;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
}

/** A document with all that has defaults of its own inside. */
const SMALLEST: TaskDocument = {
  image: "x",
  ports: [{ container: 1 }],
  volumes: [{ source: "x", target: "/x" }],
  health: {},
};

const INTRODUCTION = `# Task reference

<!-- Made by \`npm run task-reference\` from src/task/document.ts: change the descriptions there. -->

Every field of a task: the body of \`POST /tasks\` and the file of \`birdman run -f\`. [Tasks](tasks.md) explains them with examples,
[examples/full.json](../examples/full.json) shows all of them together. An unknown field is refused by name.

A _size_ is a number of bytes, or a string with a unit: \`KiB MiB GiB TiB\`, or \`kB MB GB TB\`. A _duration_ is a number of
milliseconds, or a string such as \`500ms\`, \`2s\`, \`10m\`, \`1h30m\`; at most 366 days.`;

/** The page. */
export function taskReference(): string {
  const schema = JSON.parse(JSON.stringify(TaskDocumentSchema)) as Schema;
  const defaults: unknown = withDefaults(SMALLEST);
  const sections = objectsIn(schema).map(({ path, object, description }) => {
    const title = path.length === 0 ? "## A task" : `## \`${path.join(".")}\``;
    const rows = rowsOf(object, path.length === 0 ? { ...asMap(defaults), image: undefined } : at(defaults, path));
    return [title, ...(description === undefined ? [] : [`${description}.`]), table(rows)].join("\n\n");
  });
  return `${[INTRODUCTION, ...sections].join("\n\n")}\n`;
}

interface NamedObject {
  readonly path: readonly string[];
  readonly object: Schema;
  readonly description: string | undefined;
}

/** The schema and the objects inside it, also those in lists, each after the one that holds it. */
function objectsIn(object: Schema, path: readonly string[] = [], description = object.description): NamedObject[] {
  const inner = Object.entries(object.properties ?? {}).flatMap(([name, schema]) => {
    const element = schema.items ?? schema;
    const isList = schema.items !== undefined;
    if (element.properties === undefined) return [];
    return objectsIn(element, [...path, isList ? `${name}[]` : name], schema.description);
  });
  return [{ path, object, description }, ...inner];
}

function rowsOf({ properties = {}, required = [] }: Schema, defaults: unknown): string[][] {
  return Object.entries(properties).map(([name, schema]) => [
    `\`${name}\``,
    typeOf(schema),
    required.includes(name) ? "required" : valueOf(asMap(defaults)[name]),
    limitsOf(schema),
    schema.description ?? "",
  ]);
}

function typeOf(schema: Schema): string {
  const { anyOf, items, properties, patternProperties, type } = schema;
  if (anyOf?.some(({ pattern }) => pattern === SIZE_PATTERN) === true) return "size";
  if (anyOf?.some(({ pattern }) => pattern === DURATION_PATTERN) === true) return "duration";
  if (anyOf?.every((member) => typeof member.const === "string") === true) {
    return anyOf.map((member) => valueOf(member.const)).join(", ");
  }
  if (items !== undefined) return items.properties === undefined ? `list of ${typeOf(items)}s` : "list of objects";
  if (patternProperties !== undefined) return "map";
  if (properties !== undefined) return "object";
  return type ?? "";
}

function limitsOf(schema: Schema): string {
  const { minimum, maximum, minLength = 0, maxLength, maxItems, maxProperties, items } = schema;
  const limits: string[] = [];
  if (minimum !== undefined && maximum !== undefined) limits.push(`${count(minimum)} to ${count(maximum)}`);
  if (maxLength !== undefined) {
    limits.push(`${minLength > 0 ? `${count(minLength)} to` : "at most"} ${count(maxLength)} characters`);
  }
  if (maxItems !== undefined) limits.push(`at most ${count(maxItems)}`);
  if (maxProperties !== undefined) limits.push(`at most ${count(maxProperties)}`);
  if (items?.maxLength !== undefined) limits.push(`each at most ${count(items.maxLength)} characters`);
  return limits.join(", ");
}

/** What a value looks like in a document; nothing for one that has nothing in it. */
function valueOf(value: unknown): string {
  if (value === undefined || typeof value === "object") return "";
  return `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce((inner, name) => {
    const found = asMap(inner)[name.replace("[]", "")];
    return Array.isArray(found) ? (found[0] as unknown) : found;
  }, value);
}

function asMap(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** As prettier lays it out, so that formatting leaves it as it is. */
function table(rows: readonly (readonly string[])[]): string {
  const all = [["field", "type", "default", "limits", "what it means"], ...rows];
  const widths = all[0]?.map((_, x) => Math.max(3, ...all.map((row) => row[x]?.length ?? 0))) ?? [];
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, x) => cell.padEnd(widths[x] ?? 0)).join(" | ")} |`;
  const [headings = [], ...body] = all;
  return [line(headings), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("\n");
}

if (import.meta.main) writeFileSync(TASK_REFERENCE, taskReference());
