/**
 * Greedy: the least loaded node.
 *
 *     cost = max over r of (u_r + d_r) / C_r          r: cpu, memory, disk
 *
 * The load of a node is that of its scarcest resource once the task is there. This is list scheduling for makespan
 * with vectors for loads: Graham, Bounds for Certain Multiprocessing Anomalies, Bell System Technical Journal 45, 1966.
 */
import { costsOf, figuresOf, ofShares, shareAfter, writeOfShares, type Algorithm } from "./algorithm.ts";

const { cpu, memory, disk } = shareAfter;

/** The cost of greedy, for `spread` to build on. */
export function largest(ofCpu: number, ofMemory: number, ofDisk: number): number {
  const larger = ofCpu > ofMemory ? ofCpu : ofMemory;
  return larger > ofDisk ? larger : ofDisk;
}

const largestShare = ofShares(largest);

export const greedy: Algorithm = {
  name: "greedy",
  filters: [],
  order: "cost",
  asksName: false,
  asksCluster: false,
  over: (nodes) => (task) => {
    const x = figuresOf(task, nodes);
    return costsOf({
      cost: (i) => largestShare(x, i),
      write: writeOfShares(x, largest),
      terms: ["cpu", "memory", "disk"],
      note(figures, place, i) {
        const ofCpu = cpu(x, i);
        const ofMemory = memory(x, i);
        const ofDisk = disk(x, i);
        figures[place] = largest(ofCpu, ofMemory, ofDisk);
        figures[place + 1] = ofCpu;
        figures[place + 2] = ofMemory;
        figures[place + 3] = ofDisk;
      },
    });
  },
};
