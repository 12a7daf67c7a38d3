import { describe, expect, it } from "vitest";
import { SeededRandom } from "./seeded-random.ts";

const draws = (seed: number, count: number): number[] => {
  const random = new SeededRandom(seed);
  return Array.from({ length: count }, () => random.next());
};

describe("SeededRandom", () => {
  it("gives the same numbers for the same seed, and others for the next", () => {
    expect(draws(1, 20)).toEqual(draws(1, 20));
    expect(draws(1, 20)).not.toEqual(draws(2, 20));
  });

  it("stays within its bounds and is spread evenly", () => {
    const all = draws(3, 20_000);
    expect(Math.min(...all)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...all)).toBeLessThan(1);
    for (let tenth = 0; tenth < 10; tenth += 1) {
      const share = all.filter((value) => Math.floor(value * 10) === tenth).length / all.length;
      expect(share).toBeGreaterThan(0.09);
      expect(share).toBeLessThan(0.11);
    }
  });

  it("keeps neighbouring seeds apart", () => {
    const firsts = new Set(Array.from({ length: 1000 }, (_, seed) => draws(seed, 1)[0]));
    expect(firsts.size).toBe(1000);
  });

  it("makes UUIDs that an API takes", () => {
    expect(new SeededRandom(4).uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
