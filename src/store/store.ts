/**
 * What the hosts need of a store, and no more: read everything, commit a batch, page through a table. A store knows
 * tables and keys, not tasks; what the values mean lies with the cores' codecs.
 *
 * Keys are ordered as text, by Unicode code point, so a sequence number is written with leading zeros (`sequenceKey`).
 * Tables, keys and values are well-formed text (no half of a surrogate pair); anything else is a programmer's error.
 */
import { assert } from "../utils/assert.ts";
import type { Write } from "../utils/write.ts";

export interface Row {
  readonly key: string;
  readonly value: string;
}

export interface Range {
  /** Keys greater than this one; with `reverse`, keys smaller. */
  readonly after?: string;
  /** Only keys that begin with this. */
  readonly prefix?: string;
  readonly limit?: number;
  readonly reverse?: boolean;
}

export interface Store {
  readonly kind: "memory" | "persistent";
  /**
   * Rows of a table in the order of their keys. A table that was never written is empty.
   *
   * Commits may come while the rows are being taken: a row that is there all the while appears exactly once and in
   * order; one that is written or removed meanwhile may appear as it was, as it is, or not. Throws a StoreError.
   */
  rows(table: string, range?: Range): Iterable<Row>;
  get(table: string, key: string): string | undefined;
  /**
   * Applies the whole batch or none of it, in its order: of two writes of a key the later one holds. When the promise is
   * fulfilled, the batch is read by everyone and, in a persistent store, survives a loss of power.
   *
   * Rejects with a StoreError: `full` and `unusable` leave the store as it was, and can be tried again.
   */
  commit(writes: readonly Write[]): Promise<void>;
  /** Lets go of the store, which is not to be used any more. Closing it again does nothing. */
  close(): void;
}

export type StoreErrorCode = "full" | "corrupt" | "newer" | "locked" | "unusable";

/**
 * `full`: no room, try again; `corrupt`: the file is damaged; `newer`: written by a newer version; `locked`: in use by
 * another process; `unusable`: it cannot be read or written for a reason that lies outside (permissions, a read-only or
 * failing disk). The message names the file and the remedy.
 */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** True when the store is as it was before and the same can be tried again. */
  get isTemporary(): boolean {
    return this.code === "full" || this.code === "unusable";
  }
}

/** Ill-formed text would be replaced on its way to disk, and two keys could become one. */
export function assertWellFormed(writes: readonly Write[]): void {
  for (const { table, key, value } of writes) {
    const wellFormed = table.isWellFormed() && key.isWellFormed() && (value === null || value.isWellFormed());
    assert(wellFormed, `ill-formed text in a write to table ${table}, key ${JSON.stringify(key)}`);
  }
}
