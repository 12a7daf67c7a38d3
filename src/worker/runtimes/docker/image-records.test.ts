import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ImageRecords } from "./image-records.ts";

const HOUR = 3_600_000;

let directory = "";
let path = "";

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "birdman-images-"));
  path = join(directory, "docker", "images.json");
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

test("what was pulled is known to the next process, the least recently used first", () => {
  const records = new ImageRecords(path);
  records.pulled("sha256:a", "shop:1", 5000);
  records.pulled("sha256:b", "shop:2", 1000);
  records.pulled("sha256:c", "shop:3", 3000);
  records.forget("sha256:c");
  expect(new ImageRecords(path).leastRecentFirst).toEqual([
    { id: "sha256:b", name: "shop:2", lastUsedAt: 1000 },
    { id: "sha256:a", name: "shop:1", lastUsedAt: 5000 },
  ]);
});

test("a use counts by id and by name, at once here, and on disk by the hour", () => {
  const records = new ImageRecords(path);
  records.pulled("sha256:a", "shop:1", 0);
  records.used("shop:1", HOUR / 2);
  expect(records.leastRecentFirst).toMatchObject([{ lastUsedAt: HOUR / 2 }]);
  expect(new ImageRecords(path).leastRecentFirst).toMatchObject([{ lastUsedAt: 0 }]);
  records.used("sha256:a", 2 * HOUR);
  expect(new ImageRecords(path).leastRecentFirst).toMatchObject([{ lastUsedAt: 2 * HOUR }]);
  records.used("other:1", 9 * HOUR);
  expect(records.leastRecentFirst).toMatchObject([{ lastUsedAt: 2 * HOUR }]);
});

test.each(["{", '{"id":1}', '[{"id":1},null,5]'])("a file that says %s is as none", (text) => {
  const records = new ImageRecords(path);
  records.pulled("sha256:a", "shop:1", 0);
  writeFileSync(path, text);
  expect(new ImageRecords(path).leastRecentFirst).toEqual([]);
});
