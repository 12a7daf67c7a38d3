/**
 * The ledger of one node: who has reserved what. It is the one place that decides whether something still fits, at the
 * manager and at the worker alike. A reservation is held by an attempt from its assignment until its absence is
 * confirmed; reserving twice for the same attempt counts once, so what is assigned and what is reported may both be
 * entered, in any order.
 *
 * Cores are summed up in whole millionths: sums are exact, and what was taken leaves nothing behind when it is freed.
 */
import type { AttemptKey } from "../task/id.ts";
import type { PortRequest, Protocol, Resources } from "../task/spec.ts";

/** What an attempt asks of a node. */
export interface Demand {
  readonly resources: Resources;
  readonly ports: readonly PortRequest[];
}

export type ResourceName = keyof Resources;
export const RESOURCE_NAMES: readonly ResourceName[] = ["cpu", "memory", "disk"];

/** One respect in which a demand does not fit: what it needs, and what is left. */
export interface Shortfall {
  readonly what: ResourceName | "ports";
  readonly needs: number;
  /** Negative where more is reserved than there is. */
  readonly has: number;
  /** Of `ports`: the port that is taken. */
  readonly port?: string;
}

const MILLIONTHS = 1_000_000;

/** A port as people write it: `8080/tcp`. */
export function portName(host: number, protocol: Protocol): string {
  return `${String(host)}/${protocol}`;
}

/** True for a port that the task must have, rather than wish for or leave to the worker. */
export function isFixed({ host, wish }: PortRequest): boolean {
  return host !== 0 && !wish;
}

export class Ledger {
  readonly #held = new Map<AttemptKey, Demand>();
  /** Keys of the ports that an attempt holds, of those that hold any. */
  readonly #heldPorts = new Map<AttemptKey, readonly number[]>();
  /** Number of holders of each port: two attempts can be found on one port, and it is free when both are gone. */
  readonly #ports = new Map<number, number>();
  /** In whole units, see `units`. */
  #capacity: Resources;
  readonly #reserved = { cpu: 0, memory: 0, disk: 0 };

  constructor(capacity: Resources) {
    this.#capacity = inUnits(capacity);
  }

  /** Cores and bytes that the node has. */
  get capacity(): Resources {
    return fromUnits(this.#capacity);
  }

  set capacity(capacity: Resources) {
    this.#capacity = inUnits(capacity);
  }

  /** Cores and bytes that are taken: more than the capacity where tasks were found rather than assigned. */
  get reserved(): Resources {
    return fromUnits(this.#reserved);
  }

  /** What there is, in whole units (see `units`): the ledger's own numbers, for who looks often. */
  get capacityUnits(): Readonly<Resources> {
    return this.#capacity;
  }

  /** What is taken, in whole units (see `units`): the ledger's own numbers, for who looks often. */
  get reservedUnits(): Readonly<Resources> {
    return this.#reserved;
  }

  /** Cores and bytes that are left; negative where more is taken than there is. */
  get free(): Resources {
    const { cpu, memory, disk } = this.#reserved;
    const capacity = this.#capacity;
    return fromUnits({ cpu: capacity.cpu - cpu, memory: capacity.memory - memory, disk: capacity.disk - disk });
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

  /** True when the node has that much left. What asks for nothing always fits. */
  hasRoom(what: ResourceName, amount: number): boolean {
    const needs = units(what, amount);
    return needs === 0 || needs <= this.#capacity[what] - this.#reserved[what];
  }

  /** True when all of the demand fits. */
  fits({ resources, ports }: Demand): boolean {
    for (const what of RESOURCE_NAMES) if (!this.hasRoom(what, resources[what])) return false;
    for (const port of ports) if (isFixed(port) && !this.isPortFree(port.host, port.protocol)) return false;
    return true;
  }

  /** Every respect in which the demand does not fit, empty when it does. */
  shortfalls({ resources, ports }: Demand): Shortfall[] {
    const found: Shortfall[] = [];
    const { free } = this;
    for (const what of RESOURCE_NAMES) {
      if (!this.hasRoom(what, resources[what])) found.push({ what, needs: resources[what], has: free[what] });
    }
    for (const port of ports) {
      if (!isFixed(port) || this.isPortFree(port.host, port.protocol)) continue;
      found.push({ what: "ports", needs: 1, has: 0, port: portName(port.host, port.protocol) });
    }
    return found;
  }

  /**
   * Holds the demand for the attempt, whether or not it fits: what already runs has to be counted too. Whoever assigns
   * something new asks `fits` or `shortfalls` first.
   */
  reserve(key: AttemptKey, demand: Demand): void {
    if (this.#held.has(key)) return;
    this.#held.set(key, demand);
    this.#add(demand.resources, 1);
    for (const port of demand.ports) if (isFixed(port)) this.holdPort(key, port.host, port.protocol);
  }

  /** Takes note of a port that the attempt was given, whether or not it asked for it. */
  holdPort(key: AttemptKey, host: number, protocol: Protocol): void {
    const ports = this.#heldPorts.get(key) ?? [];
    const port = portKey(host, protocol);
    if (!this.#held.has(key) || ports.includes(port)) return;
    this.#heldPorts.set(key, [...ports, port]);
    this.#ports.set(port, (this.#ports.get(port) ?? 0) + 1);
  }

  /** Frees what the attempt held; nothing when it held nothing. */
  release(key: AttemptKey): void {
    const demand = this.#held.get(key);
    if (demand === undefined) return;
    this.#held.delete(key);
    this.#add(demand.resources, -1);
    const ports = this.#heldPorts.get(key);
    if (ports === undefined) return;
    this.#heldPorts.delete(key);
    for (const port of ports) {
      const holders = this.#ports.get(port) ?? 0;
      if (holders > 1) this.#ports.set(port, holders - 1);
      else this.#ports.delete(port);
    }
  }

  /** A ledger of its own with the same capacity and holders. */
  copy(): Ledger {
    const copy = new Ledger(this.capacity);
    for (const [key, demand] of this.#held) copy.#held.set(key, demand);
    for (const [key, ports] of this.#heldPorts) copy.#heldPorts.set(key, ports);
    for (const [port, holders] of this.#ports) copy.#ports.set(port, holders);
    Object.assign(copy.#reserved, this.#reserved);
    return copy;
  }

  #add({ cpu, memory, disk }: Resources, sign: 1 | -1): void {
    const reserved = this.#reserved;
    reserved.cpu += sign * units("cpu", cpu);
    reserved.memory += sign * memory;
    reserved.disk += sign * disk;
  }
}

/**
 * The share of a capacity that an amount makes up, worked out in whole units: equal shares are equal numbers, so that
 * nodes that are equally loaded tie.
 */
export function shareOf(what: ResourceName, amount: number, capacity: number): number {
  return units(what, amount) / units(what, capacity);
}

function portKey(host: number, protocol: Protocol): number {
  return host * 2 + (protocol === "udp" ? 1 : 0);
}

/** An amount in the whole numbers that the ledger counts in: millionths of a core, bytes. Exact up to 2^53 in all. */
export function units(what: ResourceName, amount: number): number {
  return what === "cpu" ? Math.round(amount * MILLIONTHS) : amount;
}

export function inUnits({ cpu, memory, disk }: Resources): Resources {
  return { cpu: units("cpu", cpu), memory, disk };
}

export function fromUnits({ cpu, memory, disk }: Resources): Resources {
  return { cpu: cpu / MILLIONTHS, memory, disk };
}
