import { MemoryStore } from "./memory.ts";
import { openSqliteStore } from "./sqlite.ts";
import { storeContract } from "./store.suite.ts";

storeContract("memory", () => new MemoryStore());
storeContract("persistent", (directory) => openSqliteStore(directory));
storeContract("persistent, with every batch in the log", (directory) =>
  openSqliteStore(directory, { log: { largeBatch: 1, mostWaiting: 300_000 } }),
);
