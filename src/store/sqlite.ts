/**
 * The store on local disk: one SQLite file, with a write-ahead log that is synced at every commit. Large batches are first
 * kept as they came (`sqlite-log.ts`).
 *
 * A commit runs on the calling thread and is over when it returns; what the host hands over at a time is one batch.
 */
import type Database from "better-sqlite3";
import { readPages } from "./key-range.ts";
import { storeErrorOf, withStoreErrors } from "./sqlite-error.ts";
import { databasePath, openDatabaseFile, type DatabaseFile } from "./sqlite-file.ts";
import { LOG_LIMITS, WriteLog, type LogLimits } from "./sqlite-log.ts";
import { MIGRATIONS, type Migration } from "./sqlite-schema.ts";
import { assertWellFormed, type Range, type Row, type Store } from "./store.ts";
import type { Write } from "../utils/write.ts";

export interface SqliteStoreOptions {
  /** The versions of the file, for tests of their order. */
  readonly migrations?: readonly Migration[];
  /** When batches are first kept as they came, for tests. */
  readonly log?: LogLimits;
}

/** A store that is a file, and so can be copied. */
export interface PersistentStore extends Store {
  /**
   * Writes the store, as it is when the promise is fulfilled, to a new file called like its own (`birdman.db`) in this
   * directory; commits go on meanwhile. Rejects with a StoreError.
   */
  copyTo(directory: string): Promise<void>;
  /** What is wrong with the file, as SQLite says it; reads all of it. Throws a StoreError. */
  findings(): readonly string[];
}

/**
 * Opens the store in this directory, or makes an empty one. The directory is to be on local disk and locked
 * (`lockDirectory`) by the caller. Throws a StoreError.
 */
export function openSqliteStore(
  directory: string,
  { migrations = MIGRATIONS, log = LOG_LIMITS }: SqliteStoreOptions = {},
): PersistentStore {
  return new SqliteStore(openDatabaseFile(directory, migrations), log);
}

/** SQLite puts every blob after every text. */
const AFTER_EVERY_KEY = Buffer.alloc(0);

type PageParameters = [table: string, from: string, below: string | Buffer, limit: number];

class SqliteStore implements PersistentStore {
  readonly kind = "persistent";
  readonly #path: string;
  readonly #database: Database.Database;
  readonly #ascending: Database.Statement<PageParameters, Row>;
  readonly #descending: Database.Statement<PageParameters, Row>;
  readonly #get: Database.Statement<[table: string, key: string], Pick<Row, "value">>;
  readonly #log: WriteLog;

  constructor({ path, database }: DatabaseFile, limits: LogLimits) {
    this.#path = path;
    this.#database = database;
    const page = "SELECT key, value FROM records WHERE tbl = ? AND key >= ? AND key < ? ORDER BY key";
    this.#ascending = database.prepare(`${page} LIMIT ?`);
    this.#descending = database.prepare(`${page} DESC LIMIT ?`);
    this.#get = database.prepare("SELECT value FROM records WHERE tbl = ? AND key = ?");
    this.#log = withStoreErrors(path, () => new WriteLog(database, { apply: applyIn(database), ...limits }));
  }

  rows(table: string, range: Range = {}): Iterable<Row> {
    return readPages(range, ({ from, below, reverse, limit }) => {
      const statement = reverse ? this.#descending : this.#ascending;
      return withStoreErrors(this.#path, () => {
        this.#log.settle(table);
        return statement.all(table, from, below ?? AFTER_EVERY_KEY, limit);
      });
    });
  }

  get(table: string, key: string): string | undefined {
    const change = this.#log.get(table, key);
    if (change !== undefined) return change ?? undefined;
    return withStoreErrors(this.#path, () => this.#get.get(table, key)?.value);
  }

  commit(writes: readonly Write[]): Promise<void> {
    return Promise.try(() => {
      assertWellFormed(writes);
      withStoreErrors(this.#path, () => this.#log.commit(writes));
    });
  }

  async copyTo(directory: string): Promise<void> {
    const path = databasePath(directory);
    try {
      await this.#database.backup(path);
    } catch (error) {
      throw storeErrorOf(path, error);
    }
  }

  findings(): readonly string[] {
    return withStoreErrors(this.#path, () => {
      const rows = this.#database.pragma("integrity_check") as readonly { readonly integrity_check: string }[];
      return rows.map((row) => row.integrity_check).filter((finding) => finding !== "ok");
    });
  }

  close(): void {
    this.#log.close();
    this.#database.close();
  }
}

/** Writes to `records`, within a transaction. */
function applyIn(database: Database.Database): (writes: readonly Write[]) => void {
  const put = database.prepare<[table: string, key: string, value: string]>(
    "INSERT INTO records (tbl, key, value) VALUES (?, ?, ?) ON CONFLICT (tbl, key) DO UPDATE SET value = excluded.value",
  );
  const remove = database.prepare<[table: string, key: string]>("DELETE FROM records WHERE tbl = ? AND key = ?");
  return (writes) => {
    for (const { table, key, value } of writes) {
      if (value === null) remove.run(table, key);
      else put.run(table, key, value);
    }
  };
}
