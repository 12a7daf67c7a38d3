import { MemoryStore } from "./memory.ts";
import { openSqliteStore } from "./sqlite.ts";
import { storeContract } from "./store.suite.ts";

storeContract("memory", () => new MemoryStore());
storeContract("persistent", (directory) => openSqliteStore(directory));
