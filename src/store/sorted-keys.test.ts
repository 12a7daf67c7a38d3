import fc from "fast-check";
import { expect, test } from "vitest";
import { compareKeys } from "./key-range.ts";
import { SortedKeys } from "./sorted-keys.ts";

test("keys that come and go in any order stay in order, over many lists", () => {
  const numbers = fc.noShrink(fc.uniqueArray(fc.nat({ max: 100_000 }), { minLength: 2000, maxLength: 5000 }));
  const property = fc.property(numbers, fc.nat({ max: 100_000 }), fc.nat({ max: 100_000 }), (added, from, below) => {
    const sorted = new SortedKeys();
    const keys = added.map(String);
    for (const key of keys) sorted.add(key);
    const removed = keys.filter((_, index) => index % 3 !== 0);
    for (const key of removed) sorted.remove(key);

    const left = keys.filter((_, index) => index % 3 === 0).sort(compareKeys);
    const all = { from: "", below: undefined, limit: Infinity };
    expect(sorted.page({ ...all, reverse: false })).toEqual(left);
    expect(sorted.page({ ...all, reverse: true })).toEqual(left.toReversed());
    const range = { from: String(from), below: String(below), limit: 10 };
    const within = left.filter((key) => compareKeys(key, range.from) >= 0 && compareKeys(key, range.below) < 0);
    expect(sorted.page({ ...range, reverse: false })).toEqual(within.slice(0, 10));
    expect(sorted.page({ ...range, reverse: true })).toEqual(within.toReversed().slice(0, 10));
  });
  fc.assert(property, { numRuns: 30 });
});

test("everything removed, it is empty and can be filled again", () => {
  const sorted = new SortedKeys();
  const keys = Array.from({ length: 2000 }, (_, index) => String(index).padStart(5, "0"));
  for (const key of keys) sorted.add(key);
  for (const key of keys) sorted.remove(key);
  expect(sorted.page({ from: "", below: undefined, limit: Infinity, reverse: false })).toEqual([]);
  for (const key of keys.toReversed()) sorted.add(key);
  expect(sorted.page({ from: "", below: undefined, limit: Infinity, reverse: false })).toEqual(keys);
});
