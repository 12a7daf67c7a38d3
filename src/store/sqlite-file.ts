/**
 * Opens the database file, so that what is opened is whole, ours, of a version we know, and nobody else's meanwhile.
 *
 * A file comes into being under another name and gets its own only when it is complete. So an empty file, or a
 * write-ahead log without its file, is never taken for a new store: it is what remains of one, and is refused.
 */
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import Database from "better-sqlite3";
import { FILE_MODE, makeDataDirectory, syncDirectory } from "./data-directory.ts";
import { corrupt, withStoreErrors } from "./sqlite-error.ts";
import { migrate, schemaVersion, type Migration } from "./sqlite-schema.ts";
import { StoreError } from "./store.ts";

const FILE_NAME = "birdman.db";

/** "Bird" in ASCII: tells our files from those of other programs that use SQLite. */
const APPLICATION_ID = 0x42697264;

/**
 * Files up to this size are checked whole before use: about a tenth of a second for each 100 MB, once read. In a larger
 * one, damage comes out when the page is read; that it was cut short, at once.
 */
const CHECKED_WHOLE_BYTES = 256 * 1024 * 1024;

/** The log is brought back to this size after a batch that made it larger. */
const LOG_BYTES = 16 * 1024 * 1024;

export interface DatabaseFile {
  readonly path: string;
  readonly database: Database.Database;
}

/** Where the file of a store in this directory is. */
export function databasePath(directory: string): string {
  return join(resolve(directory), FILE_NAME);
}

/** Opens `birdman.db` in this directory, making both if need be. Throws a StoreError, and then the file is as it was. */
export function openDatabaseFile(directory: string, migrations: readonly Migration[]): DatabaseFile {
  const path = databasePath(directory);
  makeDataDirectory(dirname(path));
  return withStoreErrors(path, () => {
    if (!existsSync(path)) create(path, migrations);
    // By its path, here and below: opening and closing a file that this process has open gives up SQLite's locks on it.
    // SQLite would take it for a new one, and throw its log away.
    if (statSync(path).size === 0) throw corrupt(path, "it is empty, which a store never is");
    accessSync(path, constants.R_OK | constants.W_OK);
    chmodSync(path, FILE_MODE);
    const hasLog = existsSync(`${path}-wal`);
    const database = new Database(path, { fileMustExist: true, timeout: 0 });
    try {
      // Before the first access. Nobody else reads along, so the log can always be brought back into the file.
      database.pragma("locking_mode = EXCLUSIVE");
      inspect(database, { path, hasLog, knownVersion: migrations.length });
      makeDurable(database);
      migrate(database, migrations);
    } catch (error) {
      database.close();
      throw error;
    }
    return { path, database };
  });
}

function create(path: string, migrations: readonly Migration[]): void {
  if (existsSync(`${path}-wal`)) throw corrupt(path, `it is gone, while its log ${FILE_NAME}-wal is there`);
  const draft = `${path}.new`;
  const remnants = [draft, `${draft}-journal`, `${draft}-wal`];
  for (const remnant of remnants) rmSync(remnant, { force: true });
  try {
    // SQLite gives the log the mode of the file.
    closeSync(openSync(draft, "wx", FILE_MODE));
    const database = new Database(draft, { timeout: 0 });
    try {
      database.pragma("locking_mode = EXCLUSIVE");
      makeDurable(database);
      database.pragma(`application_id = ${String(APPLICATION_ID)}`);
      migrate(database, migrations);
    } finally {
      database.close();
    }
    renameSync(draft, path);
    syncDirectory(dirname(path));
  } catch (error) {
    for (const remnant of remnants) rmSync(remnant, { force: true });
    throw error;
  }
}

interface Expected {
  readonly path: string;
  /** Whether the file's last user left a log behind, as one that was killed does. */
  readonly hasLog: boolean;
  readonly knownVersion: number;
}

/** Reads only. The first access also takes the lock, and finds out whether it is a database and has its full length. */
function inspect(database: Database.Database, { path, hasLog, knownVersion }: Expected): void {
  if (database.pragma("application_id", { simple: true }) !== APPLICATION_ID) {
    throw corrupt(path, "it is not Birdman's, or its beginning is lost");
  }
  const version = schemaVersion(database);
  if (version > knownVersion) {
    const remedy =
      "Run that version; or restore a backup made before it was used; or name another directory with --data-dir.";
    const versions = `version ${String(version)} of its format, and this one knows up to ${String(knownVersion)}`;
    throw new StoreError(
      "newer",
      `${path} was written by a newer Birdman: it has ${versions}. Nothing was changed. ${remedy}`,
    );
  }
  const { size } = statSync(path);
  const pageBytes = Number(database.pragma("page_size", { simple: true }));
  // Missing pages SQLite notices, but not a piece of the last one. With a log, the file may end anywhere: it mends it.
  if (!hasLog && size % pageBytes !== 0) throw corrupt(path, "its end is missing");
  if (size > CHECKED_WHOLE_BYTES) return;
  const finding = String(database.pragma("quick_check(1)", { simple: true }));
  if (finding !== "ok") throw corrupt(path, finding);
}

function makeDurable(database: Database.Database): void {
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = FULL");
  // On macOS fsync alone leaves the data in the drive's cache.
  database.pragma("fullfsync = ON");
  database.pragma("checkpoint_fullfsync = ON");
  database.pragma(`journal_size_limit = ${String(LOG_BYTES)}`);
  database.pragma("cell_size_check = ON");
}
