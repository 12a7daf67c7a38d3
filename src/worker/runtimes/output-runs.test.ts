import { expect, test } from "vitest";
import { OutputRuns } from "./output-runs.ts";

test("pieces of one stream become one chunk, without what lay between them", () => {
  const runs = new OutputRuns(Buffer.from("--one--two--three"));
  runs.add("stdout", 2, 5);
  runs.add("stdout", 7, 10);
  runs.add("stdout", 12, 17);
  expect(runs.chunks()).toEqual([{ stream: "stdout", data: Buffer.from("onetwothree") }]);
});

test("a chunk ends where the other stream begins, and is left alone by what follows", () => {
  const runs = new OutputRuns(Buffer.from("abcdef"));
  runs.add("stderr", 0, 1);
  runs.add("stdout", 2, 4);
  runs.add("stderr", 5, 6);
  expect(runs.chunks()).toEqual([
    { stream: "stderr", data: Buffer.from("a") },
    { stream: "stdout", data: Buffer.from("cd") },
    { stream: "stderr", data: Buffer.from("f") },
  ]);
});

test("the chunks are in the block's own memory", () => {
  const block = Buffer.from("-one");
  const runs = new OutputRuns(block);
  runs.add("stdout", 1, 4);
  expect(runs.chunks()[0]?.data.buffer).toBe(block.buffer);
});

test("nothing makes no chunk", () => {
  const runs = new OutputRuns(Buffer.from("----"));
  runs.add("stdout", 2, 2);
  expect(runs.chunks()).toEqual([]);
});
