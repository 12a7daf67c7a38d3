import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createToken } from "./access.ts";
import { TokenFile } from "./token-file.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "birdman-tokens-"));
});

afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

test("a token that is added is known within a second, one that is removed no longer is", () => {
  vi.useFakeTimers();
  const path = join(folder, "tokens");
  const [first, second] = [createToken(["read"], 0), createToken(["write"], 0)];
  writeFileSync(path, `${first.line}\n`);
  const errors: Error[] = [];
  const file = new TokenFile(path, (error) => errors.push(error));
  expect(file.current().scopesOf(first.token)).toBeDefined();

  writeFileSync(path, `${second.line}\n${second.line} again\n`);
  expect(file.current().scopesOf(second.token)).toBeUndefined();
  vi.advanceTimersByTime(1000);
  expect(file.current().scopesOf(second.token)).toBeDefined();
  expect(file.current().scopesOf(first.token)).toBeUndefined();

  writeFileSync(path, "nonsense\n");
  vi.advanceTimersByTime(1000);
  expect(file.current().scopesOf(second.token)).toBeDefined();
  rmSync(path);
  vi.advanceTimersByTime(1000);
  expect(file.current().scopesOf(second.token)).toBeDefined();
  expect(errors.map(({ message }) => message)).toEqual([
    expect.stringContaining("line 1 is no token"),
    expect.stringContaining("ENOENT"),
  ]);
});

test("a file that is missing, malformed or empty is refused by name", () => {
  const path = join(folder, "tokens");
  const open = () => new TokenFile(path, () => undefined);
  expect(open).toThrow(path);
  writeFileSync(path, "nonsense\n");
  expect(open).toThrow(`${path}, line 1`);
  writeFileSync(path, "# nobody\n");
  expect(open).toThrow("holds no token");
});
