import { expect, test } from "vitest";
import { PrefixedLines } from "./log-lines.ts";

test("whole lines alone are passed on, each behind the prefix", () => {
  const lines = new PrefixedLines("web | ");
  expect(lines.push("one\ntw")).toBe("web | one\n");
  expect(lines.push("o")).toBe("");
  expect(lines.push("\n\nthree")).toBe("web | two\nweb | \n");
  expect(lines.end()).toBe("web | three\n");
  expect(lines.end()).toBe("");
});

test("a colour ends with its line", () => {
  expect(new PrefixedLines("a ").push("\u001b[31mred\nplain\n")).toBe("a \u001b[31mred\u001b[0m\na plain\n");
});

test("a line without an end is not gathered for ever", () => {
  const lines = new PrefixedLines("a ");
  const text = "x".repeat(40_000);
  expect(lines.push(text)).toBe("");
  expect(lines.push(text)).toBe(`a ${text}${text}\n`);
  expect(lines.end()).toBe("");
});
