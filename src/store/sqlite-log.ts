/**
 * Large batches are written as they come. To change a thousand rows that lie all over a file costs a page of it for each;
 * so such a batch goes to the file in one piece, as a row of `batches`, and what it changes is kept in memory as well. When
 * nothing large has come for a moment, the changes are brought to their places in `records`, some at a time: what changed
 * several times is written once, and neighbours together.
 *
 * A piece is a structured clone (`node:v8`, which reads what older versions wrote): values are JSON mostly, and as JSON
 * within JSON they would cost five times as much to write.
 *
 * Invariants: what is in the log is newer than what is in `records`, so while there is a log every commit goes to it; and
 * whatever is in the log is in memory too, until it is in its place. To bring it there once more changes nothing.
 */
import { deserialize, serialize } from "node:v8";
import type Database from "better-sqlite3";
import type { Write } from "../utils/write.ts";

/** A value of this length has pages of its own, wherever it is written. Characters. */
const LARGE_VALUE = 4096;
/** Without a commit for so long, changes are brought to their places. Milliseconds. */
const QUIET_MS = 250;
/** So many at a time. */
const PIECE_WRITES = 500;
/** Between two pieces. Milliseconds. */
const BREAK_MS = 5;

export interface LogLimits {
  /** A batch of fewer writes goes to its places at once, where there is no log. */
  readonly largeBatch: number;
  /** With more changes in the log than this there is no waiting for quiet. */
  readonly mostWaiting: number;
}

export const LOG_LIMITS: LogLimits = { largeBatch: 256, mostWaiting: 300_000 };

export interface WriteLogOptions extends LogLimits {
  /** Writes to `records`, within a transaction. */
  readonly apply: (writes: readonly Write[]) => void;
}

export class WriteLog {
  readonly #database: Database.Database;
  readonly #apply: (writes: readonly Write[]) => void;
  readonly #limits: LogLimits;
  readonly #append: Database.Statement<[writes: Buffer]>;
  readonly #clear: Database.Statement<[]>;
  /** What is not in its place yet, by table and key, in the order in which the keys first came. */
  readonly #waiting = new Map<string, Map<string, string | null>>();
  #size = 0;
  /** Some of what is in the log is in its place already. */
  #isBroughtInPart = false;
  /** It goes on until there is no log. */
  #isBringing = false;
  #timer: NodeJS.Timeout | undefined;
  /** Why the changes could not be brought to their places. */
  #trouble: unknown;

  /** Takes up the log that the last user of the file left. */
  constructor(database: Database.Database, { apply, ...limits }: WriteLogOptions) {
    this.#database = database;
    this.#apply = apply;
    this.#limits = limits;
    this.#append = database.prepare("INSERT INTO batches (writes) VALUES (?)");
    this.#clear = database.prepare("DELETE FROM batches");
    const left = database.prepare<[], { writes: Buffer }>("SELECT writes FROM batches ORDER BY number").iterate();
    for (const { writes } of left) this.#remember(deserialize(writes) as Write[]);
    this.#bring([...this.#writes()]);
  }

  /** Writes the batch where it belongs: durable when this returns. */
  commit(writes: readonly Write[]): void {
    if (this.#trouble !== undefined) this.#bringSome(); // who commits is told
    if (this.#size === 0 && writes.length < this.#limits.largeBatch) {
      this.#database.transaction(() => this.#apply(writes))();
      return;
    }
    const isInLog = (write: Write): boolean => !this.#isOfItsOwn(write);
    const logged = writes.filter(isInLog);
    this.#database.transaction(() => {
      this.#append.run(serialize(logged));
      if (logged.length < writes.length) this.#apply(writes.filter((write) => !isInLog(write)));
    })();
    this.#remember(logged);
    this.#arrange();
  }

  /** Null for a row that was removed, undefined where `records` knows. */
  get(table: string, key: string): string | null | undefined {
    return this.#waiting.get(table)?.get(key);
  }

  /** Brings the changes of a table to their places, so that it can be read in order. */
  settle(table: string): void {
    if (this.#waiting.has(table)) this.#bring([...this.#writes()].filter((write) => write.table === table));
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  /** What is large goes straight to its place, unless the log speaks of the same key. */
  #isOfItsOwn({ table, key, value }: Write): boolean {
    if (value === null || value.length < LARGE_VALUE || this.#isBroughtInPart) return false;
    return this.get(table, key) === undefined;
  }

  #remember(writes: readonly Write[]): void {
    for (const { table, key, value } of writes) {
      const changes = this.#waiting.get(table) ?? new Map<string, string | null>();
      this.#waiting.set(table, changes);
      if (!changes.has(key)) this.#size += 1;
      changes.set(key, value);
    }
  }

  *#writes(): Generator<Write> {
    for (const [table, changes] of this.#waiting) for (const [key, value] of changes) yield { table, key, value };
  }

  #bring(writes: readonly Write[]): void {
    if (writes.length === 0) return;
    const isAll = writes.length === this.#size;
    this.#database.transaction(() => {
      this.#apply(writes);
      if (isAll) this.#clear.run();
    })();
    this.#isBroughtInPart = !isAll;
    this.#size -= writes.length;
    for (const { table, key } of writes) {
      const changes = this.#waiting.get(table);
      changes?.delete(key);
      if (changes?.size === 0) this.#waiting.delete(table);
    }
  }

  /** A moment after the last commit; once begun, it goes on whatever comes. */
  #arrange(): void {
    if (this.#isBringing) return;
    clearTimeout(this.#timer);
    const inMs = this.#size > this.#limits.mostWaiting ? 0 : QUIET_MS;
    this.#timer = setTimeout(() => this.#goOn(), inMs).unref();
  }

  #goOn(): void {
    try {
      this.#bringSome();
    } catch (error) {
      this.#trouble = error;
    }
    this.#isBringing = this.#size > 0 && this.#trouble === undefined;
    if (this.#isBringing) this.#timer = setTimeout(() => this.#goOn(), BREAK_MS).unref();
  }

  #bringSome(): void {
    this.#bring([...this.#writes().take(PIECE_WRITES)]);
    this.#trouble = undefined;
  }
}
