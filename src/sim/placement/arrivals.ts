/**
 * When things come: as a Poisson process whose rate follows the day. The rate swings around its mean by a part of it,
 * with a period of 24 hours: lowest at the beginning, highest after twelve hours.
 */
import type { SeededRandom } from "../seeded-random.ts";

const DAY_MS = 86_400_000;

export interface Arrivals {
  /** Number of things that come. */
  readonly count: number;
  /** From the first to the last of them, milliseconds. */
  readonly windowMs: number;
  /** From 0, always the same rate, to 1, none at all in the dead of night. */
  readonly swing: number;
}

/** The moments at which things come, in order: the first at 0, the last at the end of the window. */
export function drawArrivals(random: SeededRandom, { count, windowMs, swing }: Arrivals): number[] {
  const waits = Array.from({ length: count }, (_, index) => (index === 0 ? 0 : random.exponential(1)));
  const total = waits.reduce((sum, wait) => sum + wait, 0);
  const whole = expected(windowMs, swing);
  let sum = 0;
  return waits.map((wait) => {
    sum += wait;
    return total > 0 ? momentOf((sum / total) * whole, { windowMs, swing }) : 0;
  });
}

/** How much comes until then, in units of the mean rate: the integral of 1 − swing · cos(2π t / day). */
function expected(untilMs: number, swing: number): number {
  return untilMs - ((swing * DAY_MS) / (2 * Math.PI)) * Math.sin((2 * Math.PI * untilMs) / DAY_MS);
}

/** The moment until which so much is expected: the inverse, by bisection. */
function momentOf(amount: number, { windowMs, swing }: Pick<Arrivals, "windowMs" | "swing">): number {
  let low = 0;
  let high = windowMs;
  for (let step = 0; step < 50; step += 1) {
    const middle = (low + high) / 2;
    if (expected(middle, swing) < amount) low = middle;
    else high = middle;
  }
  return low;
}
