/** The nodes that will do for a class of tasks, as bits in the order of joining: the next one is a search for a bit. */
import type { Preference } from "./class-index.ts";
import type { Nodes } from "./nodes.ts";
import type { Positions } from "./positions.ts";

/** The most that are asked for at a time. */
const MOST_BEST = 16;
const WILL_NOT_DO = Number.POSITIVE_INFINITY;

export class Turns implements Preference {
  readonly #nodes: Nodes;
  readonly #words: Int32Array;
  readonly #best = { positions: new Int32Array(MOST_BEST), length: 0 };

  constructor(nodes: Nodes) {
    this.#nodes = nodes;
    this.#words = new Int32Array((nodes.count + 31) >> 5);
  }

  set(costs: Float64Array, { positions, length }: Positions): void {
    for (let at = 0; at < length; at += 1) this.#set(positions[at] as number, (costs[at] as number) < WILL_NOT_DO);
  }

  best(most: number): Positions {
    const { next, count } = this.#nodes;
    this.#best.length = 0;
    this.#collect(next, count, most);
    this.#collect(0, next, most);
    return this.#best;
  }

  #collect(from: number, to: number, most: number): void {
    const best = this.#best;
    let position = from;
    while (position < to && best.length < most) {
      const bits = (this.#words[position >> 5] as number) >>> (position & 31);
      if (bits === 0) {
        position = ((position >> 5) + 1) << 5;
        continue;
      }
      position += 31 - Math.clz32(bits & -bits);
      if (position >= to) return;
      best.positions[best.length] = position;
      best.length += 1;
      position += 1;
    }
  }

  #set(position: number, willDo: boolean): void {
    const bit = 1 << (position & 31);
    const bits = this.#words[position >> 5] as number;
    this.#words[position >> 5] = willDo ? bits | bit : bits & ~bit;
  }
}
