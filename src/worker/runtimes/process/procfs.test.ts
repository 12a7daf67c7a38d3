import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import {
  isAlive,
  parseProcessStat,
  readEnvironment,
  readIdentity,
  readPageSize,
  readProcess,
  readProcesses,
} from "./procfs.ts";

const STAT =
  "4242 (a) b (c) S 1 4240 4230 0 -1 4194304 100 0 0 0 11 7 3 2 20 0 1 0 112912 3133440 390 18446744073709551615 1 1 0\n";

test("a name with spaces and parentheses does not shift the fields", () => {
  expect(parseProcessStat(STAT)).toEqual({
    pid: 4242,
    state: "S",
    session: 4230,
    cpuTicks: 23,
    startTicks: 112912,
    residentPages: 390,
  });
});

test.each(["", "4242", "4242 (sh", "4242 (sh) S 1 2", "x (sh) S 1 2 3"])("%j is no stat", (text) => {
  expect(parseProcessStat(text)).toBeUndefined();
});

test("this process is alive, and nobody else is it", () => {
  const self = readIdentity(process.pid);
  expect(self).toBeDefined();
  if (self === undefined) return;
  expect(isAlive(self)).toBe(true);
  expect(isAlive({ ...self, startTicks: self.startTicks + 1 })).toBe(false);
  expect(readProcesses().some(({ pid }) => pid === process.pid)).toBe(true);
});

test("a process that has ended is gone, before and after its parent has asked how", async () => {
  const child = spawn("true", { stdio: "ignore" });
  const pid = child.pid ?? 0;
  const identity = readIdentity(pid);
  await once(child, "exit");
  expect(identity).toMatchObject({ pid });
  expect(readProcess(pid)).toBeUndefined();
  expect(readIdentity(pid)).toBeUndefined();
  expect(readEnvironment(pid)).toEqual([""]);
});

test("memory in pages is what Node itself says, more or less", () => {
  const bytes = (readProcess(process.pid)?.residentPages ?? 0) * readPageSize();
  expect(bytes / process.memoryUsage.rss()).toBeGreaterThan(0.5);
  expect(bytes / process.memoryUsage.rss()).toBeLessThan(2);
});

test("the machine has a page size", () => {
  expect(Math.log2(readPageSize()) % 1).toBe(0);
  expect(readPageSize()).toBeGreaterThanOrEqual(4096);
});
