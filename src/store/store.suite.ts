/** What every store must do, whatever it keeps its rows in: run by `store.test.ts` against each. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AssertionError } from "../utils/assert.ts";
import type { Range, Row, Store } from "./store.ts";
import { sequenceKey, type Write } from "../utils/write.ts";

/** In code point order; by UTF-16 units the last two would come before U+FFFD. */
const ORDERED_KEYS = [
  "",
  "\0",
  "A",
  "Z",
  "a",
  "a\0",
  "a\0b",
  "aa",
  "ab",
  "b",
  "é",
  "中",
  "\uE000",
  "\uFFFD",
  "😀",
  "😁",
];

/** Few characters, so that keys meet; chosen where orders and prefixes go wrong. */
const keys = fc.string({
  unit: fc.constantFrom("a", "b", "\0", "é", "\uD7FF", "\uE000", "\uFFFF", "😀", "\u{10FFFF}"),
  maxLength: 4,
});

const batches = fc.array(
  fc.array(
    fc.record({
      table: fc.constantFrom("tasks", "nodes"),
      key: keys,
      value: fc.option(fc.string({ unit: "binary", maxLength: 8 })),
    }),
    { maxLength: 20 },
  ),
  { minLength: 1, maxLength: 6 },
);

const ranges = fc.record(
  { after: keys, prefix: keys, limit: fc.nat({ max: 12 }), reverse: fc.boolean() },
  { requiredKeys: [] },
);

/** `open` gives an empty store, which may keep its files in this directory. */
export function storeContract(name: string, open: (directory: string) => Store): void {
  describe(`the store contract: ${name}`, () => {
    let directory: string;
    let store: Store;

    beforeEach(() => {
      directory = mkdtempSync(join(tmpdir(), "birdman-store-"));
      store = open(directory);
    });

    afterEach(() => {
      store.close();
      rmSync(directory, { recursive: true });
    });

    const put = (key: string, value = `value of ${key}`): Write => ({ table: "tasks", key, value });
    const keysOf = (range?: Range): string[] => Array.from(store.rows("tasks", range), (row) => row.key);

    test("a table that was never written is empty", () => {
      expect([...store.rows("tasks")]).toEqual([]);
      expect(store.get("tasks", "a")).toBeUndefined();
    });

    test("rows come in the order of their keys' code points, however they were written", async () => {
      await store.commit(ORDERED_KEYS.toReversed().map((key) => put(key)));
      expect(keysOf()).toEqual(ORDERED_KEYS);
      expect(keysOf({ reverse: true })).toEqual(ORDERED_KEYS.toReversed());
    });

    test("sequence keys are ordered as their numbers", async () => {
      const numbers = [9, 10, 99, 1_000_000_000, 999_999_999_999_999];
      await store.commit(numbers.toReversed().map((number) => put(sequenceKey(number))));
      expect(keysOf().map(Number)).toEqual(numbers);
    });

    test("tables are apart", async () => {
      await store.commit([put("a"), { table: "nodes", key: "b", value: "node" }]);
      expect(keysOf()).toEqual(["a"]);
      expect([...store.rows("nodes")]).toEqual([{ key: "b", value: "node" }]);
      expect(store.get("nodes", "a")).toBeUndefined();
    });

    test("a range has a beginning, a prefix, a limit and a direction", async () => {
      await store.commit(["a/1", "a/2", "a/3", "b/1", "b/2"].map((key) => put(key)));
      expect(keysOf({ after: "a/2" })).toEqual(["a/3", "b/1", "b/2"]);
      expect(keysOf({ after: "a/2", reverse: true })).toEqual(["a/1"]);
      expect(keysOf({ after: "a/9" })).toEqual(["b/1", "b/2"]);
      expect(keysOf({ prefix: "a/" })).toEqual(["a/1", "a/2", "a/3"]);
      expect(keysOf({ prefix: "a/", reverse: true, limit: 2 })).toEqual(["a/3", "a/2"]);
      expect(keysOf({ prefix: "b/", after: "a/2" })).toEqual(["b/1", "b/2"]);
      expect(keysOf({ prefix: "a/", after: "b/1" })).toEqual([]);
      expect(keysOf({ prefix: "a/", after: "b/1", reverse: true })).toEqual(["a/3", "a/2", "a/1"]);
      expect(keysOf({ limit: 2 })).toEqual(["a/1", "a/2"]);
      expect(keysOf({ limit: 0 })).toEqual([]);
    });

    test("what is committed is read, also by a later write of the same batch", async () => {
      await store.commit([put("a", "1"), put("b", "1"), put("a", "2")]);
      expect([...store.rows("tasks")]).toEqual([
        { key: "a", value: "2" },
        { key: "b", value: "1" },
      ]);
      await store.commit([put("a", "3")]);
      expect(store.get("tasks", "a")).toBe("3");
    });

    test("null removes, and removing what is not there is no error", async () => {
      await store.commit([put("a"), put("b"), put("c")]);
      const remove = (key: string): Write => ({ table: "tasks", key, value: null });
      await store.commit([remove("b"), remove("never there"), remove("c"), put("c", "again")]);
      expect([...store.rows("tasks")]).toEqual([
        { key: "a", value: "value of a" },
        { key: "c", value: "again" },
      ]);
      expect(store.get("tasks", "b")).toBeUndefined();
    });

    test("an empty value is a value, and an empty batch is no error", async () => {
      await store.commit([put("a", "")]);
      await store.commit([]);
      expect(store.get("tasks", "a")).toBe("");
    });

    test("values come back as they were", async () => {
      const values = ["\0", "a\0b", "😀 naïve 中文 \uFFFF", '{"quoted": "\\ud800"}', "x".repeat(5_000_000)];
      await store.commit(values.map((value, index) => put(String(index), value)));
      expect(Array.from(store.rows("tasks"), (row) => row.value)).toEqual(values);
    });

    test("a batch with ill-formed text is refused whole", async () => {
      await store.commit([put("a", "before")]);
      await expect(store.commit([put("a", "after"), put("half a pair \uD83D")])).rejects.toThrow(AssertionError);
      await expect(store.commit([put("b"), put("c", "\uDE00")])).rejects.toThrow(AssertionError);
      expect([...store.rows("tasks")]).toEqual([{ key: "a", value: "before" }]);
    });

    test("a batch of 50,000 rows, and pages through it", async () => {
      const all = Array.from({ length: 50_000 }, (_, index) => sequenceKey(index));
      // In no order: 7919 and 50,000 have no common divisor, so every row comes once.
      await store.commit(all.map((_, index) => put(sequenceKey((index * 7919) % all.length))));
      expectSame(keysOf(), all);
      expectSame(keysOf({ reverse: true }), all.toReversed());
      const paged: string[] = [];
      for (
        let page = keysOf({ limit: 1000 });
        page.length > 0;
        page = keysOf({ limit: 1000, after: page.at(-1) ?? "" })
      ) {
        paged.push(...page);
      }
      expectSame(paged, all);
      await store.commit(
        all.filter((_, index) => index % 7 !== 0).map((key) => ({ table: "tasks", key, value: null })),
      );
      const left = all.filter((_, index) => index % 7 === 0);
      expectSame(keysOf(), left);
    });

    test("commits may come while rows are being taken", async () => {
      const all = Array.from({ length: 5000 }, (_, index) => sequenceKey(index * 2));
      await store.commit(all.map((key) => put(key)));
      for (const reverse of [false, true]) {
        const seen: string[] = [];
        for (const { key } of store.rows("tasks", { reverse })) {
          seen.push(key);
          if (seen.length % 50 !== 0) continue;
          // Beside this row, and at both ends: a new row that goes again, and this row with another value.
          const passing = [sequenceKey(Number(key) + 1), sequenceKey(99_999), "!"];
          await store.commit([...passing.map((other) => put(other)), put(key, "changed")]);
          await store.commit(passing.map((other) => ({ table: "tasks", key: other, value: null })));
        }
        expectSame(seen, reverse ? all.toReversed() : all);
      }
    });

    test("two readers of one table do not disturb each other", async () => {
      await store.commit(["a", "b", "c"].map((key) => put(key)));
      const pairs: string[] = [];
      for (const outer of store.rows("tasks")) {
        for (const inner of store.rows("tasks", { reverse: true })) pairs.push(outer.key + inner.key);
      }
      expect(pairs).toEqual(["ac", "ab", "aa", "bc", "bb", "ba", "cc", "cb", "ca"]);
    });

    test("closing twice is no error", () => {
      store.close();
      expect(() => {
        store.close();
      }).not.toThrow();
    });

    test("it does as the naive model does, whatever is written and asked for", async () => {
      const property = fc.asyncProperty(batches, fc.array(ranges, { maxLength: 10 }), async (written, asked) => {
        const model = new NaiveModel();
        await store.commit([...clearing(store, "tasks"), ...clearing(store, "nodes")]);
        for (const batch of written) {
          model.apply(batch);
          await store.commit(batch);
          for (const { table, key } of batch) expect(store.get(table, key)).toBe(model.get(table, key));
        }
        for (const table of ["tasks", "nodes"]) {
          for (const range of [{}, ...asked]) expect([...store.rows(table, range)]).toEqual(model.rows(table, range));
        }
      });
      await fc.assert(property, { numRuns: 100 });
    });
  });
}

/** As `toEqual`, which takes seconds over lists of this length. */
function expectSame(actual: readonly string[], expected: readonly string[]): void {
  expect(actual.length).toBe(expected.length);
  const index = expected.findIndex((key, at) => actual[at] !== key);
  expect(index === -1 ? undefined : { index, key: actual[index] }).toBeUndefined();
}

function clearing(store: Store, table: string): Write[] {
  return Array.from(store.rows(table), ({ key }) => ({ table, key, value: null }));
}

/** A map, sorted and filtered anew for every question; the order is that of the UTF-8 bytes. */
class NaiveModel {
  readonly #values = new Map<string, Map<string, string>>();

  apply(batch: readonly Write[]): void {
    for (const { table, key, value } of batch) {
      const values = this.#values.get(table) ?? new Map<string, string>();
      this.#values.set(table, values);
      if (value === null) values.delete(key);
      else values.set(key, value);
    }
  }

  get(table: string, key: string): string | undefined {
    return this.#values.get(table)?.get(key);
  }

  rows(table: string, { after, prefix = "", limit = Infinity, reverse = false }: Range): Row[] {
    const order = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b)) * (reverse ? -1 : 1);
    return Array.from(this.#values.get(table) ?? [], ([key, value]) => ({ key, value }))
      .filter(({ key }) => key.startsWith(prefix) && (after === undefined || order(key, after) > 0))
      .sort((a, b) => order(a.key, b.key))
      .slice(0, limit);
  }
}
