/**
 * Bin packing: the fullest node that still takes the task (best fit), so that whole nodes stay free for large tasks.
 *
 *     cost = Σ over r of 10^(free share of r afterwards)          r: cpu, memory
 *
 * The exponential prefers a node that is full in both to one that is full in one of them. It is the form that Nomad's
 * scheduler uses.
 */
import type { ResourceName } from "../node/ledger.ts";
import { shareAfter, sumOf, type Term } from "./algorithm.ts";

function resource(r: ResourceName): Term {
  return (demand, node) => 10 ** (1 - shareAfter(r, demand, node));
}

export const binpack = sumOf("binpack", { cpu: resource("cpu"), memory: resource("memory") });
