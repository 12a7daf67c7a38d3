import fc from "fast-check";
import { expect, test } from "vitest";
import { Recent } from "./recent.ts";

test("keeps what was set last, whatever came again in between", () => {
  const keys = fc.array(fc.nat({ max: 12 }), { maxLength: 60 });
  fc.assert(
    fc.property(keys, fc.integer({ min: 1, max: 8 }), (sets, most) => {
      const recent = new Recent<number, number>(most);
      for (const [index, key] of sets.entries()) recent.set(key, index);
      const newest = new Set(sets.slice(-most));
      for (let key = 0; key <= 12; key += 1) {
        expect(recent.has(key)).toBe(newest.has(key));
        expect(recent.get(key)).toBe(newest.has(key) ? sets.lastIndexOf(key) : undefined);
      }
    }),
  );
});
