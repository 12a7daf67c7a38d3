/**
 * Bin packing: the fullest node that still takes the task (best fit), so that whole nodes stay free for large tasks.
 *
 *     cost = Σ over r of 10^(free share of r afterwards)          r: cpu, memory
 *
 * The exponential prefers a node that is full in both to one that is full in one of them. It is the form that Nomad's
 * scheduler uses.
 */
import { figuresOf, shareAfter, type Algorithm, type Figures, type Term } from "./algorithm.ts";

const cpu: Term<Figures> = (x, i) => 10 ** (1 - shareAfter.cpu(x, i));
const memory: Term<Figures> = (x, i) => 10 ** (1 - shareAfter.memory(x, i));

const sum: Term<Figures> = (x, i) => cpu(x, i) + memory(x, i);

export const binpack: Algorithm = {
  name: "binpack",
  filters: [],
  order: "cost",
  asksName: false,
  over: (nodes) => (task) => {
    const x = figuresOf(task, nodes);
    return {
      cost: (i) => sum(x, i),
      writeAll(column) {
        for (let i = 0; i < column.length; i += 1) column[i] = sum(x, i);
      },
      explain: (i) => ({ cost: sum(x, i), terms: { cpu: cpu(x, i), memory: memory(x, i) } }),
    };
  },
};
