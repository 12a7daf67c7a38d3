/** What only the persistent store does: it comes back, and it refuses a file it should not touch. `store.suite.ts` has the rest. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MIGRATIONS } from "./sqlite-schema.ts";
import { openSqliteStore, type SqliteStoreOptions } from "./sqlite.ts";
import { StoreError, type Store } from "./store.ts";
import type { Write } from "../utils/write.ts";

let parent: string;
let directory: string;
let path: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "birdman-sqlite-"));
  // Not there yet: the store makes it.
  directory = join(parent, "made", "on the way");
  path = join(directory, "birdman.db");
});

afterEach(() => {
  rmSync(parent, { recursive: true });
});

const put = (key: string, value: string): Write => ({ table: "tasks", key, value });
const rowsOf = (store: Store): Record<string, string> =>
  Object.fromEntries(Array.from(store.rows("tasks"), ({ key, value }) => [key, value]));

/** Opens the store, hands it over, and closes it. */
async function using<T>(run: (store: Store) => T, options?: SqliteStoreOptions): Promise<Awaited<T>> {
  const store = openSqliteStore(directory, options);
  try {
    return await run(store);
  } finally {
    store.close();
  }
}

/** Of a file's bytes; undefined when it is not there. */
function digestOf(file: string): string | undefined {
  return existsSync(file) ? createHash("sha256").update(readFileSync(file)).digest("hex") : undefined;
}

function refusal(options?: SqliteStoreOptions): StoreError {
  try {
    openSqliteStore(directory, options).close();
  } catch (error) {
    if (error instanceof StoreError) return error;
    throw error;
  }
  throw new Error("it was opened");
}

describe("what was committed", () => {
  test("is there when the store is opened again", async () => {
    await using((store) => store.commit([put("a", "1"), put("b", "2"), put("c", "3")]));
    await using((store) => store.commit([put("b", "2 again"), { table: "tasks", key: "c", value: null }]));
    expect(await using(rowsOf)).toEqual({ a: "1", b: "2 again" });
  });

  test("is kept from other users of the machine, in a directory that is made on the way", async () => {
    await using(async (store) => {
      await store.commit([put("a", "secret")]);
      expect(statSync(`${path}-wal`).mode & 0o777).toBe(0o600);
    });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(statSync(join(directory, "..")).mode & 0o777).toBe(0o700);
  });

  test("is kept from them also after a backup was put back with a wider mode", async () => {
    await using((store) => store.commit([put("a", "secret")]));
    chmodSync(path, 0o644);
    await using(() => {
      expect(statSync(path).mode & 0o777).toBe(0o600);
    });
  });

  test("leaves the log bounded, also after a batch larger than its bound", async () => {
    const megabyte = "x".repeat(1_000_000);
    await using(async (store) => {
      await store.commit(Array.from({ length: 40 }, (_, index) => put(String(index), megabyte)));
      expect(statSync(`${path}-wal`).size).toBeGreaterThan(40_000_000);
      for (let index = 0; index < 30; index += 1) {
        await store.commit([put("again", `${megabyte}${String(index)}`)]);
        expect(statSync(`${path}-wal`).size).toBeLessThan(20_000_000);
      }
    });
  });
});

describe("a store in use", () => {
  test("is refused to a second opener, and stays whole", async () => {
    await using(async (store) => {
      await store.commit([put("a", "1")]);
      const error = refusal();
      expect(error.code).toBe("locked");
      expect(error.message).toContain(path);
      expect(error.message).toContain("--data-dir");
      await store.commit([put("b", "2")]);
      // Nor did the attempt take the lock away from the first.
      expect(refusal().code).toBe("locked");
    });
    expect(await using(rowsOf)).toEqual({ a: "1", b: "2" });
  });
});

describe("versions", () => {
  const upperCase = (database: Database.Database): void => {
    database.exec("UPDATE records SET value = upper(value)");
  };

  test("an older file is brought up to date, once", async () => {
    await using((store) => store.commit([put("a", "old")]));
    const migrations = [...MIGRATIONS, upperCase];
    expect(await using(rowsOf, { migrations })).toEqual({ a: "OLD" });
    await using((store) => store.commit([put("b", "new")]), { migrations });
    expect(await using(rowsOf, { migrations })).toEqual({ a: "OLD", b: "new" });
  });

  test("large batches that an older version left as JSON reach their places", async () => {
    await using(() => undefined, { migrations: MIGRATIONS.slice(0, 2) });
    const database = new Database(path);
    database.prepare("INSERT INTO batches (writes) VALUES (?)").run(JSON.stringify([put("a", "1"), put("b", "2")]));
    database.prepare("INSERT INTO batches (writes) VALUES (?)").run(JSON.stringify([put("b", "3")]));
    database.close();
    expect(await using(rowsOf)).toEqual({ a: "1", b: "3" });
  });

  test("a file skips no migration, and one that fails leaves it as it was", async () => {
    await using((store) => store.commit([put("a", "old")]));
    const failing = (): void => {
      throw new Error("no");
    };
    expect(() => openSqliteStore(directory, { migrations: [...MIGRATIONS, upperCase, failing] })).toThrow("no");
    expect(await using(rowsOf)).toEqual({ a: "old" });
  });

  test("a newer file is refused by name and version, untouched", async () => {
    await using((store) => store.commit([put("a", "new")]), { migrations: [...MIGRATIONS, upperCase, upperCase] });
    const before = digestOf(path);
    const error = refusal();
    expect(error.code).toBe("newer");
    expect(error.message).toContain(path);
    expect(error.message).toContain(`version ${String(MIGRATIONS.length + 2)}`);
    expect(error.message).toContain(`up to ${String(MIGRATIONS.length)}`);
    expect(error.message).toContain("--data-dir");
    expect(digestOf(path)).toBe(before);
  });
});

describe("a damaged file is refused with the way to recover, and never emptied", () => {
  const record = (index: number): Write =>
    put(`task-${String(index).padStart(6, "0")}`, `value ${String(index)} `.repeat(20));

  beforeEach(() => using((store) => store.commit(Array.from({ length: 5000 }, (_, index) => record(index)))));

  const expectCorrupt = (detail: RegExp): void => {
    const before = digestOf(path);
    const error = refusal();
    expect(error.code).toBe("corrupt");
    expect(error.message).toContain(path);
    expect(error.message).toMatch(detail);
    expect(error.message).toMatch(/backup.*move birdman\.db/);
    expect(digestOf(path)).toBe(before);
  };

  test("not a database", () => {
    writeFileSync(path, "These are notes of mine, and a good deal longer than the header of a database.\n".repeat(100));
    expectCorrupt(/not a database/);
  });

  test("a database of another program", () => {
    rmSync(path);
    const other = new Database(path);
    other.exec("CREATE TABLE songs (title TEXT)");
    other.close();
    expectCorrupt(/not Birdman's/);
  });

  test.each([
    ["to nothing", () => 0],
    ["within its header", () => 50],
    ["to its first page", () => 4096],
    ["by half", (size: number) => Math.floor(size / 8192) * 4096],
    ["by a page", (size: number) => size - 4096],
    ["by a byte", (size: number) => size - 1],
  ])("cut short %s", (_, sizeAfter) => {
    truncateSync(path, sizeAfter(statSync(path).size));
    expectCorrupt(/it is empty|its beginning is lost|malformed|its end is missing/);
  });

  test.each([1, 2, 3, 10, 100])("page %i overwritten", (page) => {
    const bytes = readFileSync(path);
    bytes.fill(0xaa, page * 4096, (page + 1) * 4096);
    writeFileSync(path, bytes);
    expectCorrupt(/malformed|Tree|page|index|row/);
  });

  test("gone, while its log is there", () => {
    killWhileOpen(directory);
    expect(existsSync(`${path}-wal`)).toBe(true);
    renameSync(path, `${path}.elsewhere`);
    expectCorrupt(/its log birdman\.db-wal is there/);
  });

  test("emptied, while its log is there", () => {
    killWhileOpen(directory);
    truncateSync(path, 0);
    const log = digestOf(`${path}-wal`);
    expectCorrupt(/it is empty/);
    expect(log).toBeDefined();
    expect(digestOf(`${path}-wal`)).toBe(log);
  });

  test("damage that comes about while the store is open", async () => {
    // Longer than what SQLite keeps in memory: it reads the file again.
    await using((store) => store.commit([put("long", "x".repeat(24_000_000))]));
    await using(async (store) => {
      const corrupt: unknown = expect.objectContaining({ name: "StoreError", code: "corrupt" });
      writeFileSync(path, Buffer.alloc(statSync(path).size, 0xaa), { flag: "r+" });
      expect(() => store.get("tasks", "long")).toThrow(corrupt);
      expect(() => [...store.rows("tasks")]).toThrow(corrupt);
      await expect(store.commit([put("long", "anew")])).rejects.toEqual(corrupt);
    });
  });

  test("moved aside as the message says, a new store begins and the old one can be put back", async () => {
    const name = `${path}.aside`;
    renameSync(path, name);
    expect(await using(rowsOf)).toEqual({});
    renameSync(name, path);
    expect(Object.keys(await using(rowsOf))).toHaveLength(5000);
  });
});

test("a start that was cut off leaves nothing in the way of the next", async () => {
  mkdirSync(directory, { recursive: true });
  writeFileSync(`${path}.new`, "the beginning of a");
  writeFileSync(`${path}.new-wal`, "log");
  expect(await using(rowsOf)).toEqual({});
  expect(existsSync(`${path}.new`)).toBe(false);
});

/** Has another process open the store, commit, and die without closing it. */
function killWhileOpen(where: string): void {
  const module = new URL("./sqlite.ts", import.meta.url).href;
  const script = `
    const { openSqliteStore } = await import(${JSON.stringify(module)});
    await openSqliteStore(${JSON.stringify(where)}).commit([{ table: "tasks", key: "last", value: "words" }]);
    process.kill(process.pid, "SIGKILL");`;
  const { signal, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  if (signal !== "SIGKILL") throw new Error(`the process did not come to its end: ${stderr}`);
}
