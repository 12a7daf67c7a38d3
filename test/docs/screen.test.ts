import { expect, test } from "vitest";
import { screenLines } from "./screen.ts";

test.each([
  ["lines as they are", "a\r\nb\r\n", ["a", "b"]],
  ["no colours", "\u001b[32mgreen\u001b[0m", ["green"]],
  ["a line that was written over", "working\r\u001b[2Kdone\r\n", ["done"]],
  ["what a shorter line leaves of a longer one", "longer\rabc", ["abcger"]],
  ["lines that were taken away", "a\r\nb\r\n\u001b[1A\u001b[2K\u001b[1A\u001b[2Kc", ["c"]],
  ["what stands below a cleared screen", "a\nb\u001b[2J\u001b[Hc", ["c"]],
  ["no blanks at the end", "a   ", ["a"]],
])("shows %s", (_, written, lines) => {
  expect(screenLines(written)).toEqual(lines);
});
