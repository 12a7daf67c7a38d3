/** What SQLite and the file system say, in the store's own terms: a code to act on, and a message with the remedy. */
import { existsSync, statfsSync } from "node:fs";
import { basename, dirname } from "node:path";
import Database from "better-sqlite3";
import { StoreError } from "./store.ts";

/** Less than this free, and a write that failed for no given reason failed for want of room. */
const LITTLE_ROOM_BYTES = 1024 * 1024;

/** Runs what touches the database file at `path`; failures of SQLite and of the file system come out as a StoreError. */
export function withStoreErrors<T>(path: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw storeErrorOf(path, error);
  }
}

export function corrupt(path: string, detail: string, cause?: unknown): StoreError {
  const name = basename(path);
  const remedy = `Restore it from a backup; or move ${name} and ${name}-wal, if it is there, out of ${dirname(path)} to start with an empty store.`;
  return new StoreError("corrupt", `${path} is damaged: ${detail}. Nothing was changed. ${remedy}`, { cause });
}

/** The StoreError that this failure with the file at `path` amounts to; anything else comes back as it is. */
export function storeErrorOf(path: string, error: unknown): unknown {
  const code = codeOf(error);
  if (code === undefined || !(error instanceof Error)) return error;
  const failed = (storeCode: "full" | "locked" | "unusable", sentence: string): StoreError =>
    new StoreError(storeCode, `${path} ${sentence}`, { cause: error });
  switch (meaningOf(code, path)) {
    case "corrupt":
      return corrupt(path, error.message, error);
    case "full":
      return failed(
        "full",
        `cannot be written: there is no room left (${code}). Nothing was changed. Free some space and try again.`,
      );
    case "locked":
      return failed(
        "locked",
        "is in use by another process. Stop that one, or name another directory with --data-dir.",
      );
    case "unusable":
      return failed(
        "unusable",
        `cannot be read or written (${code}: ${error.message}). Check its permissions, those of its directory, and the disk; or name another directory with --data-dir.`,
      );
    case undefined:
      return error;
  }
}

function meaningOf(code: string, path: string): "corrupt" | "full" | "locked" | "unusable" | undefined {
  if (/^SQLITE_(CORRUPT|NOTADB|IOERR_CORRUPTFS|IOERR_DATA)/.test(code)) return "corrupt";
  if (/^(SQLITE_FULL|ENOSPC|EDQUOT)$/.test(code)) return "full";
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) return "locked";
  // SQLite does not pass on why the file system refused.
  if (/^SQLITE_(IOERR|CANTOPEN)/.test(code)) return isFull(dirname(path)) ? "full" : "unusable";
  if (/^(SQLITE_(READONLY|PERM|AUTH|NOLFS)|E[A-Z0-9]+$)/.test(code)) return "unusable";
  return undefined;
}

/** SQLite's result code, or the system's error code. */
function codeOf(error: unknown): string | undefined {
  if (error instanceof Database.SqliteError) return error.code;
  const isSystemError = error instanceof Error && "syscall" in error && "code" in error;
  return isSystemError && typeof error.code === "string" ? error.code : undefined;
}

function isFull(directory: string): boolean {
  if (!existsSync(directory)) return false;
  const { bavail, bsize, files, ffree } = statfsSync(directory);
  return bavail * bsize < LITTLE_ROOM_BYTES || (files > 0 && ffree === 0);
}
