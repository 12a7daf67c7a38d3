/** The nodes, each in a slot of its own for as long as it is there, in the order in which they joined. */
import { LIVE_AVAILABILITIES, LIVE_STATUSES } from "../../../src/api/live-codes.ts";
import type { LiveFrame, LiveLoads, LiveNodes } from "../../../src/api/live-json.ts";
import { valueAt } from "./columns.ts";
import type { LiveNode, Resources } from "./values.ts";

/** A node with its tasks. The tables write it; whoever looks only reads. */
export interface NodeRow {
  readonly slot: number;
  /** Its number. */
  readonly n: number;
  facts: Omit<LiveNode, "reserved" | "used" | "tasks" | "drain">;
  /** What is in the way of its drain; empty: nothing. */
  blocked: string;
  reserved: Resources;
  used: Resources | undefined;
  /** Slots of the live tasks on it, in the order in which they came. */
  readonly tasks: number[];
  /** Grows with every change of the row and of what is on it. */
  version: number;
  /** The snapshot that told of it last. */
  snapshot: number;
}

export class NodeTable {
  /** By slot; undefined where there is none any more. */
  readonly rows: (NodeRow | undefined)[] = [];
  readonly #byNumber = new Map<number, NodeRow>();
  readonly #byName = new Map<string, NodeRow>();
  readonly #free: number[] = [];

  get size(): number {
    return this.#byNumber.size;
  }

  numbered(n: number): NodeRow | undefined {
    return this.#byNumber.get(n);
  }

  named(name: string): NodeRow | undefined {
    return this.#byName.get(name);
  }

  /** In the order in which they joined. */
  inOrder(): readonly NodeRow[] {
    return [...this.#byNumber.values()].sort((a, b) => a.n - b.n);
  }

  /** Takes one row of a frame in; the row that it is now. */
  take(nodes: LiveNodes, row: number, { words = [], labels = [] }: LiveFrame): NodeRow {
    const n = nodes.n[row] ?? 0;
    const facts: NodeRow["facts"] = {
      name: nodes.name[row] ?? "",
      status: LIVE_STATUSES[valueAt(nodes.status, row)] ?? "lost",
      availability: LIVE_AVAILABILITIES[valueAt(nodes.availability, row)] ?? "active",
      reason: words[valueAt(nodes.reason, row)] ?? "",
      address: valueAt(nodes.address, row),
      version: valueAt(nodes.version, row),
      labels: labels[valueAt(nodes.labels, row)] ?? {},
      runtimes: valueAt(nodes.runtimes, row).split(" "),
      capacity: { cpu: valueAt(nodes.cpu, row), memory: valueAt(nodes.memory, row), disk: valueAt(nodes.disk, row) },
      joinedAt: valueAt(nodes.joinedAt, row),
    };
    const blocked = words[valueAt(nodes.blocked, row)] ?? "";
    const load = loadAt(nodes, row);
    const known = this.#byNumber.get(n);
    if (known === undefined) return this.#add({ n, facts, blocked, ...load });
    if (known.facts.name !== facts.name) {
      this.#byName.delete(known.facts.name);
      this.#byName.set(facts.name, known);
    }
    return Object.assign(known, { facts, blocked, ...load });
  }

  takeLoad(loads: LiveLoads, row: number): NodeRow | undefined {
    const known = this.#byNumber.get(loads.n[row] ?? 0);
    return known === undefined ? undefined : Object.assign(known, loadAt(loads, row));
  }

  remove(row: NodeRow): void {
    this.#byNumber.delete(row.n);
    if (this.#byName.get(row.facts.name) === row) this.#byName.delete(row.facts.name);
    this.rows[row.slot] = undefined;
    this.#free.push(row.slot);
  }

  #add(fresh: Pick<NodeRow, "n" | "facts" | "blocked" | "reserved" | "used">): NodeRow {
    const slot = this.#free.pop() ?? this.rows.length;
    const row: NodeRow = { ...fresh, slot, tasks: [], version: 0, snapshot: 0 };
    this.rows[slot] = row;
    this.#byNumber.set(row.n, row);
    this.#byName.set(row.facts.name, row);
    return row;
  }
}

export function nodeValue({ facts, blocked, reserved, used, tasks }: NodeRow): LiveNode {
  const drain = { left: tasks.length, blocked: blocked === "" ? undefined : blocked };
  return { ...facts, reserved, used, tasks: tasks.length, drain: facts.availability === "drain" ? drain : undefined };
}

function loadAt(loads: Omit<LiveLoads, "n">, row: number): Pick<NodeRow, "reserved" | "used"> {
  const usedCpu = valueAt(loads.usedCpu, row);
  return {
    reserved: {
      cpu: valueAt(loads.reservedCpu, row),
      memory: valueAt(loads.reservedMemory, row),
      disk: valueAt(loads.reservedDisk, row),
    },
    used:
      usedCpu < 0
        ? undefined
        : { cpu: usedCpu, memory: valueAt(loads.usedMemory, row), disk: valueAt(loads.usedDisk, row) },
  };
}
