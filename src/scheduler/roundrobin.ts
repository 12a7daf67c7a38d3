/**
 * Round robin: every node in turn, in the order in which they joined.
 *
 *     cost = the distance in join order from the last node picked
 *
 * The next node is at distance 1, the last one picked at the end of the round; before the first pick, the first node is
 * the next. A node that cannot take the task is passed over and loses its turn.
 */
import { costsOf, oneAfterTheOther, type Algorithm, type Term } from "./algorithm.ts";
import type { Nodes } from "./nodes.ts";

const distance: Term<Nodes> = ({ next, count }, i) => ((i - next + count) % count) + 1;

export const roundrobin: Algorithm = {
  name: "roundrobin",
  filters: [],
  order: "turn",
  asksName: false,
  asksCluster: false,
  over: (nodes) => () => {
    const cost = (i: number): number => distance(nodes, i);
    return costsOf({ cost, terms: ["distance"], note: oneAfterTheOther(cost, cost) });
  },
};
