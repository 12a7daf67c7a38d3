/**
 * The ledger of one node: who has reserved what. It is the one place that decides whether something still fits, at the
 * manager and at the worker alike. A reservation is held by an attempt from its assignment until its absence is
 * confirmed; reserving twice for the same attempt counts once.
 */
import type { AttemptKey } from "../task/id.ts";
import type { PortRequest, Protocol, Resources } from "../task/spec.ts";

/** What an attempt asks of a node. */
export interface Demand {
  readonly resources: Resources;
  readonly ports: readonly PortRequest[];
}

/** One respect in which a demand does not fit: what it needs, and what is left. */
export interface Shortfall {
  readonly what: "cpu" | "memory" | "disk" | "ports";
  readonly needs: number;
  readonly has: number;
  /** Of `ports`: the port that is taken. */
  readonly port?: string;
}

/** Cores are added up in floating point; a difference this small is no shortfall. */
const CPU_TOLERANCE = 1e-9;

export function portKey(host: number, protocol: Protocol): string {
  return `${String(host)}/${protocol}`;
}

export class Ledger {
  capacity: Resources;
  readonly #held = new Map<AttemptKey, Demand>();
  readonly #ports = new Map<string, AttemptKey>();
  #reserved: Resources = { cpu: 0, memory: 0, disk: 0 };

  constructor(capacity: Resources) {
    this.capacity = capacity;
  }

  get reserved(): Resources {
    return this.#reserved;
  }

  /** Number of attempts that hold a reservation. */
  get count(): number {
    return this.#held.size;
  }

  has(key: AttemptKey): boolean {
    return this.#held.has(key);
  }

  isPortFree(host: number, protocol: Protocol): boolean {
    return !this.#ports.has(portKey(host, protocol));
  }

  /** Every respect in which the demand does not fit, empty when it does. */
  shortfalls(demand: Demand): Shortfall[] {
    const found: Shortfall[] = [];
    for (const what of ["cpu", "memory", "disk"] as const) {
      const needs = demand.resources[what];
      const has = this.capacity[what] - this.#reserved[what];
      if (needs > has + (what === "cpu" ? CPU_TOLERANCE : 0)) found.push({ what, needs, has });
    }
    for (const { host, protocol, wish } of demand.ports) {
      if (host === 0 || wish || this.isPortFree(host, protocol)) continue;
      found.push({ what: "ports", needs: 1, has: 0, port: portKey(host, protocol) });
    }
    return found;
  }

  /**
   * Holds the demand for the attempt, whether or not it fits: what already runs has to be counted too. Whoever assigns
   * something new asks `shortfalls` first.
   */
  reserve(key: AttemptKey, demand: Demand): void {
    if (this.#held.has(key)) return;
    this.#held.set(key, demand);
    this.#add(demand.resources, 1);
    for (const { host, protocol, wish } of demand.ports) {
      if (host !== 0 && !wish && this.isPortFree(host, protocol)) this.#ports.set(portKey(host, protocol), key);
    }
  }

  /** Takes note of a port that the attempt was given rather than asked for. */
  holdPort(key: AttemptKey, host: number, protocol: Protocol): void {
    if (this.#held.has(key) && this.isPortFree(host, protocol)) this.#ports.set(portKey(host, protocol), key);
  }

  /** Frees what the attempt held; nothing when it held nothing. */
  release(key: AttemptKey): void {
    const demand = this.#held.get(key);
    if (demand === undefined) return;
    this.#held.delete(key);
    this.#add(demand.resources, -1);
    for (const [port, holder] of this.#ports) if (holder === key) this.#ports.delete(port);
    if (this.#held.size === 0) this.#reserved = { cpu: 0, memory: 0, disk: 0 };
  }

  #add({ cpu, memory, disk }: Resources, sign: 1 | -1): void {
    const { cpu: c, memory: m, disk: d } = this.#reserved;
    this.#reserved = { cpu: c + sign * cpu, memory: m + sign * memory, disk: d + sign * disk };
  }
}
