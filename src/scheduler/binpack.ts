/**
 * Bin packing: the fullest node that still takes the task (best fit), so that whole nodes stay free for large tasks.
 *
 *     cost = Σ over r of 10^(free share of r afterwards)          r: cpu, memory
 *
 * The exponential prefers a node that is full in both to one that is full in one of them. It is the form that Nomad's
 * scheduler uses.
 */
import { costsOf, figuresOf, oneAfterTheOther, ofShares, writeOfShares, type Algorithm } from "./algorithm.ts";

const room = (share: number): number => 10 ** (1 - share);
const rooms = (cpu: number, memory: number): number => room(cpu) + room(memory);

const cpu = ofShares(room);
const memory = ofShares((_cpu, ofMemory) => room(ofMemory));
const sum = ofShares(rooms);

export const binpack: Algorithm = {
  name: "binpack",
  filters: [],
  order: "cost",
  asksName: false,
  asksCluster: false,
  over: (nodes) => (task) => {
    const x = figuresOf(task, nodes);
    const cost = (i: number): number => sum(x, i);
    return costsOf({
      cost,
      write: writeOfShares(x, rooms),
      terms: ["cpu", "memory"],
      note: oneAfterTheOther(
        cost,
        (i) => cpu(x, i),
        (i) => memory(x, i),
      ),
    });
  },
};
