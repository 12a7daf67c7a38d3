import fc from "fast-check";
import { expect, test } from "vitest";
import { pack, type Tiles } from "./packing.ts";

function packed(shares: readonly number[], ratio = 1) {
  const tiles: Tiles = {
    x: new Float32Array(shares.length),
    y: new Float32Array(shares.length),
    width: new Float32Array(shares.length),
    height: new Float32Array(shares.length),
  };
  pack({ slots: [...shares.keys()], shares, ratio }, tiles);
  return shares.map((_, slot) => ({
    left: tiles.x[slot] ?? 0,
    right: (tiles.x[slot] ?? 0) + (tiles.width[slot] ?? 0),
    bottom: tiles.y[slot] ?? 0,
    top: (tiles.y[slot] ?? 0) + (tiles.height[slot] ?? 0),
  }));
}

const someShares = fc.array(fc.double({ min: 0.001, max: 0.3, noNaN: true }), { minLength: 1, maxLength: 60 });
const NEARLY = 1e-4;

test("every tile has its share of the box, none lies on another, and all lie in the box", () => {
  fc.assert(
    fc.property(someShares, fc.double({ min: 0.2, max: 5, noNaN: true }), (shares, ratio) => {
      const sum = shares.reduce((total, share) => total + share, 0);
      const tiles = packed(shares, ratio);
      for (const [index, { left, right, bottom, top }] of tiles.entries()) {
        expect((right - left) * (top - bottom)).toBeCloseTo((shares[index] ?? 0) / Math.max(1, sum), 4);
        expect(Math.min(left, bottom)).toBeGreaterThanOrEqual(0);
        expect(Math.max(right, top)).toBeLessThanOrEqual(1 + NEARLY);
        for (const other of tiles.slice(index + 1)) {
          const across = Math.min(right, other.right) - Math.max(left, other.left);
          const along = Math.min(top, other.top) - Math.max(bottom, other.bottom);
          expect(Math.min(across, along)).toBeLessThan(NEARLY);
        }
      }
    }),
  );
});

test("what is free is on top, and in one piece", () => {
  const tiles = packed([0.1, 0.1, 0.2]);
  expect(Math.max(...tiles.map(({ top }) => top))).toBeCloseTo(0.4, 5);
});

test("tiles are as square as they can be", () => {
  const tiles = packed(Array.from({ length: 16 }, () => 1 / 16));
  for (const { left, right, bottom, top } of tiles) expect([right - left, top - bottom]).toEqual([0.25, 0.25]);
});

test("one that comes last leaves the others about where they were", () => {
  const before = packed(Array.from({ length: 20 }, () => 0.03));
  const after = packed(Array.from({ length: 21 }, () => 0.03));
  const moved = before.filter(
    ({ left, bottom }, index) => left !== after[index]?.left || bottom !== after[index]?.bottom,
  );
  expect(moved.length).toBeLessThan(8);
});
