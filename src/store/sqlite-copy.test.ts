import { mkdirSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { temporaryFiles } from "../../test/support/temporary-files.ts";
import { sequenceKey } from "../utils/write.ts";
import { openSqliteStore } from "./sqlite.ts";
import { StoreError } from "./store.ts";

const file = temporaryFiles();

/** More than is copied in one turn. */
const VALUE = "x".repeat(3000);

test("a copy is the store of one moment, whatever is committed meanwhile, large batches too", async () => {
  using closing = new DisposableStack();
  const store = closing.adopt(openSqliteStore(file("live"), { log: { largeBatch: 10, mostWaiting: 1000 } }), (opened) =>
    opened.close(),
  );
  const commit = (first: number, count: number): Promise<void> =>
    store.commit(
      Array.from({ length: count }, (_, index) => ({ table: "t", key: sequenceKey(first + index), value: VALUE })),
    );
  await commit(0, 2000);
  mkdirSync(file("copy"));
  let isCopied = false;
  const copied = store.copyTo(file("copy")).finally(() => (isCopied = true));
  let committed = 2000;
  while (!isCopied) {
    await commit(committed, 20);
    committed += 20;
    await new Promise(setImmediate);
  }
  await copied;
  expect(committed).toBeGreaterThan(2020);
  expect(readdirSync(file("copy"))).toEqual(["birdman.db"]);

  const copy = closing.adopt(openSqliteStore(file("copy")), (opened) => opened.close());
  expect(copy.findings()).toEqual([]);
  const keys = [...copy.rows("t")].map(({ key }) => key);
  // All up to some batch, and whole ones.
  expect(keys).toEqual(Array.from({ length: keys.length }, (_, index) => sequenceKey(index)));
  expect(keys.length).toBeGreaterThanOrEqual(2000);
  expect(keys.length % 20).toBe(0);
  expect(keys.length).toBeLessThanOrEqual(committed);
});

test("a copy that cannot be written is a StoreError, and the store goes on", async () => {
  using closing = new DisposableStack();
  const store = closing.adopt(openSqliteStore(file("other")), (opened) => opened.close());
  await expect(store.copyTo(file("plain", "a file"))).rejects.toThrow(/birdman\.db|directory does not exist/);
  await expect(store.copyTo("/proc/self")).rejects.toBeInstanceOf(StoreError);
  await store.commit([{ table: "t", key: "a", value: "1" }]);
  expect(store.get("t", "a")).toBe("1");
});
