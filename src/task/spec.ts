/**
 * The spec: a document in numbers, complete. It never changes once the task is accepted.
 *
 * Many tasks share one spec; `SpecTable` keeps one object for all that are alike, so that a task costs a reference and
 * comparing two specs is comparing two references.
 */
import { parseDuration } from "../utils/durations.ts";
import { parseSize } from "../utils/sizes.ts";
import type { RuntimeKind, SpecDocument, TaskDocument } from "./document.ts";

export type Protocol = "tcp" | "udp";

export interface PortRequest {
  readonly container: number;
  /** The node's port; 0 is any free one of the worker's range. */
  readonly host: number;
  readonly protocol: Protocol;
  /** `host` is only preferred: where it is taken, any free one will do. */
  readonly wish: boolean;
}

export interface VolumeMount {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

export interface RestartPolicy {
  readonly policy: "on-failure" | "always" | "never";
  /** Restarts allowed within the window; `always` ignores it. */
  readonly attempts: number;
  readonly windowMs: number;
  readonly delayMs: number;
  readonly delayMaxMs: number;
}

export interface ReschedulePolicy {
  readonly attempts: number;
  readonly delayMs: number;
  readonly onDisconnect: "replace" | "stop";
}

export type Probe =
  | { readonly kind: "http"; readonly port: number; readonly path: string }
  | { readonly kind: "tcp"; readonly port: number }
  | { readonly kind: "command"; readonly command: readonly string[] };

export interface HealthCheck {
  readonly probe: Probe;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly startPeriodMs: number;
}

/** What a task reserves on its node: cores, bytes, bytes. */
export interface Resources {
  readonly cpu: number;
  readonly memory: number;
  readonly disk: number;
}

export interface TaskSpec {
  /** The document without id and name, as accepted. It holds the secrets: only `publicDocument` may leave the process. */
  readonly document: SpecDocument;
  readonly runtime: RuntimeKind;
  /** Reserved on the node, whether asked for or by default. */
  readonly resources: Resources;
  /** Enforced by the engine: only what the user asked for. */
  readonly limits: { readonly cpu?: number; readonly memory?: number; readonly disk?: number };
  readonly ports: readonly PortRequest[];
  readonly volumes: readonly VolumeMount[];
  readonly restart: RestartPolicy;
  readonly reschedule: ReschedulePolicy;
  readonly health: HealthCheck | undefined;
  readonly constraints: readonly string[];
  readonly antiAffinity: readonly string[];
  readonly priority: number;
  readonly startTimeoutMs: number;
  readonly stopTimeoutMs: number;
}

/** A document with every default in its place, written as the contract writes it. */
export function withDefaults(document: SpecDocument): SpecDocument {
  const { restart, reschedule, health, ports, volumes } = document;
  return {
    ...document,
    runtime: document.runtime ?? "docker",
    pull: document.pull ?? "missing",
    cpu: document.cpu ?? 0.1,
    memory: document.memory ?? "64MiB",
    disk: document.disk ?? 0,
    ports: (ports ?? []).map((port) => ({ host: 0, protocol: "tcp", ...port })),
    volumes: (volumes ?? []).map((volume) => ({ readOnly: false, ...volume })),
    restart: { policy: "on-failure", attempts: 3, window: "10m", delay: "1s", delayMax: "1m", ...restart },
    reschedule: { attempts: 5, delay: "5s", onDisconnect: "replace", ...reschedule },
    ...(health === undefined
      ? {}
      : { health: { interval: "10s", timeout: "2s", retries: 3, startPeriod: "5s", ...health } }),
    priority: document.priority ?? 50,
    startTimeout: document.startTimeout ?? "5m",
    stopTimeout: document.stopTimeout ?? "10s",
  };
}

/** The spec that a checked document stands for. */
export function resolveSpec(document: SpecDocument): TaskSpec {
  const full = withDefaults(document);
  const memory = bytes(full.memory);
  const disk = bytes(full.disk);
  return {
    document,
    runtime: full.runtime ?? "docker",
    resources: { cpu: full.cpu ?? 0, memory, disk },
    limits: {
      ...(document.cpu === undefined || document.cpu === 0 ? {} : { cpu: document.cpu }),
      ...(document.memory === undefined || memory === 0 ? {} : { memory }),
      ...(document.disk === undefined || disk === 0 ? {} : { disk }),
    },
    ports: (full.ports ?? []).map((port) => ({
      container: port.container,
      host: port.host ?? 0,
      protocol: port.protocol ?? "tcp",
      wish: port.wish ?? false,
    })),
    volumes: (full.volumes ?? []).map((volume) => ({ ...volume, readOnly: volume.readOnly ?? false })),
    restart: {
      policy: full.restart?.policy ?? "on-failure",
      attempts: full.restart?.attempts ?? 3,
      windowMs: milliseconds(full.restart?.window),
      delayMs: milliseconds(full.restart?.delay),
      delayMaxMs: milliseconds(full.restart?.delayMax),
    },
    reschedule: {
      attempts: full.reschedule?.attempts ?? 5,
      delayMs: milliseconds(full.reschedule?.delay),
      onDisconnect: full.reschedule?.onDisconnect ?? "replace",
    },
    health: healthCheck(full),
    constraints: full.constraints ?? [],
    antiAffinity: full.antiAffinity ?? [],
    priority: full.priority ?? 50,
    startTimeoutMs: milliseconds(full.startTimeout),
    stopTimeoutMs: milliseconds(full.stopTimeout),
  };
}

function healthCheck(full: SpecDocument): HealthCheck | undefined {
  const { health } = full;
  if (health === undefined) return undefined;
  const firstPort = full.ports?.[0]?.container ?? 0;
  let probe: Probe;
  if (health.command !== undefined) probe = { kind: "command", command: health.command };
  else if (health.tcp !== undefined) probe = { kind: "tcp", port: health.tcp.port ?? firstPort };
  else probe = { kind: "http", path: health.http?.path ?? "/", port: health.http?.port ?? firstPort };
  return {
    probe,
    intervalMs: Math.max(100, milliseconds(health.interval)),
    timeoutMs: Math.max(1, milliseconds(health.timeout)),
    retries: health.retries ?? 3,
    startPeriodMs: milliseconds(health.startPeriod),
  };
}

/** The document with the secrets left out and nothing filled in. */
export function withoutSecrets(document: SpecDocument): SpecDocument {
  const { registryAuth: _registryAuth, env, ...rest } = document;
  if (env === undefined) return rest;
  const shown = Object.entries(env).filter(([, value]) => typeof value === "string");
  return { ...rest, env: Object.fromEntries(shown) };
}

/** The document as it may leave the process: defaults filled in, secrets left out. */
export function publicDocument(document: SpecDocument): SpecDocument {
  return withDefaults(withoutSecrets(document));
}

/** The environment in plain text, for the runtime alone. */
export function environment(document: SpecDocument): Record<string, string> {
  const entries = Object.entries(document.env ?? {});
  return Object.fromEntries(entries.map(([key, value]) => [key, typeof value === "string" ? value : value.value]));
}

/** True when the document holds anything that `publicDocument` leaves out. */
export function hasSecrets(document: SpecDocument): boolean {
  return (
    document.registryAuth !== undefined || Object.values(document.env ?? {}).some((value) => typeof value !== "string")
  );
}

/** The part of a document that many tasks can share. */
export function specOf(document: TaskDocument): SpecDocument {
  const { id: _id, name: _name, ...rest } = document;
  return rest;
}

const texts = new WeakMap<TaskSpec, string>();

/** The document of a spec as JSON; kept, since many tasks share the spec and each is written several times. */
export function documentText(spec: TaskSpec): string {
  const known = texts.get(spec) ?? JSON.stringify(spec.document);
  texts.set(spec, known);
  return known;
}

/** Keeps one spec for all documents that are alike, as long as somebody holds it. */
export class SpecTable {
  readonly #specs = new Map<string, TaskSpec>();
  readonly #holders = new Map<TaskSpec, { readonly key: string; count: number }>();

  /** The shared spec of the document, resolved when it is the first of its kind. */
  acquire(document: SpecDocument): TaskSpec {
    const key = JSON.stringify(document);
    const spec = this.#specs.get(key) ?? resolveSpec(document);
    const holders = this.#holders.get(spec);
    if (holders === undefined) {
      this.#specs.set(key, spec);
      this.#holders.set(spec, { key, count: 1 });
    } else {
      holders.count += 1;
    }
    return spec;
  }

  /** Says that one holder of the spec is gone. */
  release(spec: TaskSpec): void {
    const holders = this.#holders.get(spec);
    if (holders === undefined) return;
    holders.count -= 1;
    if (holders.count > 0) return;
    this.#holders.delete(spec);
    this.#specs.delete(holders.key);
  }

  get size(): number {
    return this.#specs.size;
  }
}

function bytes(value: string | number | undefined): number {
  return parseSize(value ?? 0) ?? 0;
}

function milliseconds(value: string | number | undefined): number {
  return parseDuration(value ?? 0) ?? 0;
}
