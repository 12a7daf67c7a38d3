/** The nodes that will do for a class of tasks, as bits in the order of joining: the next one is a search for a bit. */
import type { Preference } from "./class-index.ts";
import type { Nodes } from "./nodes.ts";

export class Turns implements Preference {
  readonly #nodes: Nodes;
  readonly #words: Int32Array;

  constructor(nodes: Nodes) {
    this.#nodes = nodes;
    this.#words = new Int32Array((nodes.count + 31) >> 5);
  }

  setAll(column: Float64Array): void {
    for (let position = 0; position < column.length; position += 1) this.set(position, column[position] as number);
  }

  set(position: number, cost: number): void {
    const bit = 1 << (position & 31);
    const bits = this.#words[position >> 5] as number;
    this.#words[position >> 5] = cost < Number.POSITIVE_INFINITY ? bits | bit : bits & ~bit;
  }

  best(most: number, into: number[]): void {
    const { next, count } = this.#nodes;
    this.#collect(next, count, { most, into });
    this.#collect(0, next, { most, into });
  }

  #collect(from: number, to: number, { most, into }: { readonly most: number; readonly into: number[] }): void {
    let position = from;
    while (position < to && into.length < most) {
      const bits = (this.#words[position >> 5] as number) >>> (position & 31);
      if (bits === 0) {
        position = ((position >> 5) + 1) << 5;
      } else {
        position += 31 - Math.clz32(bits & -bits);
        if (position < to) into.push(position);
        position += 1;
      }
    }
  }
}
