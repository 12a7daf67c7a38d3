/**
 * Spread: tasks of one name go to different nodes as long as there are any; among those with equally many, to the least
 * loaded one.
 *
 *     cost = number of tasks of the same name on the node + g / (1 + g)          g: the cost of `greedy`
 *
 * The second summand is below 1 and grows with g, so it never outweighs a task of the same name.
 */
import { figuresOf, type Algorithm, type Figures, type Term } from "./algorithm.ts";
import { largestShare } from "./greedy.ts";
import type { Nodes } from "./nodes.ts";

interface NamedFigures extends Figures {
  readonly name: string;
  readonly nodes: Nodes;
}

const sameName: Term<NamedFigures> = ({ name, nodes }, i) => nodes.at(i).view.taskNames.get(name) ?? 0;

const load: Term<NamedFigures> = (x, i) => {
  const g = largestShare(x, i);
  return g / (1 + g);
};

const sum: Term<NamedFigures> = (x, i) => sameName(x, i) + load(x, i);

export const spread: Algorithm = {
  name: "spread",
  filters: [],
  order: "cost",
  asksName: true,
  over: (nodes) => (task) => {
    const x = { ...figuresOf(task, nodes), name: task.name, nodes };
    return {
      cost: (i) => sum(x, i),
      writeAll(column) {
        for (let i = 0; i < column.length; i += 1) column[i] = sum(x, i);
      },
      explain: (i) => ({ cost: sum(x, i), terms: { sameName: sameName(x, i), load: load(x, i) } }),
    };
  },
};
