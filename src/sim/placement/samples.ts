/**
 * The state of the cluster, looked at a fixed number of times while tasks come: what the measures are averages of, and
 * what the plots show.
 *
 * The load of a node in a resource is the larger of what is reserved and what is really used, as a share of what the node
 * has, at most 1; its load is that of its scarcest resource, processor or memory.
 */
import type { Resources } from "../../task/spec.ts";
import type { SimulatedNode } from "./simulated-node.ts";

/** How often the cluster is looked at: in the middle of each of so many equal parts of the time in which tasks come. */
export const SAMPLES = 120;

export interface Sample {
  readonly atMs: number;
  /** Loads of all nodes together, shares of what the cluster has. */
  readonly cpu: number;
  readonly memory: number;
  /** Standard deviation of the nodes' loads over their mean. */
  readonly imbalance: number;
  /** See `fragmentationOf`. */
  readonly fragmentation: number;
  readonly waiting: number;
  readonly running: number;
}

export class Sampler {
  readonly samples: Sample[] = [];
  readonly #nodes: readonly SimulatedNode[];
  readonly #largeTask: Resources;
  /** Sum over the samples of each node's load. */
  readonly #loads: Float64Array;
  readonly #windowMs: number;
  readonly #count: number;

  /** `largeTask`: what fragmentation is measured with. A window of no length is looked at once. */
  constructor(nodes: readonly SimulatedNode[], largeTask: Resources, windowMs: number) {
    this.#nodes = nodes;
    this.#largeTask = largeTask;
    this.#loads = new Float64Array(nodes.length);
    this.#windowMs = windowMs;
    this.#count = windowMs > 0 ? SAMPLES : 1;
  }

  /** When to look next; infinity when all has been seen. */
  get nextMs(): number {
    const taken = this.samples.length;
    return taken < this.#count ? (this.#windowMs * (taken + 0.5)) / this.#count : Number.POSITIVE_INFINITY;
  }

  /** Each node's load, averaged over the samples, the highest first. */
  get nodeLoads(): Float64Array {
    return this.#loads.map((sum) => sum / Math.max(1, this.samples.length)).sort((a, b) => b - a);
  }

  take(waiting: number): void {
    let cpu = 0;
    let memory = 0;
    let running = 0;
    let sum = 0;
    let squares = 0;
    const capacity = { cpu: 0, memory: 0 };
    for (const [index, { ledger, machine }] of this.#nodes.entries()) {
      const { reserved } = ledger;
      const has = machine.capacity;
      const cpuUse = Math.min(has.cpu, Math.max(reserved.cpu, machine.wantedCpu));
      const memoryUse = Math.min(has.memory, Math.max(reserved.memory, machine.wantedMemory));
      const load = Math.max(share(cpuUse, has.cpu), share(memoryUse, has.memory));
      cpu += cpuUse;
      memory += memoryUse;
      capacity.cpu += has.cpu;
      capacity.memory += has.memory;
      running += ledger.count;
      sum += load;
      squares += load * load;
      this.#loads[index] = (this.#loads[index] ?? 0) + load;
    }
    const mean = sum / this.#nodes.length;
    const variance = Math.max(0, squares / this.#nodes.length - mean * mean);
    this.samples.push({
      atMs: this.nextMs,
      cpu: share(cpu, capacity.cpu),
      memory: share(memory, capacity.memory),
      imbalance: mean > 0 ? Math.sqrt(variance) / mean : 0,
      fragmentation: fragmentationOf(this.#nodes, this.#largeTask),
      waiting,
      running,
    });
  }
}

/**
 * Of the large tasks that the free resources would hold were they on one machine, the share that finds no room because
 * they are scattered: 0 where all of them do, 1 where none does; 0 too where there is not enough for one.
 */
export function fragmentationOf(nodes: readonly SimulatedNode[], task: Resources): number {
  let apart = 0;
  const together = { cpu: 0, memory: 0, disk: 0 };
  for (const { ledger } of nodes) {
    const { free } = ledger;
    apart += howMany(task, free);
    together.cpu += Math.max(0, free.cpu);
    together.memory += Math.max(0, free.memory);
    together.disk += Math.max(0, free.disk);
  }
  const inOnePiece = howMany(task, together);
  return inOnePiece === 0 ? 0 : 1 - apart / inOnePiece;
}

function howMany(task: Resources, free: Resources): number {
  return Math.floor(
    Math.min(fits(task.cpu, free.cpu), fits(task.memory, free.memory), fits(task.disk, free.disk)) + ROUNDING,
  );
}

/** Sums of cores are exact in the ledger, but not added up over nodes. */
const ROUNDING = 1e-9;

function fits(needs: number, has: number): number {
  return needs === 0 ? Number.MAX_SAFE_INTEGER : Math.max(0, has) / needs;
}

function share(amount: number, of: number): number {
  return of > 0 ? amount / of : 0;
}
