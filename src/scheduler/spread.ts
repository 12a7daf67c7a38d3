/**
 * Spread: tasks of one name go to different nodes as long as there are any; among those with equally many, to the least
 * loaded one.
 *
 *     cost = number of tasks of the same name on the node + g / (1 + g)          g: the cost of `greedy`
 *
 * The second summand is below 1 and grows with g, so it never outweighs a task of the same name.
 */
import { sumOf, type Term } from "./algorithm.ts";
import { greedy } from "./greedy.ts";

const sameName: Term = (demand, node) => node.taskNames.get(demand.name) ?? 0;

const load: Term = (demand, node, cluster) => {
  const g = greedy.cost(demand, node, cluster);
  return g / (1 + g);
};

export const spread = sumOf("spread", { sameName, load });
