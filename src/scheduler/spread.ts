/**
 * Spread: tasks of one name go to different nodes as long as there are any; among those with equally many, to the least
 * loaded one.
 *
 *     cost = number of tasks of the same name on the node + g / (1 + g)          g: the cost of `greedy`
 *
 * The second summand is below 1 and grows with g, so it never outweighs a task of the same name.
 */
import { costsOf, figuresOf, oneAfterTheOther, ofShares, writeOfShares, type Algorithm } from "./algorithm.ts";
import { entry } from "./columns.ts";
import { largest } from "./greedy.ts";

const belowOne = (cpu: number, memory: number, disk: number): number => {
  const g = largest(cpu, memory, disk);
  return g / (1 + g);
};

const load = ofShares(belowOne);

export const spread: Algorithm = {
  name: "spread",
  filters: [],
  order: "cost",
  asksName: true,
  asksCluster: false,
  over: (nodes) => (task) => {
    const x = figuresOf(task, nodes);
    const sameName = (i: number): number => nodes.at(i).view.taskNames.get(task.name) ?? 0;
    const writeLoads = writeOfShares(x, belowOne);
    const cost = (i: number): number => sameName(i) + load(x, i);
    return costsOf({
      cost,
      write(costs, on) {
        writeLoads(costs, on);
        for (let at = 0; at < on.length; at += 1) costs[at] = sameName(on.positions[at] as number) + entry(costs, at);
      },
      terms: ["sameName", "load"],
      note: oneAfterTheOther(cost, sameName, (i) => load(x, i)),
    });
  },
};
