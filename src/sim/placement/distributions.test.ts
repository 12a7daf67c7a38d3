import { expect, test } from "vitest";
import { SeededRandom } from "../seeded-random.ts";
import { drawBoundedPareto, drawLogNormal, WeightedChoice } from "./distributions.ts";

const DRAWS = 50_000;

function sorted(draw: (random: SeededRandom) => number): (share: number) => number {
  const random = new SeededRandom(1);
  const values = Array.from({ length: DRAWS }, () => draw(random)).sort((a, b) => a - b);
  return (share) => values[Math.min(DRAWS - 1, Math.floor(share * DRAWS))] ?? Number.NaN;
}

test("a bounded Pareto distribution has the quantiles of its formula, and stays within its bounds", () => {
  const [alpha, low, high] = [0.7, 1, 1440];
  const quantile = sorted((random) => drawBoundedPareto(random, { alpha, low, high }));
  const expected = (share: number): number => low / (1 - share * (1 - (low / high) ** alpha)) ** (1 / alpha);
  for (const share of [0.1, 0.5, 0.9, 0.99]) expect(quantile(share) / expected(share)).toBeCloseTo(1, 1);
  expect(quantile(0)).toBeGreaterThanOrEqual(low);
  expect(quantile(1)).toBeLessThanOrEqual(high);
  expect(quantile(0.99) / quantile(0.5)).toBeGreaterThan(50);
});

test("a lognormal distribution has its median, and its standard deviation in the logarithm", () => {
  const quantile = sorted((random) => drawLogNormal(random, { median: 6, sigma: 0.8 }));
  expect(quantile(0.5) / 6).toBeCloseTo(1, 1);
  expect(Math.log(quantile(0.8413) / 6)).toBeCloseTo(0.8, 1);
});

test("a weighted choice picks each as often as its weight says", () => {
  const random = new SeededRandom(2);
  const choice = new WeightedChoice(["rare", "often"], (word) => (word === "often" ? 3 : 1));
  const picked = Array.from({ length: DRAWS }, () => choice.draw(random));
  expect(picked.filter((word) => word === "often").length / DRAWS).toBeCloseTo(0.75, 1);
  expect(new Set(picked)).toEqual(new Set(["rare", "often"]));
});
