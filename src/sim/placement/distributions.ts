/** Distributions that the workloads are drawn from. All of them take their chance from the seed. */
import { assert } from "../../utils/assert.ts";
import type { SeededRandom } from "../seeded-random.ts";

export interface BoundedPareto {
  /** Below 2 the variance comes from the few largest, below 1 the mean too. */
  readonly alpha: number;
  readonly low: number;
  readonly high: number;
}

/** A power law cut off at both ends: P(X > x) falls like x^-alpha between them. By inversion. */
export function drawBoundedPareto(random: SeededRandom, { alpha, low, high }: BoundedPareto): number {
  const cut = 1 - (low / high) ** alpha;
  return low / (1 - random.next() * cut) ** (1 / alpha);
}

export interface LogNormal {
  readonly median: number;
  /** Standard deviation of the logarithm. */
  readonly sigma: number;
}

/** Values that vary by factors rather than by amounts. Box and Muller, 1958. */
export function drawLogNormal(random: SeededRandom, { median, sigma }: LogNormal): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  return median * Math.exp(sigma * normal);
}

/** Picks things by weight, in O(log n). */
export class WeightedChoice<T> {
  readonly #items: readonly T[];
  readonly #upTo: number[] = [];
  readonly #total: number;

  /** At least one item; weights are positive. */
  constructor(items: readonly T[], weightOf: (item: T) => number) {
    this.#items = items;
    let total = 0;
    for (const item of items) {
      total += weightOf(item);
      this.#upTo.push(total);
    }
    this.#total = total;
  }

  draw(random: SeededRandom): T {
    const at = random.next() * this.#total;
    let low = 0;
    let high = this.#items.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (at < (this.#upTo[middle] ?? 0)) high = middle;
      else low = middle + 1;
    }
    const item = this.#items[low];
    assert(item !== undefined, "there is something to pick from");
    return item;
  }
}
