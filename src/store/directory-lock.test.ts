/** Within one process; `test/integration/store-lock.test.ts` has several, and their deaths. */
import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockDirectory } from "./directory-lock.ts";

let parent: string;
let directory: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "birdman-lock-"));
  directory = join(parent, "state");
});

afterEach(() => {
  rmSync(parent, { recursive: true });
});

const code = (value: string): unknown => expect.objectContaining({ name: "StoreError", code: value });

test("the directory is made, for its user alone", () => {
  const lock = lockDirectory(directory, "manager");
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  lock.release();
});

test("a second holder is refused, told who holds it and what to do, and takes nothing away", () => {
  const lock = lockDirectory(directory, "manager");
  const other = join(parent, "other-name");
  symlinkSync(directory, other);
  for (const name of [directory, other, directory]) {
    expect(() => lockDirectory(name, "worker")).toThrow(code("locked"));
    expect(() => lockDirectory(name, "worker")).toThrow(name);
    expect(() => lockDirectory(name, "worker")).toThrow(`a manager in this very process (pid ${String(process.pid)})`);
    expect(() => lockDirectory(name, "worker")).toThrow("--data-dir");
  }
  lock.release();
});

test("once released it can be taken again, and releasing twice does not release the next holder's", () => {
  const first = lockDirectory(directory, "manager");
  first.release();
  const second = lockDirectory(directory, "worker");
  first.release();
  expect(() => lockDirectory(directory, "manager")).toThrow("a worker in this very process");
  second.release();
});

test("who holds it is left out where that is not known", () => {
  const lock = lockDirectory(directory, "manager");
  writeFileSync(join(directory, "birdman.pid"), "");
  expect(() => lockDirectory(directory, "worker")).toThrow("in use by another process");
  rmSync(join(directory, "birdman.pid"));
  expect(() => lockDirectory(directory, "worker")).toThrow("in use by another process");
  lock.release();
});

test("what a dead holder left written stands in nobody's way", () => {
  lockDirectory(directory, "manager").release();
  writeFileSync(join(directory, "birdman.pid"), "1 manager\n");
  const lock = lockDirectory(directory, "worker");
  expect(() => lockDirectory(directory, "manager")).toThrow("a worker in this very process");
  lock.release();
});

test.each([
  ["a file in its place", () => join(parent, "file")],
  ["a file among its parents", () => join(parent, "file", "state")],
  ["a folder that nobody can make", () => "/proc/birdman"],
  ["another use of the lock file", () => directory],
])("%s makes it unusable, by name", (_, path) => {
  writeFileSync(join(parent, "file"), "a file");
  lockDirectory(directory, "manager").release();
  writeFileSync(join(directory, "birdman.lock"), "something else");
  for (const expected of [code("unusable"), path(), "--data-dir"]) {
    expect(() => lockDirectory(path(), "manager")).toThrow(expected);
  }
});
