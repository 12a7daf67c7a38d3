import { expect, test } from "vitest";
import { assert, AssertionError, unreachable } from "./assert.ts";

test("an assertion that holds is silent, one that does not throws what it says", () => {
  expect(() => assert(true, "never")).not.toThrow();
  expect(() => assert(false, "a task cannot be in two places")).toThrow(
    new AssertionError("a task cannot be in two places"),
  );
});

test("the end of a switch that was not exhaustive names the value", () => {
  expect(() => unreachable("left" as never)).toThrow('unreachable: "left"');
});
