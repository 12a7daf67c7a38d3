import fc from "fast-check";
import { expect, test } from "vitest";
import { backoffDelay, fullJitter } from "./backoff.ts";

const BACKOFF = fc
  .tuple(fc.nat(60_000), fc.nat(3_600_000))
  .map(([delayMs, more]) => ({ delayMs, delayMaxMs: delayMs + more }));
const CHANCE = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test("the wait doubles with each try up to the longest, and chance takes off half of it at most", () => {
  const backoff = { delayMs: 1000, delayMaxMs: 60_000 };
  const shortest = [0, 1, 2, 5, 6, 7, 1000].map((attempt) => backoffDelay(backoff, attempt, () => 0));
  expect(shortest).toEqual([500, 1000, 2000, 16_000, 30_000, 30_000, 30_000]);
  const longest = [0, 1, 2, 5, 6, 7, 1000].map((attempt) => backoffDelay(backoff, attempt, () => 1));
  expect(longest).toEqual([1000, 2000, 4000, 32_000, 60_000, 60_000, 60_000]);
});

test("no wait is longer than the longest, nor negative, at any try", () => {
  fc.assert(
    fc.property(BACKOFF, fc.nat(), CHANCE, (backoff, attempt, chance) => {
      const step = Math.min(backoff.delayMaxMs, backoff.delayMs * 2 ** Math.min(attempt, 30));
      const equal = backoffDelay(backoff, attempt, () => chance);
      expect(equal).toBeGreaterThanOrEqual(Math.floor(step / 2));
      expect(equal).toBeLessThanOrEqual(step);
      const full = fullJitter(backoff, attempt, () => chance);
      expect(full).toBeGreaterThanOrEqual(0);
      expect(full).toBeLessThanOrEqual(step);
    }),
  );
});

test("full jitter spreads over the whole step", () => {
  const backoff = { delayMs: 100, delayMaxMs: 2000 };
  expect([0, 0.5, 0.999].map((chance) => fullJitter(backoff, 3, () => chance))).toEqual([0, 400, 799]);
});
