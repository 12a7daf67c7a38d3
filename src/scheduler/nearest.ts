/** Rejected nodes in an order that helps: how many each filter rejects, and which nodes come nearest to taking the task. */
import { RESOURCE_NAMES } from "../node/ledger.ts";
import type { FilterName, RejectedNode } from "./scheduler.ts";

/** How many nodes each filter rejects. */
export function countByFilter(rejected: readonly Pick<RejectedNode, "filters">[]): Partial<Record<FilterName, number>> {
  const by: Partial<Record<FilterName, number>> = {};
  for (const { filters } of rejected) for (const { filter } of filters) by[filter] = (by[filter] ?? 0) + 1;
  return by;
}

/** `memory (187), constraint (13)`: the commonest first. */
export function formatCounts(rejectedBy: Readonly<Partial<Record<FilterName, number>>>): string {
  const commonest = Object.entries(rejectedBy).sort(([, a = 0], [, b = 0]) => b - a);
  return commonest.map(([filter, count]) => `${filter} (${String(count)})`).join(", ");
}

/** Those that lack least first: fewer filters, then the smaller part of what is needed. */
export function nearestFirst<Node extends RejectedNode>(rejected: readonly Node[]): Node[] {
  const distances = new Map(rejected.map((node) => [node, distanceOf(node)]));
  return [...rejected].sort((a, b) => (distances.get(a) ?? 0) - (distances.get(b) ?? 0));
}

/** A whole number for each filter but the last, and a share of 1 for what is lacking of resources. */
function distanceOf({ filters }: RejectedNode): number {
  let lacking = 0;
  for (const { filter, needs, has } of filters) {
    const isAmount = RESOURCE_NAMES.some((name) => name === filter);
    lacking += isAmount ? (Number(needs) - Number(has)) / Number(needs) : 1;
  }
  return filters.length + lacking / (filters.length + 1);
}
