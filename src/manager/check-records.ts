/** Reads every record of a manager's store as a manager would, so that a backup is known to be good before it is needed. */
import {
  decode,
  decodeEvents,
  decodeSlice,
  decodeTask,
  TABLES,
  type ClusterRecord,
  type CountersRecord,
  type IdempotencyRecord,
  type NodeRecord,
} from "./core/records.ts";
import type { Row, Store } from "../store/store.ts";
import { resolveSpec } from "../task/spec.ts";

type Table = keyof typeof TABLES;

export interface RecordCheck {
  readonly cluster: ClusterRecord | undefined;
  /** Rows of each table. */
  readonly rows: Readonly<Record<Table, number>>;
  /** A sentence for each record that cannot be read. */
  readonly problems: readonly string[];
}

/** Throws when the row is not what the table should hold. */
const READERS: Readonly<Record<Table, (row: Row) => void>> = {
  meta: ({ key, value }) => {
    if (key === "cluster") requireText(decode<ClusterRecord>(value).clusterId);
    else decode<CountersRecord>(value);
  },
  nodes: ({ key, value }) => requireSame(decode<NodeRecord>(value).facts.nodeId, key),
  tasks: ({ key, value }) => requireSame(decodeTask(value, resolveSpec).task.id, key),
  lists: (row) => void decodeSlice(row, resolveSpec),
  ended: ({ value }) => requireText(decodeTask(value, resolveSpec).task.id),
  endedIds: ({ value }) => requireText(value),
  events: ({ value }) => {
    for (const { kind } of decodeEvents(value)) requireText(kind);
  },
  idempotency: ({ value }) => requireText(decode<IdempotencyRecord>(value).digest),
  outputs: ({ key }) => requireText(key),
};

export function checkRecords(store: Store): RecordCheck {
  const problems: string[] = [];
  const count = (table: Table): number => {
    let rows = 0;
    for (const row of store.rows(TABLES[table])) {
      rows += 1;
      try {
        READERS[table](row);
      } catch (error) {
        problems.push(
          `record ${row.key} of table ${table} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    }
    return rows;
  };
  const tables = Object.keys(TABLES) as Table[];
  const rows = Object.fromEntries(tables.map((table) => [table, count(table)])) as Record<Table, number>;
  const cluster = store.get(TABLES.meta, "cluster");
  if (cluster === undefined) problems.push("it does not say which cluster it is of");
  return {
    cluster: cluster === undefined || problems.length > 0 ? undefined : decode<ClusterRecord>(cluster),
    rows,
    problems,
  };
}

function requireText(value: unknown): void {
  if (typeof value !== "string") throw new TypeError(`a text is expected, not ${JSON.stringify(value)}`);
}

function requireSame(value: unknown, key: string): void {
  if (value !== key) throw new TypeError(`it speaks of ${JSON.stringify(value)}`);
}
