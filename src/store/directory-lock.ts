/**
 * Keeps a data directory to one process at a time. Two managers, or two workers, on the same records would each undo
 * what the other does.
 *
 * The lock is the operating system's lock on a file, taken through SQLite, as Node has no call for it; it goes away with
 * the process, however that ends, so none is ever left behind. The file itself stays empty. Who holds the lock is
 * written into another file, for the message alone.
 */
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import Database from "better-sqlite3";
import { FILE_MODE, makeDataDirectory } from "./data-directory.ts";
import { StoreError } from "./store.ts";

const LOCK_FILE = "birdman.lock";
const HOLDER_FILE = "birdman.pid";

/** Files that are locked, so that none is closed by the garbage collector when its lock's owner keeps no handle. */
const held = new Set<Database.Database>();

export interface DirectoryLock {
  /** Releasing it again does nothing. */
  release(): void;
}

/**
 * Makes the directory if need be and locks it for this process; `what` says what for ("manager", "worker"). Throws a
 * StoreError: `locked` when another process, or this one, holds it already.
 */
export function lockDirectory(directory: string, what: string): DirectoryLock {
  const path = resolve(directory);
  makeDataDirectory(path);
  const database = openLocked(path);
  held.add(database);
  const holderFile = join(path, HOLDER_FILE);
  writeHolder(holderFile, what);
  return {
    release() {
      if (!held.delete(database)) return;
      try {
        rmSync(holderFile, { force: true });
      } finally {
        database.close();
      }
    },
  };
}

function openLocked(directory: string): Database.Database {
  const path = join(directory, LOCK_FILE);
  let database: Database.Database | undefined;
  try {
    // Opened by SQLite alone: this process closing the file in any other way would give up its lock.
    database = new Database(path, { timeout: 0 });
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    chmodSync(path, FILE_MODE);
    return database;
  } catch (cause) {
    database?.close();
    if (cause instanceof Database.SqliteError && cause.code.startsWith("SQLITE_BUSY")) {
      const remedy = "Stop it, or name another directory with --data-dir.";
      throw new StoreError("locked", `The data directory ${directory} is in use by ${holderOf(directory)}. ${remedy}`, {
        cause,
      });
    }
    const reason = cause instanceof Error ? cause.message : String(cause);
    const remedy = "Check its permissions and the disk; or name another directory with --data-dir.";
    throw new StoreError("unusable", `The lock file ${path} cannot be used (${reason}). ${remedy}`, { cause });
  }
}

/** For people only: what it says is not relied on, and on a full disk it is left out. */
function writeHolder(path: string, what: string): void {
  try {
    writeFileSync(path, `${String(process.pid)} ${what}\n`, { mode: FILE_MODE });
  } catch {
    rmSync(path, { force: true });
  }
}

function holderOf(directory: string): string {
  const path = join(directory, HOLDER_FILE);
  const [, pid, what] = /^(\d+) (.+)$/m.exec(existsSync(path) ? readFileSync(path, "utf8") : "") ?? [];
  if (pid === undefined || what === undefined) return "another process";
  return Number(pid) === process.pid ? `a ${what} in this very process (pid ${pid})` : `a ${what} (pid ${pid})`;
}
