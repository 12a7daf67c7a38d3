import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { boxAt, fitGrid, MAX_SCALE, placeAt, showing, within, zoomed } from "./geometry.ts";

const sizes = fc.record({ width: fc.integer({ min: 100, max: 3000 }), height: fc.integer({ min: 100, max: 2000 }) });
const RECT = { x: 0, y: 0, width: 0, height: 0 };

describe("a grid", () => {
  test("has a place for every box, in which it is found again", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6000 }), sizes, (count, size) => {
        const grid = fitGrid(count, size);
        for (const place of [0, count >> 1, count - 1]) {
          const { x, y, width, height } = boxAt(grid, place, { ...RECT });
          expect(Math.min(width, height)).toBeGreaterThan(0);
          expect(x + width).toBeLessThanOrEqual(size.width);
          expect(y + height).toBeLessThanOrEqual(size.height);
          expect(placeAt(grid, x + width / 2, y + height / 2)).toBe(place);
        }
      }),
    );
  });

  test("has boxes of a good shape", () => {
    const { columns, rows, cell } = fitGrid(5000, { width: 1440, height: 900 });
    expect(columns * rows - 5000).toBeLessThan(columns);
    expect(cell.width / cell.height).toBeGreaterThan(0.8);
    expect(cell.width / cell.height).toBeLessThan(2);
  });

  test("has nothing beyond its edges", () => {
    const grid = fitGrid(10, { width: 100, height: 100 });
    for (const [x, y] of [
      [-1, 5],
      [5, -1],
      [101, 5],
      [5, 101],
    ] as const) {
      expect(placeAt(grid, x, y)).toBeUndefined();
    }
  });
});

describe("a view", () => {
  test("keeps the point under the pointer where it is while it zooms", () => {
    const view = { scale: 3, x: -200, y: -100 };
    const pointer = { x: 320, y: 240 };
    const next = zoomed(view, 1.7, pointer);
    expect((pointer.x - next.x) / next.scale).toBeCloseTo((pointer.x - view.x) / view.scale, 9);
    expect((pointer.y - next.y) / next.scale).toBeCloseTo((pointer.y - view.y) / view.scale, 9);
  });

  test("never shows what lies outside of the map, nor anything too large or too small", () => {
    const place = { width: 800, height: 600 };
    expect(within(zoomed({ scale: 1, x: 0, y: 0 }, 0.1, { x: 5, y: 5 }), place)).toEqual({ scale: 1, x: 0, y: 0 });
    expect(zoomed({ scale: 100, x: 0, y: 0 }, 100, { x: 0, y: 0 }).scale).toBe(MAX_SCALE);
    expect(within({ scale: 2, x: 50, y: -5000 }, place)).toEqual({ scale: 2, x: 0, y: -600 });
  });

  test("of a box has it in its middle", () => {
    const view = showing({ x: 400, y: 300, width: 20, height: 20 }, { width: 800, height: 600 });
    expect([410 * view.scale + view.x, 310 * view.scale + view.y]).toEqual([400, 300]);
  });
});
