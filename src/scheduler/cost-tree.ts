/**
 * The nodes in order of what they cost a class of tasks: a tournament tree. A change to one node is played again on the
 * way from its leaf to the root, O(log nodes), and ends where the winner is another one and stays it. A node that will
 * not do costs Infinity.
 *
 * The costs are the tree's own: it stays in order while nodes have changed that it has not been told of yet.
 *
 * Source: Knuth, The Art of Computer Programming 3, section 5.4.1, 1973.
 */
import type { Preference } from "./class-index.ts";
import type { Nodes } from "./nodes.ts";

/** The most that are asked for at a time. */
const MOST_BEST = 16;
const ROOT = 1;

export class CostTree implements Preference {
  readonly #nodes: Nodes;
  /** A power of two. The matches at 2i and 2i + 1 lead to the one at i; from `leaves` on, each node's own cost. */
  readonly #leaves: number;
  /** By match: the lowest cost, and the position of the node that it is of. */
  readonly #costs: Float64Array;
  readonly #winners: Int32Array;
  /** By position: the number of tasks, for equal costs. */
  readonly #tasks: Int32Array;
  /** Matches whose winners come next, the best first: where `best` looks. */
  readonly #frontier = new Int32Array(2 * MOST_BEST);

  constructor(nodes: Nodes) {
    this.#nodes = nodes;
    this.#leaves = 1 << (32 - Math.clz32(Math.max(1, nodes.count) - 1));
    this.#costs = new Float64Array(2 * this.#leaves).fill(Number.POSITIVE_INFINITY);
    this.#winners = new Int32Array(2 * this.#leaves);
    this.#tasks = new Int32Array(this.#leaves);
  }

  setAll(column: Float64Array): void {
    const leaves = this.#leaves;
    this.#costs.set(column, leaves);
    for (let position = 0; position < leaves; position += 1) this.#winners[leaves + position] = position;
    this.#tasks.set(this.#nodes.tasks.subarray(0, column.length));
    for (let match = leaves - 1; match >= ROOT; match -= 1) this.#play(match);
  }

  set(position: number, cost: number): void {
    const winners = this.#winners;
    let match = this.#leaves + position;
    this.#costs[match] = cost;
    this.#tasks[position] = this.#nodes.tasks[position] as number;
    for (match >>= 1; match >= ROOT; match >>= 1) {
      const before = winners[match];
      const winner = this.#play(match);
      if (winner === before && winner !== position) return;
    }
  }

  best(most: number, into: number[]): void {
    const frontier = this.#frontier;
    frontier[0] = ROOT;
    let end = this.#costs[ROOT] === Number.POSITIVE_INFINITY ? 0 : 1;
    for (let first = 0; first < end; first += 1) {
      const match = frontier[first] as number;
      const winner = this.#winners[match] as number;
      const wanted = most - into.push(winner);
      if (wanted === 0) return;
      // Whoever lost to the winner, and to it alone, may be the next best.
      for (let below = this.#leaves + winner; below !== match; below >>= 1) {
        end = this.#enter(below ^ 1, { first: first + 1, end, wanted });
      }
    }
  }

  /** Takes a match into the frontier, which stands in order from `first` to `end`: no more than are wanted. */
  #enter(match: number, { first, end, wanted }: { first: number; end: number; wanted: number }): number {
    if (this.#costs[match] === Number.POSITIVE_INFINITY) return end;
    const frontier = this.#frontier;
    const isFull = end - first === wanted;
    let at = isFull ? end - 1 : end;
    if (isFull && !this.#isBefore(match, frontier[at] as number)) return end;
    for (; at > first; at -= 1) {
      const before = frontier[at - 1] as number;
      if (!this.#isBefore(match, before)) break;
      frontier[at] = before;
    }
    frontier[at] = match;
    return isFull ? end : end + 1;
  }

  /** Whether the winner of match a comes before the one of match b. */
  #isBefore(a: number, b: number): boolean {
    const costA = this.#costs[a] as number;
    const costB = this.#costs[b] as number;
    if (costA !== costB) return costA < costB;
    const positionA = this.#winners[a] as number;
    const positionB = this.#winners[b] as number;
    const tasksA = this.#tasks[positionA] as number;
    const tasksB = this.#tasks[positionB] as number;
    return tasksA === tasksB ? positionA < positionB : tasksA < tasksB;
  }

  /** The two below play; returns the winner. Of equals it is the left one, which joined first. */
  #play(match: number): number {
    const costs = this.#costs;
    const winners = this.#winners;
    const left = 2 * match;
    const right = left + 1;
    const costLeft = costs[left] as number;
    const costRight = costs[right] as number;
    const winnerLeft = winners[left] as number;
    const winnerRight = winners[right] as number;
    const isRight =
      costRight < costLeft ||
      (costRight === costLeft && (this.#tasks[winnerRight] as number) < (this.#tasks[winnerLeft] as number));
    const winner = isRight ? winnerRight : winnerLeft;
    costs[match] = isRight ? costRight : costLeft;
    winners[match] = winner;
    return winner;
  }
}
