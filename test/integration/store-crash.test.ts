/**
 * `kill -9` in the middle of commits: what was acknowledged is there, whole, and nothing is there in part.
 * BIRDMAN_CRASH_ROUNDS sets how often; the long form is 200.
 */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openSqliteStore } from "../../src/store/sqlite.ts";
import { allRows, lastBatch, rowsAfter } from "./store-load.ts";
import { startLoad } from "./store-process.ts";

const ROUNDS = Number(process.env["BIRDMAN_CRASH_ROUNDS"] ?? 15);

let parent: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "birdman-crash-"));
});

afterEach(() => {
  rmSync(parent, { recursive: true });
});

test(
  `a writer killed ${String(ROUNDS)} times loses nothing that it acknowledged and leaves no batch in part`,
  { timeout: 30_000 + ROUNDS * 5000 },
  async () => {
    const directory = join(parent, "state");
    let acknowledged = 0;
    for (let round = 1; round <= ROUNDS; round += 1) {
      const load = startLoad(directory);
      // Every few rounds while it starts, and recovers from the round before.
      await load.acknowledged(round % 5 === 0 ? 0 : Math.floor(Math.random() * 50));
      // Not a wait for anything: the moment within a commit is to be any.
      await delay(Math.random() * 6);
      await load.kill();
      acknowledged = load.last() ?? acknowledged;

      // A copy is looked at, so that the file itself is only ever opened by processes that are killed.
      const copy = join(parent, `copy-${String(round)}`);
      cpSync(directory, copy, { recursive: true });
      const last = expectWhole(copy);
      expect(last, `round ${String(round)}`).toBeGreaterThanOrEqual(acknowledged);
      expect(last, `round ${String(round)}`).toBeLessThanOrEqual(acknowledged + 1);
      acknowledged = last;
      rmSync(copy, { recursive: true });
    }
    expect(acknowledged).toBeGreaterThan(ROUNDS);
    expect(expectWhole(directory)).toBe(acknowledged);
  },
);

/** The last batch in the store, once all that is there is known to be what the batches up to it make. */
function expectWhole(directory: string): number {
  const store = openSqliteStore(directory);
  try {
    const last = lastBatch(store);
    expect(allRows(store)).toEqual(rowsAfter(last));
    return last;
  } finally {
    store.close();
  }
}
