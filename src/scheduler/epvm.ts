/**
 * E-PVM: the node where the task adds least to an exponential cost of load, so that one scarce resource outweighs
 * several that are plentiful.
 *
 *     cost = Σ over r of n^((u_r + d_r) / C_r) − n^(u_r / C_r)          r: cpu, memory, disk
 *          + n^((k + 1) / max_jobs) − n^(k / max_jobs)
 *
 * k is the number of tasks on the node; n is the number of nodes up, rounded up to a power of two, and at least 2;
 * max_jobs starts at 1 and doubles when a node passes it.
 *
 * A summand is worked out as n^(u_r / C_r) · (n^(d_r / C_r) − 1): the first factor is the node's and kept until its use
 * changes, the second is the same on all nodes of one shape.
 *
 * Source: Amir, Awerbuch, Barak, Borgstrom, Keren: An Opportunity Cost Approach for Job Assignment in a Scalable
 * Computing Cluster, IEEE Transactions on Parallel and Distributed Systems 11(7), 2000.
 */
import { inUnits, RESOURCE_NAMES } from "../node/ledger.ts";
import type { Resources } from "../task/spec.ts";
import { costsOf, type Algorithm, type Term } from "./algorithm.ts";
import { entry, newColumns, type Columns } from "./columns.ts";
import type { Nodes } from "./nodes.ts";
import type { Positions } from "./positions.ts";

/** What the terms are made of. */
interface Powers {
  /** n^(u_r / C_r) by node. */
  readonly ofUse: Columns;
  /** n^(d_r / C_r) − 1 by shape, and each node's shape. */
  readonly growth: Columns;
  readonly shape: Int32Array;
  /** n^((k + 1) / max_jobs) − n^(k / max_jobs) by k, and each node's k. */
  readonly ofOneMore: Float64Array;
  readonly tasks: Int32Array;
}

const cpu: Term<Powers> = ({ ofUse, growth, shape }, i) => entry(ofUse.cpu, i) * entry(growth.cpu, shape[i] as number);
const memory: Term<Powers> = ({ ofUse, growth, shape }, i) =>
  entry(ofUse.memory, i) * entry(growth.memory, shape[i] as number);
const disk: Term<Powers> = ({ ofUse, growth, shape }, i) =>
  entry(ofUse.disk, i) * entry(growth.disk, shape[i] as number);
const tasks: Term<Powers> = ({ ofOneMore, tasks: k }, i) => entry(ofOneMore, k[i] as number);

const sum: Term<Powers> = (x, i) => cpu(x, i) + memory(x, i) + disk(x, i) + tasks(x, i);

export const epvm: Algorithm = {
  name: "epvm",
  filters: [],
  order: "cost",
  asksName: false,
  asksCluster: true,
  over: (nodes) => {
    const ofNodes = new PowersOfNodes(nodes);
    nodes.follow(ofNodes);
    return (task) => {
      const x = ofNodes.powersFor(inUnits(task.resources));
      return costsOf({
        cost: (i) => sum(x, i),
        write: (costs, on) => writeSums(x, costs, on),
        terms: ["cpu", "memory", "disk", "tasks"],
        note(figures, place, i) {
          const ofCpu = cpu(x, i);
          const ofMemory = memory(x, i);
          const ofDisk = disk(x, i);
          const ofTasks = tasks(x, i);
          figures[place] = ofCpu + ofMemory + ofDisk + ofTasks;
          figures[place + 1] = ofCpu;
          figures[place + 2] = ofMemory;
          figures[place + 3] = ofDisk;
          figures[place + 4] = ofTasks;
        },
      });
    };
  },
};

/** `sum` once more as a loop, which takes its columns out first: the inner one of index and scan. */
function writeSums(
  { ofUse, growth, shape, ofOneMore, tasks: k }: Powers,
  costs: Float64Array,
  { positions, length }: Positions,
): void {
  const { cpu: useCpu, memory: useMemory, disk: useDisk } = ofUse;
  const { cpu: growthCpu, memory: growthMemory, disk: growthDisk } = growth;
  for (let at = 0; at < length; at += 1) {
    const i = positions[at] as number;
    const s = shape[i] as number;
    costs[at] =
      entry(useCpu, i) * entry(growthCpu, s) +
      entry(useMemory, i) * entry(growthMemory, s) +
      entry(useDisk, i) * entry(growthDisk, s) +
      entry(ofOneMore, k[i] as number);
  }
}

/** Keeps the powers that depend on the nodes alone. */
class PowersOfNodes {
  readonly #nodes: Nodes;
  #n = 2;
  #ofUse = newColumns(0);
  #ofOneMore = new Float64Array(0);
  /** Everything has changed since they were worked out: thousands of nodes may join before anybody asks. */
  #areVoid = true;

  constructor(nodes: Nodes) {
    this.#nodes = nodes;
  }

  allChanged(): void {
    this.#areVoid = true;
  }

  changed(i: number): void {
    if (!this.#areVoid) this.#raise(i);
  }

  powersFor(d: Resources): Powers {
    if (this.#areVoid) this.#raiseAll();
    const { shapes, shape, tasks: k } = this.#nodes;
    const growth = newColumns(shapes.length);
    for (const r of RESOURCE_NAMES) {
      for (const [index, C] of shapes.entries()) growth[r][index] = power(this.#n, d[r], C[r]) - 1;
    }
    return { ofUse: this.#ofUse, growth, shape, ofOneMore: this.#ofOneMore, tasks: k };
  }

  #raiseAll(): void {
    const { count, capacity, nodesUp, maxJobs } = this.#nodes;
    const n = base(nodesUp);
    this.#n = n;
    this.#ofOneMore = Float64Array.from(
      { length: maxJobs + 1 },
      (_, k) => n ** ((k + 1) / maxJobs) - n ** (k / maxJobs),
    );
    this.#ofUse = newColumns(capacity.cpu.length);
    for (let i = 0; i < count; i += 1) this.#raise(i);
    this.#areVoid = false;
  }

  #raise(i: number): void {
    const { use: u, capacity: C } = this.#nodes;
    const ofUse = this.#ofUse;
    ofUse.cpu[i] = power(this.#n, entry(u.cpu, i), entry(C.cpu, i));
    ofUse.memory[i] = power(this.#n, entry(u.memory, i), entry(C.memory, i));
    ofUse.disk[i] = power(this.#n, entry(u.disk, i), entry(C.disk, i));
  }
}

/** n^(amount / capacity); 1 where there is nothing of the resource, and nothing is asked for. */
function power(n: number, amount: number, capacity: number): number {
  return amount === 0 ? 1 : n ** (amount / capacity);
}

/** n: the smallest power of two that is not below the number of nodes up, nor below 2. */
function base(nodesUp: number): number {
  return 1 << (32 - Math.clz32(Math.max(2, nodesUp) - 1));
}
