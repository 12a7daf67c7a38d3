/**
 * What the hosts need of a store, and no more: read everything, commit a batch, page through a table. A store knows
 * tables and keys, not tasks; what the values mean lies with the cores' codecs.
 *
 * Keys are ordered as text, so a sequence number is written with leading zeros (`sequenceKey`).
 */
export interface Write {
  readonly table: string;
  readonly key: string;
  /** The record as text; null removes it. */
  readonly value: string | null;
}

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
  /** Rows of a table in the order of their keys. A table that was never written is empty. */
  rows(table: string, range?: Range): Iterable<Row>;
  get(table: string, key: string): string | undefined;
  /**
   * Applies the whole batch or none of it; when the promise is fulfilled, the batch survives a loss of power.
   * Rejects with a StoreError: `full` leaves the store as it was and can be tried again.
   */
  commit(writes: readonly Write[]): Promise<void>;
  close(): void;
}

export type StoreErrorCode = "full" | "corrupt" | "newer" | "locked" | "unusable";

/** `full`: no room, try again; `corrupt`: the file is damaged; `newer`: written by a newer version; `locked`: in use by another process. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A sequence number as a key: ordered as text as it is as a number, up to 10^15. */
export function sequenceKey(sequence: number): string {
  return String(sequence).padStart(16, "0");
}
