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
 * Source: Amir, Awerbuch, Barak, Borgstrom, Keren: An Opportunity Cost Approach for Job Assignment in a Scalable
 * Computing Cluster, IEEE Transactions on Parallel and Distributed Systems 11(7), 2000.
 */
import { shareOf, type ResourceName } from "../node/ledger.ts";
import { sumOf, type ClusterLoad, type Term } from "./algorithm.ts";

function resource(r: ResourceName): Term {
  return ({ resources: d }, { use: u, capacity: C }, cluster) => {
    if (d[r] === 0) return 0; // also where the node has nothing of r
    const n = base(cluster);
    return n ** shareOf(r, u[r] + d[r], C[r]) - n ** shareOf(r, u[r], C[r]);
  };
}

const tasks: Term = (_demand, { tasks: k }, cluster) => {
  const n = base(cluster);
  return n ** ((k + 1) / cluster.maxJobs) - n ** (k / cluster.maxJobs);
};

/** n: the smallest power of two that is not below the number of nodes up, nor below 2. */
function base({ nodesUp }: ClusterLoad): number {
  return 1 << (32 - Math.clz32(Math.max(2, nodesUp) - 1));
}

export const epvm = sumOf("epvm", { cpu: resource("cpu"), memory: resource("memory"), disk: resource("disk"), tasks });
