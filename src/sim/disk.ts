/**
 * A disk with one process's records on it. What was committed stays, whatever becomes of the process; what was not has
 * never been there.
 */
import type { Write } from "../utils/write.ts";

export interface Row {
  readonly key: string;
  readonly value: string;
}

type Tables = Map<string, Map<string, string>>;

/** A backup: what the disk held at one moment. */
export type Backup = ReadonlyMap<string, ReadonlyMap<string, string>>;

export class Disk {
  #tables: Tables = new Map();
  /** By table, the greatest key; absent where it would have to be looked for. */
  readonly #lastKeys = new Map<string, string>();
  /** No room, or not writable: every commit fails and leaves all as it was. */
  isFull = false;
  /** How many times as long as usual a commit takes. */
  slowness = 1;

  /** Applies the batch, all of it. */
  commit(writes: readonly Write[]): void {
    for (const { table, key, value } of writes) {
      let rows = this.#tables.get(table);
      if (rows === undefined) {
        rows = new Map();
        this.#tables.set(table, rows);
      }
      if (value === null) {
        rows.delete(key);
        if (this.#lastKeys.get(table) === key) this.#lastKeys.delete(table);
      } else {
        rows.set(key, value);
        const last = this.#lastKeys.get(table);
        if (last === undefined ? rows.size === 1 : key > last) this.#lastKeys.set(table, key);
      }
    }
  }

  /** All rows of a table, in the order of their keys. */
  rows(table: string): Row[] {
    const rows = [...(this.#tables.get(table) ?? [])].map(([key, value]) => ({ key, value }));
    return rows.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** The row with the greatest key. */
  lastRow(table: string): Row | undefined {
    let last = this.#lastKeys.get(table);
    if (last !== undefined) return { key: last, value: this.get(table, last) ?? "" };
    for (const key of this.#tables.get(table)?.keys() ?? []) if (last === undefined || key > last) last = key;
    if (last === undefined) return undefined;
    this.#lastKeys.set(table, last);
    return { key: last, value: this.get(table, last) ?? "" };
  }

  get(table: string, key: string): string | undefined {
    return this.#tables.get(table)?.get(key);
  }

  has(table: string, key: string): boolean {
    return this.#tables.get(table)?.has(key) === true;
  }

  backup(): Backup {
    return new Map([...this.#tables].map(([name, rows]) => [name, new Map(rows)]));
  }

  restore(backup: Backup): void {
    this.#tables = new Map([...backup].map(([name, rows]) => [name, new Map(rows)]));
    this.#lastKeys.clear();
  }
}
