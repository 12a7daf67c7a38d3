/**
 * Greedy: the least loaded node.
 *
 *     cost = max over r of (u_r + d_r) / C_r          r: cpu, memory, disk
 *
 * The load of a node is that of its scarcest resource once the task is there. This is list scheduling for makespan
 * with vectors for loads: Graham, Bounds for Certain Multiprocessing Anomalies, Bell System Technical Journal 45, 1966.
 */
import { largestOf, shareAfter } from "./algorithm.ts";

export const greedy = largestOf("greedy", {
  cpu: (demand, node) => shareAfter("cpu", demand, node),
  memory: (demand, node) => shareAfter("memory", demand, node),
  disk: (demand, node) => shareAfter("disk", demand, node),
});
