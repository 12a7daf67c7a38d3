import { lockDirectory } from "../../store/directory-lock.ts";
import { MemoryStore } from "../../store/memory.ts";
import { openSqliteStore } from "../../store/sqlite.ts";
import { StoreError, type Store } from "../../store/store.ts";
import { CommandError } from "../errors.ts";

export interface OpenStore {
  readonly store: Store;
  close(): void;
}

/**
 * Opens the store; a persistent one in a directory that is locked for this process until it is closed. `what` says what
 * the directory is used for. Throws a CommandError that says what to do.
 */
export function openStore(kind: Store["kind"], directory: string, what: string): OpenStore {
  if (kind === "memory") {
    const store = new MemoryStore();
    return { store, close: () => store.close() };
  }
  try {
    const lock = lockDirectory(directory, what);
    try {
      const store = openSqliteStore(directory);
      return {
        store,
        close() {
          store.close();
          lock.release();
        },
      };
    } catch (error) {
      lock.release();
      throw error;
    }
  } catch (error) {
    if (error instanceof StoreError) throw new CommandError(error.message, { cause: error });
    throw error;
  }
}
