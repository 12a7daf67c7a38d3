import { lockDirectory } from "../../store/directory-lock.ts";
import { MemoryStore } from "../../store/memory.ts";
import { openSqliteStore, type PersistentStore } from "../../store/sqlite.ts";
import { StoreError, type Store } from "../../store/store.ts";
import { CommandError } from "../errors.ts";

export interface OpenStore<Kind extends Store = Store> {
  readonly store: Kind;
  close(): void;
}

/**
 * Opens the store; a persistent one in a directory that is locked for this process until it is closed. `what` says what
 * the directory is used for. Throws a CommandError that says what to do.
 */
export function openStore(kind: Store["kind"], directory: string, what: string): OpenStore<Store | PersistentStore> {
  if (kind === "persistent") return openPersistentStore(directory, what);
  const store = new MemoryStore();
  return { store, close: () => store.close() };
}

/** The same, of a persistent one. */
export function openPersistentStore(directory: string, what: string): OpenStore<PersistentStore> {
  return withCommandErrors(() => {
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
  });
}

/** A StoreError's message is for the user. */
export function withCommandErrors<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof StoreError) throw new CommandError(error.message, { cause: error });
    throw error;
  }
}
