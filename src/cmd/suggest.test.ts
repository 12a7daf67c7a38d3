import { expect, test } from "vitest";
import { didYouMean } from "./suggest.ts";

const commands = ["status", "stop", "stats", "restart", "run", "worker"];

test.each([
  ["statsu", "status"],
  ["wroker", "worker"],
  ["STATUS", "status"],
  ["restar", "restart"],
  ["work", "worker"],
])("%s is taken for %s", (word, meant) => {
  expect(didYouMean(word, commands)).toBe(` (did you mean ${meant}?)`);
});

test.each(["frobnicate", "x", "sta"])("%s is taken for nothing", (word) => {
  expect(didYouMean(word, ["status", "stats-all", "worker"])).toBe("");
});
