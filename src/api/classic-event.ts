/**
 * Cube's task events, as its files and its command line write them, turned into task documents. Keys may stand in any
 * case and null means absent, as Go's decoder has it; what Cube itself would refuse is refused with a path.
 *
 * Cube: Tim Boring, Build an Orchestrator in Go (Manning, 2024).
 */
import { parseTaskId, type TaskId } from "../task/id.ts";
import type { TaskDocument } from "../task/document.ts";
import { STATE_CODE } from "../task/state.ts";
import type { FieldError } from "./problems.ts";
import { pointerStep, typeName, unknownField } from "./schema-errors.ts";

/** What an event asks for. The document is not checked against the schema yet. */
export type EventReading =
  | { readonly kind: "start"; readonly document: TaskDocument; readonly pathOf: (path: string) => string }
  | { readonly kind: "stop"; readonly id: TaskId }
  | { readonly kind: "refused"; readonly errors: readonly FieldError[] };

const EVENT_KEYS = ["ID", "State", "Timestamp", "Task"];

/** Of a task; the status keys are accepted with any value and ignored. */
const TASK_KEYS = [
  "ID",
  "Name",
  "Image",
  "Cpu",
  "Memory",
  "Disk",
  "ExposedPorts",
  "PortBindings",
  "RestartPolicy",
  "HealthCheck",
];
const STATUS_KEYS = ["State", "ContainerID", "HostPorts", "StartTime", "FinishTime", "RestartCount"];

/** Which key of Cube's an error in a field of the document comes from. */
const ORIGIN = new Map([
  ["id", "ID"],
  ["name", "Name"],
  ["image", "Image"],
  ["cpu", "Cpu"],
  ["memory", "Memory"],
  ["disk", "Disk"],
  ["ports", "ExposedPorts"],
  ["restart", "RestartPolicy"],
  ["health", "HealthCheck"],
]);

const RESTART_POLICIES = new Map<string, "never" | "always" | "on-failure">([
  ["", "never"],
  ["no", "never"],
  ["always", "always"],
  ["unless-stopped", "always"],
  ["on-failure", "on-failure"],
]);

/** Go's zero UUID: what its encoder writes for an id that was never set. */
const ZERO_ID = "00000000-0000-0000-0000-000000000000";

/** True when the body is an event rather than a task document, which has no field of this name. */
export function isEvent(body: object): boolean {
  return Object.keys(body).some((key) => key.toLowerCase() === "task");
}

export function readEvent(body: object): EventReading {
  const errors: FieldError[] = [];
  const event = new Fields(body, "", errors);
  event.allow(EVENT_KEYS);
  const state = event.number("State") ?? 0;
  if (!Object.values<number>(STATE_CODE).includes(state)) {
    event.refuse("State", "must be a state's number: pending 0, scheduled 1, running 2, completed 3, failed 4");
  }
  event.text("Timestamp");
  const raw = event.get("Task");
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) {
    event.refuse("Task", `must be an object, not ${typeName(raw ?? null)}`);
    return { kind: "refused", errors };
  }
  const task = new Fields(raw, event.path("Task"), errors);
  task.allow([...TASK_KEYS, ...STATUS_KEYS]);
  if (state === STATE_CODE.completed) return readStop(task, errors);
  const document = readDocument(task);
  if (errors.length > 0) return { kind: "refused", errors };
  return { kind: "start", document, pathOf: (path) => originOf(task, path) };
}

function readStop(task: Fields, errors: readonly FieldError[]): EventReading {
  const text = task.text("ID");
  const id = text === undefined ? undefined : parseTaskId(text);
  if (id === undefined) task.refuse("ID", "must be the UUID of the task to stop");
  return id === undefined || errors.length > 0 ? { kind: "refused", errors } : { kind: "stop", id };
}

function readDocument(task: Fields): TaskDocument {
  const id = task.text("ID");
  const name = task.text("Name");
  const image = task.text("Image");
  const cpu = task.number("Cpu");
  const memory = task.number("Memory");
  const disk = task.number("Disk");
  const ports = readPorts(task);
  const policyName = task.text("RestartPolicy") ?? "";
  const policy = RESTART_POLICIES.get(policyName);
  if (policy === undefined) {
    task.refuse(
      "RestartPolicy",
      `must be one of ${[...RESTART_POLICIES.keys()].map((word) => `"${word}"`).join(", ")}`,
    );
  }
  const path = task.text("HealthCheck");
  const port = ports.find(({ protocol }) => protocol === "tcp")?.container;
  return {
    ...(isSet(id) && id !== ZERO_ID ? { id } : {}),
    ...(isSet(name) ? { name } : {}),
    ...(isSet(image) ? { image } : {}),
    ...(isSet(cpu) ? { cpu } : {}),
    ...(isSet(memory) ? { memory } : {}),
    ...(isSet(disk) ? { disk } : {}),
    ...(ports.length === 0 ? {} : { ports }),
    restart: { policy: policy ?? "never" },
    ...(isSet(path) ? { health: { http: { path, ...(port === undefined ? {} : { port }) } } } : {}),
  };
}

type PortWish = NonNullable<TaskDocument["ports"]>[number];

/** All exposed ports are published; a binding says which port of the node is preferred. */
function readPorts(task: Fields): PortWish[] {
  const ports = new Map<string, PortWish>();
  for (const [key, place] of task.entries("ExposedPorts")) {
    const port = parsePort(key);
    if (port === undefined) task.refuseAt(place, "must be a port such as 7777/tcp");
    else ports.set(portName(port), port);
  }
  for (const [key, place, value] of task.entries("PortBindings")) {
    const port = parsePort(key);
    if (port === undefined) task.refuseAt(place, "must be a port such as 7777/tcp");
    else {
      const host = hostPort(value);
      if (host === undefined) task.refuseAt(place, 'must be a port of the node as a string, such as "7777"');
      else ports.set(portName(port), host === 0 ? port : { ...port, host, wish: true });
    }
  }
  return [...ports.values()];
}

function parsePort(key: string): PortWish | undefined {
  const match = /^(\d{1,5})(?:\/(tcp|udp))?$/i.exec(key);
  const container = Number(match?.[1]);
  if (match === null || container < 1 || container > 65_535) return undefined;
  return { container, protocol: match[2]?.toLowerCase() === "udp" ? "udp" : "tcp" };
}

function portName({ container, protocol }: PortWish): string {
  return `${String(container)}/${protocol ?? "tcp"}`;
}

function hostPort(value: unknown): number | undefined {
  if (value === "" || value === null) return 0;
  if (typeof value !== "string" || !/^\d{1,5}$/.test(value)) return undefined;
  const host = Number(value);
  return host <= 65_535 ? host : undefined;
}

/** Go writes what was never set as "", 0 or null. */
function isSet<T>(value: T | undefined): value is T {
  return value !== undefined && value !== "" && value !== 0;
}

/** `/ports/0/container` → `/Task/ExposedPorts`, as the event spells it. */
function originOf(task: Fields, path: string): string {
  return task.path(ORIGIN.get(path.split("/")[1] ?? "") ?? "");
}

/** The fields of one of Cube's objects, by name in any case; of two spellings the later one counts. */
class Fields {
  readonly #fields = new Map<string, { key: string; value: unknown }>();
  readonly #base: string;
  readonly #errors: FieldError[];

  constructor(object: object, base: string, errors: FieldError[]) {
    this.#base = base;
    this.#errors = errors;
    for (const [key, value] of Object.entries(object)) this.#fields.set(key.toLowerCase(), { key, value });
  }

  allow(names: readonly string[]): void {
    const known = new Set(names.map((name) => name.toLowerCase()));
    for (const [name, { key }] of this.#fields) if (!known.has(name)) this.refuse(key, unknownField(key, names));
  }

  get(name: string): unknown {
    return this.#fields.get(name.toLowerCase())?.value ?? undefined;
  }

  path(name: string): string {
    return this.#base + (name === "" ? "" : pointerStep(this.#fields.get(name.toLowerCase())?.key ?? name));
  }

  text(name: string): string | undefined {
    const value = this.get(name);
    if (value === undefined || typeof value === "string") return value;
    this.refuse(name, `must be a string, not ${typeName(value)}`);
    return undefined;
  }

  number(name: string): number | undefined {
    const value = this.get(name);
    if (value === undefined || typeof value === "number") return value;
    this.refuse(name, `must be a number, not ${typeName(value)}`);
    return undefined;
  }

  /** Key, path and value of each entry of a field that is an object. */
  entries(name: string): [key: string, path: string, value: unknown][] {
    const value = this.get(name);
    if (value === undefined) return [];
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      this.refuse(name, `must be an object such as {"7777/tcp": …}, not ${typeName(value)}`);
      return [];
    }
    return Object.entries(value).map(([key, entry]) => [key, this.path(name) + pointerStep(key), entry]);
  }

  refuse(name: string, message: string): void {
    this.refuseAt(this.path(name), message);
  }

  refuseAt(path: string, message: string): void {
    this.#errors.push({ path, message });
  }
}
