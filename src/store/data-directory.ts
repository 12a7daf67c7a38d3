/** The folder on local disk that a manager or a worker keeps its state in. It holds secrets: what Birdman makes in it, only its own user can read. */
import { accessSync, closeSync, constants, fsyncSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { StoreError } from "./store.ts";

/** Of the folders that Birdman makes; one that was there before keeps its mode. */
const DIRECTORY_MODE = 0o700;
/** Of every file in them. */
export const FILE_MODE = 0o600;

/** Makes the folder if it is not there, durably, and makes sure that it can be written. Throws a StoreError. */
export function makeDataDirectory(directory: string): void {
  try {
    makeDirectory(directory);
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw directoryError(directory, error);
  }
}

/** With its parents. Node's own `recursive` makes no entry durable, and never returns where a file system refuses with ENOENT, as /proc does. */
function makeDirectory(directory: string): void {
  if (isDirectory(directory)) return;
  makeDirectory(dirname(directory));
  try {
    mkdirSync(directory, { mode: DIRECTORY_MODE });
  } catch (error) {
    // Another process may have made it just now.
    if (!isDirectory(directory)) throw error;
  }
  syncDirectory(dirname(directory));
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Makes the folder's entries themselves survive a loss of power: new files, renamed ones. */
export function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function directoryError(directory: string, cause: unknown): StoreError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (reason.startsWith("ENOSPC") || reason.startsWith("EDQUOT")) {
    return new StoreError(
      "full",
      `There is no room to make the data directory ${directory} (${reason}): free some space.`,
      { cause },
    );
  }
  const remedy = "Give the user that runs Birdman the right to write there, or name another one with --data-dir.";
  return new StoreError("unusable", `The data directory ${directory} cannot be used (${reason}). ${remedy}`, { cause });
}
