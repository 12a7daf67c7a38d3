/** A disk that is full, and one that can only be read: small file systems in memory. Needs root, to mount them. */
import { execFileSync } from "node:child_process";
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockDirectory } from "../../src/store/directory-lock.ts";
import { openSqliteStore } from "../../src/store/sqlite.ts";
import { allRows, lastBatch, rowsAfter, writesOf } from "./store-load.ts";

let parent: string;
let disk: string;
let directory: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "birdman-disk-"));
  disk = join(parent, "disk");
  mkdirSync(disk);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", disk]);
  directory = join(disk, "state");
});

afterEach(() => {
  // A store that a failed test left open does not keep the mount.
  execFileSync("umount", ["--lazy", disk]);
  rmSync(parent, { recursive: true });
});

const failure = (code: string): unknown => expect.objectContaining({ name: "StoreError", code });

/** Takes all the room that is left. */
function fillDisk(): void {
  for (const bytes of [65_536, 1]) {
    expect(() => {
      for (;;) appendFileSync(join(disk, "filler"), Buffer.alloc(bytes));
    }).toThrow("ENOSPC");
  }
}

function makeRoom(): void {
  rmSync(join(disk, "filler"));
}

test("a commit that finds no room is refused whole; reads go on, and it succeeds once there is room", async () => {
  const store = openSqliteStore(directory);
  await store.commit(writesOf(1));
  fillDisk();
  for (let attempt = 0; attempt < 3; attempt += 1) {
    await expect(store.commit(writesOf(2))).rejects.toEqual(failure("full"));
    expect(allRows(store)).toEqual(rowsAfter(1));
  }
  await expect(store.commit(writesOf(2))).rejects.toThrow(join(directory, "birdman.db"));
  makeRoom();
  await store.commit(writesOf(2));
  expect(allRows(store)).toEqual(rowsAfter(2));
  store.close();

  const again = openSqliteStore(directory);
  expect(allRows(again)).toEqual(rowsAfter(2));
  again.close();
});

test("a store that fills the disk by itself keeps what it acknowledged, also if it is killed then", async () => {
  const store = openSqliteStore(directory);
  let last = 0;
  await expect(async () => {
    for (;;) {
      await store.commit(writesOf(last + 1));
      last += 1;
    }
  }).rejects.toEqual(failure("full"));
  expect(last).toBeGreaterThan(10);
  expect(lastBatch(store)).toBe(last);

  // What a process that was killed now would leave.
  const copy = join(parent, "copy");
  cpSync(directory, copy, { recursive: true });
  const copied = openSqliteStore(copy);
  expect(allRows(copied)).toEqual(rowsAfter(last));
  copied.close();

  execFileSync("mount", ["-o", "remount,size=16m", disk]);
  await store.commit(writesOf(last + 1));
  store.close();
  const again = openSqliteStore(directory);
  expect(allRows(again)).toEqual(rowsAfter(last + 1));
  again.close();
});

test("on a full disk a store that is there opens and can be read, and its directory can be locked", async () => {
  const before = openSqliteStore(directory);
  await before.commit(writesOf(1));
  before.close();
  fillDisk();
  const lock = lockDirectory(directory, "manager");
  expect(() => lockDirectory(directory, "manager")).toThrow(failure("locked"));
  const store = openSqliteStore(directory);
  expect(allRows(store)).toEqual(rowsAfter(1));
  await expect(store.commit(writesOf(2))).rejects.toEqual(failure("full"));
  makeRoom();
  await store.commit(writesOf(2));
  store.close();
  lock.release();
});

test("a store that cannot be made for want of room leaves nothing in the way of the next attempt", () => {
  mkdirSync(directory);
  fillDisk();
  expect(() => openSqliteStore(directory)).toThrow(failure("full"));
  expect(readdirSync(directory)).toEqual([]);
  makeRoom();
  openSqliteStore(directory).close();
});

test("a read-only disk is refused by name, with the reason and the remedy", () => {
  openSqliteStore(directory).close();
  execFileSync("mount", ["-o", "remount,ro", disk]);
  for (const open of [() => openSqliteStore(directory), () => lockDirectory(directory, "manager")]) {
    for (const expected of [failure("unusable"), directory, "read-only", "--data-dir"]) {
      expect(open).toThrow(expected);
    }
  }
  execFileSync("mount", ["-o", "remount,rw", disk]);
  openSqliteStore(directory).close();
});
