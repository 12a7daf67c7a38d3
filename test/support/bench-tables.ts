/** Records in maps, as a core on a workbench has them. */
import type { Write } from "../../src/utils/write.ts";

export type BenchTables = Map<string, Map<string, string>>;

export function commitTo(tables: BenchTables, writes: readonly Write[]): void {
  for (const { table, key, value } of writes) {
    const rows = tables.get(table) ?? new Map<string, string>();
    tables.set(table, rows);
    if (value === null) rows.delete(key);
    else rows.set(key, value);
  }
}

/** In the order of their keys. */
export function rowsOf(tables: BenchTables, table: string): { key: string; value: string }[] {
  return [...(tables.get(table) ?? [])]
    .map(([key, value]) => ({ key, value }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}
