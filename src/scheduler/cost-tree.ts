/**
 * The nodes in order of what they cost a class of tasks: a tournament tree, and before it a podium with the best few. A
 * change moves the node on the podium, or off it; the tree is only played again, on the ways from what has changed to
 * the root, O(log nodes) each, when too few are left. A node that will not do costs Infinity.
 *
 * The costs are the tree's own: it stays in order while nodes have changed that it has not been told of yet.
 *
 * Source: Knuth, The Art of Computer Programming 3, section 5.4.1, 1973.
 */
import type { Preference } from "./class-index.ts";
import { entry } from "./columns.ts";
import type { Nodes } from "./nodes.ts";
import { Podium } from "./podium.ts";
import type { Positions } from "./positions.ts";

/** How many can be asked for at a time. */
const MOST_BEST = 16;
const ROOT = 1;
/** When more than one in so many has changed, it is better to play all matches. */
const PLAYED_AGAIN = 4;
const LAST_MARK = 2 ** 31 - 1;

/**
 * What trees over the same nodes play again with: one for all of them. The mark of a match or leaf tells whether it was
 * met in the present replay.
 */
export class Replay {
  matches = new Int32Array(0);
  marks = new Int32Array(0);
  #mark = 0;

  /** For trees with so many leaves, a power of two. */
  fit(leaves: number): void {
    if (this.matches.length >= leaves) return;
    this.matches = new Int32Array(leaves);
    this.marks = new Int32Array(2 * leaves);
  }

  /** Returns the mark of this replay. */
  begin(): number {
    if (this.#mark === LAST_MARK) {
      this.#mark = 0;
      this.marks.fill(0);
    }
    this.#mark += 1;
    // As if it were met already: above the root there is nothing to play.
    this.marks[ROOT >> 1] = this.#mark;
    return this.#mark;
  }
}

export class CostTree implements Preference {
  readonly #nodes: Nodes;
  readonly #replay: Replay;
  /** A power of two. The matches at 2i and 2i + 1 lead to the one at i; from `leaves` on, there are the nodes. */
  readonly #leaves: number;
  /** By match: the position of the node that costs least. */
  readonly #winners: Int32Array;
  /** By position. */
  readonly #costs: Float64Array;
  readonly #tasks: Int32Array;
  /** The best few, as far as they are known. */
  readonly #podium = new Podium(MOST_BEST);
  /** Positions that have changed since the matches were played: the first ones, when there are more than find room. */
  readonly #changed: Int32Array;
  #changes = 0;

  constructor(nodes: Nodes, replay: Replay) {
    this.#nodes = nodes;
    this.#replay = replay;
    this.#leaves = 1 << (32 - Math.clz32(Math.max(1, nodes.count) - 1));
    this.#costs = new Float64Array(this.#leaves).fill(Number.POSITIVE_INFINITY);
    this.#winners = new Int32Array(2 * this.#leaves);
    this.#tasks = new Int32Array(this.#leaves);
    for (let position = 0; position < this.#leaves; position += 1) this.#winners[this.#leaves + position] = position;
    this.#changed = new Int32Array(this.#leaves / PLAYED_AGAIN);
    replay.fit(this.#leaves);
  }

  set(costs: Float64Array, { positions, length }: Positions): void {
    if (length > MOST_BEST) this.#podium.length = 0;
    for (let at = 0; at < length; at += 1) {
      const position = positions[at] as number;
      const cost = costs[at] as number;
      const tasks = this.#nodes.tasks[position] as number;
      this.#costs[position] = cost;
      this.#tasks[position] = tasks;
      this.#changed[this.#changes] = position;
      this.#changes += 1;
      this.#podium.move(position, cost, tasks);
    }
  }

  best(most: number): Positions {
    const podium = this.#podium;
    if (podium.length < most || podium.length === 0) {
      const changes = this.#changes;
      this.#changes = 0;
      if (changes > this.#changed.length) this.#playAll();
      else this.#playAgain(changes);
      // A decision takes the best one away. Where little else changes in between, some more last for some decisions.
      this.#fillPodium(changes < MOST_BEST ? MOST_BEST : most);
    }
    return podium;
  }

  #playAll(): void {
    for (let match = this.#leaves - 1; match >= ROOT; match -= 1) this.#play(match);
  }

  /** Round by round, each match once, the ways from so many changed leaves to the root. */
  #playAgain(changes: number): void {
    const leaves = this.#leaves;
    const replay = this.#replay;
    const { matches, marks } = replay;
    const mark = replay.begin();
    let count = 0;
    for (let at = 0; at < changes; at += 1) {
      const leaf = leaves + (this.#changed[at] as number);
      marks[leaf] = mark;
      if (marks[leaf >> 1] === mark) continue;
      marks[leaf >> 1] = mark;
      matches[count] = leaf >> 1;
      count += 1;
    }
    while (count > 0) {
      let next = 0;
      for (let at = 0; at < count; at += 1) {
        const match = matches[at] as number;
        const before = this.#winners[match];
        const winner = this.#play(match);
        const parent = match >> 1;
        if ((winner === before && marks[leaves + winner] !== mark) || marks[parent] === mark) continue;
        marks[parent] = mark;
        matches[next] = parent;
        next += 1;
      }
      count = next;
    }
  }

  /** Whoever lost to one on the podium, and to it alone, may come next. */
  #fillPodium(most: number): void {
    const podium = this.#podium;
    const winners = this.#winners;
    podium.clear(most);
    this.#offer(ROOT);
    for (let place = 0; place < podium.length; place += 1) {
      const winner = podium.positions[place] as number;
      for (let won = this.#leaves + winner; won > ROOT && winners[won >> 1] === winner; won >>= 1) this.#offer(won ^ 1);
    }
  }

  /** Offers the winner of a match to the podium. */
  #offer(match: number): void {
    const winner = this.#winners[match] as number;
    const cost = entry(this.#costs, winner);
    if (cost > this.#podium.bar || cost === Number.POSITIVE_INFINITY) return;
    this.#podium.offer(winner, cost, this.#tasks[winner] as number);
  }

  /** The two below play; returns the winner. Of equals it is the left one, which joined first. */
  #play(match: number): number {
    const winners = this.#winners;
    const left = winners[2 * match] as number;
    const right = winners[2 * match + 1] as number;
    const costLeft = entry(this.#costs, left);
    const costRight = entry(this.#costs, right);
    const isRight =
      costRight < costLeft ||
      (costRight === costLeft && (this.#tasks[right] as number) < (this.#tasks[left] as number));
    const winner = isRight ? right : left;
    winners[match] = winner;
    return winner;
  }
}
