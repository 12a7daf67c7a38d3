/**
 * Chance that repeats itself: the same seed gives the same numbers, on every machine and forever. Everything random in a
 * simulation comes from one of these.
 *
 * sfc32 (Chris Doty-Humphrey, PractRand), its state filled by splitmix32, so that neighbouring seeds are strangers.
 */
import type { Random } from "../utils/clock.ts";

export class SeededRandom {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;
  /** For whoever takes a plain source of chance. */
  readonly next: Random = () => this.#draw() / 2 ** 32;

  constructor(seed: number) {
    let state = seed | 0;
    const splitmix32 = (): number => {
      state = (state + 0x9e3779b9) | 0;
      let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
      mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
      return mixed ^ (mixed >>> 15);
    };
    this.#a = splitmix32();
    this.#b = splitmix32();
    this.#c = splitmix32();
    for (let round = 0; round < 12; round += 1) this.#draw();
  }

  /** A source of its own, so that drawing from one does not disturb the other. */
  fork(): SeededRandom {
    return new SeededRandom(this.#draw());
  }

  /** A whole number from 0 up to, not including, the bound. */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  /** Evenly spread between the two. */
  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** Evenly spread on a logarithmic scale: as often between 1 and 10 as between 10 and 100. */
  magnitude(low: number, high: number): number {
    return low * (high / low) ** this.next();
  }

  /** Waits between happenings that know nothing of each other. */
  exponential(mean: number): number {
    return -Math.log(1 - this.next()) * mean;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** One of them; undefined of none. */
  pick<T>(items: readonly T[]): T | undefined {
    return items[this.below(items.length)];
  }

  /** One of them, each as often as the others. The list is written where it is used, and is never empty. */
  oneOf<T>(...items: readonly [T, ...T[]]): T {
    return items[this.below(items.length)] ?? items[0];
  }

  /** A UUID (version 4) in lower case. */
  uuid(): string {
    const hex = Array.from({ length: 4 }, () => this.#draw().toString(16).padStart(8, "0")).join("");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
  }

  /** 32 bits, unsigned. */
  #draw(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return sum >>> 0;
  }
}
