import { expect, test } from "vitest";
import { SeededRandom } from "../seeded-random.ts";
import { drawArrivals } from "./arrivals.ts";

const DAY_MS = 86_400_000;

test("arrivals fill the window, and come faster by day than by night", () => {
  const moments = drawArrivals(new SeededRandom(1), { count: 20_000, windowMs: DAY_MS, swing: 0.4 });
  expect(moments).toHaveLength(20_000);
  expect(moments[0]).toBe(0);
  expect(moments.at(-1)).toBeCloseTo(DAY_MS, 0);
  expect(moments.every((moment, index) => moment >= (moments[index - 1] ?? 0))).toBe(true);
  const between = (from: number, to: number): number =>
    moments.filter((moment) => moment >= from * DAY_MS && moment < to * DAY_MS).length / moments.length;
  // The middle half of the day has 1/2 + swing/π of all.
  expect(between(0.25, 0.75)).toBeCloseTo(0.5 + 0.4 / Math.PI, 1);
});

test("without a swing the waits are exponential: their deviation is their mean", () => {
  const moments = drawArrivals(new SeededRandom(2), { count: 20_000, windowMs: 20_000, swing: 0 });
  const waits = moments.slice(1).map((moment, index) => moment - (moments[index] ?? 0));
  const mean = waits.reduce((sum, wait) => sum + wait, 0) / waits.length;
  const variance = waits.reduce((sum, wait) => sum + (wait - mean) ** 2, 0) / waits.length;
  expect(Math.sqrt(variance) / mean).toBeCloseTo(1, 1);
});
