/**
 * Round robin: every node in turn, in the order in which they joined.
 *
 *     cost = the distance in join order from the last node picked
 *
 * The next node is at distance 1, the last one picked at the end of the round; before the first pick, the first node is
 * the next. A node that cannot take the task is passed over and loses its turn.
 */
import { sumOf, type Term } from "./algorithm.ts";

const distance: Term = (_demand, node, { nodes, next }) => ((node.position - next + nodes) % nodes) + 1;

export const roundrobin = sumOf("roundrobin", { distance });
