/**
 * A loss of power right after a commit was acknowledged. The store lies on a file system whose disk is a file: what the
 * kernel holds back in memory is not in that file, so a copy of it is what a machine would find after the power came
 * back. Needs root, for loop mounts.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openSqliteStore } from "../../src/store/sqlite.ts";
import { allRows, lastBatch, rowsAfter } from "./store-load.ts";
import { startLoad } from "./store-process.ts";

let parent: string;
let mountPoint: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "birdman-power-"));
  mountPoint = join(parent, "mounted");
  mkdirSync(mountPoint);
});

afterEach(() => {
  rmSync(parent, { recursive: true });
});

test.each([1, 7, 60])("after %i batches, the last acknowledged one is there and whole", async (batches) => {
  const disk = join(parent, "disk");
  const copy = join(parent, "copy");
  execFileSync("truncate", ["--size", "64M", disk]);
  execFileSync("mkfs.ext4", ["-q", disk]);
  const acknowledged = await mounted(disk, async () => {
    const load = startLoad(join(mountPoint, "state"));
    await load.acknowledged(batches);
    process.kill(load.pid, "SIGSTOP");
    const last = load.last();
    execFileSync("cp", ["--sparse=always", disk, copy]);
    await load.kill();
    return last;
  });

  expect(acknowledged).toBeGreaterThanOrEqual(batches);
  await mounted(copy, () => {
    const store = openSqliteStore(join(mountPoint, "state"));
    try {
      expect(lastBatch(store)).toBeGreaterThanOrEqual(acknowledged ?? 0);
      expect(allRows(store)).toEqual(rowsAfter(lastBatch(store)));
    } finally {
      store.close();
    }
  });
});

async function mounted<T>(disk: string, run: () => T): Promise<Awaited<T>> {
  execFileSync("mount", ["-o", "loop", disk, mountPoint]);
  try {
    return await run();
  } finally {
    execFileSync("umount", [mountPoint]);
  }
}
