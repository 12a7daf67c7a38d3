/** One change to a table of records. */
export interface Write {
  readonly table: string;
  readonly key: string;
  /** The record as text; null removes it. */
  readonly value: string | null;
}

/** A sequence number as a key: ordered as text as it is as a number, up to 10^15. */
export function sequenceKey(sequence: number): string {
  return String(sequence).padStart(16, "0");
}
