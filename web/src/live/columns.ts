import type { Column } from "../../../src/api/live-json.ts";

/** The value of a row. The manager promises as many as there are rows; what is missing would be its mistake. */
export function valueAt<T extends number | string>(column: Column<T>, row: number): T {
  return Array.isArray(column) ? (column[row] as T) : column;
}
