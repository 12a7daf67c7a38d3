/** The store that forgets: everything in this process, nothing on disk. For trying Birdman out, for simulation and for tests. */
import { readPages } from "./key-range.ts";
import { SortedKeys } from "./sorted-keys.ts";
import { assertWellFormed, type Range, type Row, type Store } from "./store.ts";
import type { Write } from "../utils/write.ts";

/** Invariant: `keys` holds the keys of `values`. */
interface Table {
  readonly values: Map<string, string>;
  readonly keys: SortedKeys;
}

const EMPTY: Readonly<Table> = { values: new Map(), keys: new SortedKeys() };

export class MemoryStore implements Store {
  readonly kind = "memory";
  readonly #tables = new Map<string, Table>();

  rows(table: string, range: Range = {}): Iterable<Row> {
    return readPages(range, (request) => {
      const { keys, values } = this.#tables.get(table) ?? EMPTY;
      return keys.page(request).map((key) => ({ key, value: values.get(key) ?? "" }));
    });
  }

  get(table: string, key: string): string | undefined {
    return this.#tables.get(table)?.values.get(key);
  }

  commit(writes: readonly Write[]): Promise<void> {
    return Promise.try(() => {
      assertWellFormed(writes);
      for (const write of writes) apply(this.#table(write.table), write);
    });
  }

  close(): void {
    this.#tables.clear();
  }

  #table(name: string): Table {
    let table = this.#tables.get(name);
    if (table === undefined) {
      table = { values: new Map(), keys: new SortedKeys() };
      this.#tables.set(name, table);
    }
    return table;
  }
}

function apply({ values, keys }: Table, { key, value }: Write): void {
  if (value === null) {
    if (values.delete(key)) keys.remove(key);
  } else {
    if (!values.has(key)) keys.add(key);
    values.set(key, value);
  }
}
