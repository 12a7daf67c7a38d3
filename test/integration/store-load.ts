/**
 * A load on a store whose every state is known from one number: batch n writes rows of its own, says in one row that it
 * is the last, and removes the rows of the batch fifty before. So what is there after batch n can be told exactly, and a
 * batch that is there in part shows.
 *
 * Run as a program (`node store-load.ts DIRECTORY`) it goes on from where the store is, prints `opening`, and then the
 * number of each batch once its commit is acknowledged, until it is killed.
 */
import { writeSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { openSqliteStore } from "../../src/store/sqlite.ts";
import type { Row, Store } from "../../src/store/store.ts";
import { sequenceKey, type Write } from "../../src/utils/write.ts";

const TABLE = "load";
const KEPT_BATCHES = 50;
const LAST = "last";

/** The rows of a store in which the batches up to `last` were committed. */
export function rowsAfter(last: number): Row[] {
  const rows: Row[] = [];
  for (let batch = Math.max(1, last - KEPT_BATCHES + 1); batch <= last; batch += 1) rows.push(...rowsOf(batch));
  return last === 0 ? [] : [...rows, { key: LAST, value: String(last) }];
}

export function allRows(store: Store): Row[] {
  return [...store.rows(TABLE)];
}

/** 0 where there is none yet. */
export function lastBatch(store: Store): number {
  return Number(store.get(TABLE, LAST) ?? 0);
}

export function writesOf(batch: number): Write[] {
  const removed = batch > KEPT_BATCHES ? rowsOf(batch - KEPT_BATCHES) : [];
  return [
    ...removed.map(({ key }) => ({ table: TABLE, key, value: null })),
    ...[...rowsOf(batch), { key: LAST, value: String(batch) }].map((row) => ({ table: TABLE, ...row })),
  ];
}

/** From 1 to 120 rows of up to 1,200 characters: some batches are one page of the file, some are larger than its log. */
function rowsOf(batch: number): Row[] {
  return Array.from({ length: 1 + ((batch * 37) % 120) }, (_, index) => ({
    key: `${sequenceKey(batch)}/${sequenceKey(index)}`,
    value: `${String(batch)}/${String(index)} `.repeat(1 + ((batch * index) % 100)),
  }));
}

if (import.meta.main) {
  const [directory = "."] = process.argv.slice(2);
  writeSync(1, "opening\n");
  // Some batches go to their places at once, some first as they came; the change from one to the other is met often.
  const store = openSqliteStore(directory, { log: { largeBatch: 100, mostWaiting: 500 } });
  for (let batch = lastBatch(store) + 1; ; batch += 1) {
    await store.commit(writesOf(batch));
    writeSync(1, `${String(batch)}\n`);
    await setImmediate();
  }
}
