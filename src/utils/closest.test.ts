import fc from "fast-check";
import { expect, test } from "vitest";
import { closest } from "./closest.ts";

const FIELDS = ["id", "name", "image", "command", "env", "memory", "constraints", "workingDir"];

test.each([
  ["nmae", "name"],
  ["Image", "image"],
  ["memroy", "memory"],
  ["workingdir", "workingDir"],
  ["contraints", "constraints"],
  ["comand", "command"],
])("%s most likely means %s", (word, meant) => {
  expect(closest(word, FIELDS)).toBe(meant);
});

test.each(["replicas", "x", "", "deploy", "n".repeat(100_000)])("nothing is close to %j", (word) => {
  expect(closest(word, FIELDS)).toBeUndefined();
});

test("one slip in a word of six letters or more is always found again", () => {
  const candidates = FIELDS.filter((field) => field.length >= 6);
  fc.assert(
    fc.property(fc.constantFrom(...candidates), fc.nat(), fc.constantFrom("", "x", "_"), (word, seed, insert) => {
      const at = seed % word.length;
      const slipped = word.slice(0, at) + insert + word.slice(at + 1);
      expect(closest(slipped, candidates)).toBe(word);
    }),
  );
});
