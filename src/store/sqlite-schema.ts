/**
 * The versions of the database file. The version is the number of migrations applied, kept in `user_version`; a
 * migration, once released, never changes, and a new one goes to the end of the list.
 */
import { serialize } from "node:v8";
import type Database from "better-sqlite3";

export type Migration = (database: Database.Database) => void;

export const MIGRATIONS: readonly Migration[] = [
  // Rows lie in the order of their arrival and only the index is ordered by key: twice to four times as fast to write as
  // WITHOUT ROWID when keys come in no order, whatever the size of a record.
  (database) => {
    database.exec(`
      CREATE TABLE records (
        tbl TEXT NOT NULL,
        key TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (tbl, key)
      ) STRICT`);
  },
  // Large batches whose writes are not in their places yet, each as JSON.
  (database) => {
    database.exec("CREATE TABLE batches (number INTEGER PRIMARY KEY, writes TEXT NOT NULL) STRICT");
  },
  // The same as structured clones.
  (database) => {
    const left = database.prepare<[], { writes: string }>("SELECT writes FROM batches ORDER BY number").all();
    database.exec("DROP TABLE batches; CREATE TABLE batches (number INTEGER PRIMARY KEY, writes BLOB NOT NULL) STRICT");
    const append = database.prepare<[writes: Buffer]>("INSERT INTO batches (writes) VALUES (?)");
    for (const { writes } of left) append.run(serialize(JSON.parse(writes)));
  },
];

export function schemaVersion(database: Database.Database): number {
  return Number(database.pragma("user_version", { simple: true }));
}

/** Brings the file to the newest version in one transaction; a migration that fails leaves it at the old one. */
export function migrate(database: Database.Database, migrations: readonly Migration[]): void {
  const version = schemaVersion(database);
  if (version >= migrations.length) return;
  database.transaction(() => {
    for (const migration of migrations.slice(version)) migration(database);
    database.pragma(`user_version = ${String(migrations.length)}`);
  })();
}
