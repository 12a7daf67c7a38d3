/**
 * Greedy: the least loaded node.
 *
 *     cost = max over r of (u_r + d_r) / C_r          r: cpu, memory, disk
 *
 * The load of a node is that of its scarcest resource once the task is there. This is list scheduling for makespan
 * with vectors for loads: Graham, Bounds for Certain Multiprocessing Anomalies, Bell System Technical Journal 45, 1966.
 */
import { figuresOf, shareAfter, type Algorithm, type Figures, type Term } from "./algorithm.ts";

const { cpu, memory, disk } = shareAfter;

/** The cost of greedy, for `spread` to build on. */
export const largestShare: Term<Figures> = (x, i) => Math.max(cpu(x, i), memory(x, i), disk(x, i));

export const greedy: Algorithm = {
  name: "greedy",
  filters: [],
  order: "cost",
  asksName: false,
  over: (nodes) => (task) => {
    const x = figuresOf(task, nodes);
    return {
      cost: (i) => largestShare(x, i),
      writeAll(column) {
        for (let i = 0; i < column.length; i += 1) column[i] = largestShare(x, i);
      },
      explain: (i) => ({
        cost: largestShare(x, i),
        terms: { cpu: cpu(x, i), memory: memory(x, i), disk: disk(x, i) },
      }),
    };
  },
};
