/**
 * A file of tasks for a simulated cluster: a JSON list, or JSON lines. Each is a task as the API takes it, with `at`, when
 * it comes (default 0, the beginning), `duration`, how long it runs where it gets all that it uses, and `use`, what it
 * really uses (default: what it reserves). Nothing is run, so an image may be left out.
 */
import { readFile } from "node:fs/promises";
import { Type } from "typebox";
import { Compile } from "typebox/compile";
import type { FieldError } from "../../api/problems.ts";
import { schemaErrors, typeName } from "../../api/schema-errors.ts";
import { documentErrors, whyNeverRuns } from "../../api/task-rules.ts";
import type { PlacementRequest } from "../../scheduler/scheduler.ts";
import { inOrderOfArrival, type ArrivingTask, type Workload } from "../../sim/placement/workload.ts";
import { DurationSchema, SizeSchema, TaskDocumentSchema, type TaskDocument } from "../../task/document.ts";
import { SpecTable, specOf } from "../../task/spec.ts";
import { parseDuration } from "../../utils/durations.ts";
import { parseSize } from "../../utils/sizes.ts";
import { messageOf, UsageError } from "../errors.ts";

const UseSchema = Type.Object(
  {
    cpu: Type.Optional(Type.Number({ minimum: 0, maximum: 100_000, description: "Cores, fractions allowed" })),
    memory: Type.Optional(SizeSchema),
  },
  { additionalProperties: false },
);

const SimulatedTaskSchema = Type.Object(
  {
    ...TaskDocumentSchema.properties,
    at: Type.Optional(DurationSchema),
    duration: DurationSchema,
    use: Type.Optional(UseSchema),
  },
  { additionalProperties: false },
);

type SimulatedTask = Type.Static<typeof SimulatedTaskSchema>;

const validator = Compile(SimulatedTaskSchema);

/** The tasks of a file, in the order in which they come. Rejects with a UsageError that names line (or item) and field. */
export async function readWorkload(file: string): Promise<Workload> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw new UsageError(`cannot read the file given with --workload: ${messageOf(error)}`);
  }
  return parseWorkload(text, file);
}

/** `origin` names the text in errors. Throws a UsageError. */
export function parseWorkload(text: string, origin: string): Workload {
  const items = text.trimStart().startsWith("[") ? parseList(text, origin) : parseLines(text, origin);
  const requests = new Requests();
  const tasks: ArrivingTask[] = [];
  for (const { value, place } of items) tasks.push(arrivingTask(value, place, requests));
  if (tasks.length === 0) throw new UsageError(`${origin} has no tasks`);
  return inOrderOfArrival(tasks);
}

interface Item {
  readonly value: unknown;
  /** Where it stands, for errors. */
  readonly place: string;
}

function* parseLines(text: string, origin: string): Generator<Item> {
  let number = 0;
  for (const line of text.split("\n")) {
    number += 1;
    if (line.trim() === "") continue;
    const place = `${origin}, line ${String(number)}`;
    yield { value: parseJson(line, place), place };
  }
}

function* parseList(text: string, origin: string): Generator<Item> {
  const list = parseJson(text, origin);
  if (!Array.isArray(list)) throw new UsageError(`${origin} must be a list of tasks, or one task a line`);
  for (const [index, value] of list.entries()) yield { value, place: `${origin}, task ${String(index + 1)}` };
}

function parseJson(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${place}: is not valid JSON: ${messageOf(error)}`);
  }
}

function arrivingTask(value: unknown, place: string, requests: Requests): ArrivingTask {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new UsageError(`${place}: must be a task, not ${typeName(value)}`);
  }
  if (!validator.Check(value)) throw wrong(place, schemaErrors(SimulatedTaskSchema, value));
  const { at, duration, use, ...document } = value;
  const errors = [...timeErrors(value), ...taskErrors(document)];
  if (errors.length > 0) throw wrong(place, errors);
  const request = requests.of(document);
  const { cpu, memory } = request.spec.resources;
  return {
    request,
    arrivalMs: parseDuration(at ?? 0) ?? 0,
    workMs: parseDuration(duration) ?? 0,
    use: { cpu: use?.cpu ?? cpu, memory: use?.memory === undefined ? memory : (parseSize(use.memory) ?? memory) },
  };
}

function timeErrors({ at, duration, use }: SimulatedTask): FieldError[] {
  const errors: FieldError[] = [];
  if (parseDuration(at ?? 0) === undefined) errors.push({ path: "/at", message: "is longer than can be counted" });
  const ms = parseDuration(duration);
  if (ms === undefined) errors.push({ path: "/duration", message: "is longer than can be counted" });
  else if (ms === 0) errors.push({ path: "/duration", message: "must be more than 0" });
  if (use?.memory !== undefined && parseSize(use.memory) === undefined) {
    errors.push({ path: "/use/memory", message: "is more bytes than can be counted" });
  }
  return errors;
}

function taskErrors(document: TaskDocument): FieldError[] {
  const runnable = document.command === undefined ? { image: "simulated", ...document } : document;
  const errors = documentErrors(runnable).filter(({ path }) => path !== "/image" && path !== "/command");
  return errors.length > 0 ? errors : whyNeverRuns(runnable);
}

function wrong(place: string, [first, ...more]: readonly FieldError[]): UsageError {
  const others = more.length === 0 ? "" : ` (and ${String(more.length)} more)`;
  if (first === undefined)
    return new UsageError(`${place}: is not a task of the form that the documentation describes`);
  const field = first.path === "" ? "" : `${first.path}: `;
  return new UsageError(`${place}: ${field}${first.message}${others}`);
}

/** One request for all tasks that are alike; one spec for all that differ in their names alone. */
class Requests {
  readonly #specs = new SpecTable();
  readonly #requests = new Map<string, PlacementRequest>();
  #unnamed = 0;

  of(document: TaskDocument): PlacementRequest {
    const spec = this.#specs.acquire(specOf(document));
    if (document.name === undefined) {
      this.#unnamed += 1;
      return { name: `task-${String(this.#unnamed)}`, spec };
    }
    const key = JSON.stringify([document.name, spec.document]);
    const known = this.#requests.get(key);
    if (known !== undefined) return known;
    const made = { name: document.name, spec };
    this.#requests.set(key, made);
    return made;
  }
}
