/**
 * Finds what has been kept long enough: events, ended tasks and what they printed, by age and by number. It looks at a
 * few records at a time, from the oldest on; the core has the last word on what may go.
 */
import type { Store } from "../store/store.ts";
import { resolveSpec } from "../task/spec.ts";
import { sequenceKey } from "../utils/write.ts";
import type { ExpiredTask } from "./core/events.ts";
import { decodeEvents, decodeTask, TABLES } from "./core/records.ts";

export interface RetentionSettings {
  /** Milliseconds for which events and ended tasks are kept. */
  readonly keepMs: number;
  /** The most ended tasks that are kept. */
  readonly keepTasks: number;
  /** The most events that are kept. */
  readonly keepEvents: number;
}

export const DEFAULT_RETENTION: RetentionSettings = {
  keepMs: 7 * 86_400_000,
  keepTasks: 100_000,
  keepEvents: 1_000_000,
};

export interface ExpiredRecords {
  readonly ended: readonly ExpiredTask[];
  readonly events: readonly string[];
}

const SWEEP_MS = 1000;
/** Of one sweep: a few milliseconds, and more than is accepted in the same time over days. */
const ROWS_A_SWEEP = 200;
const EVENT_ROWS_A_SWEEP = 20;

export class Retention {
  readonly #store: Store;
  readonly #settings: RetentionSettings;
  readonly #found: (expired: ExpiredRecords) => void;
  #sweeper: NodeJS.Timeout | undefined;
  /** Where among the ended tasks the last sweep came to; they lie in the order in which they were accepted, not ended. */
  #position = "";
  /** Ended tasks, counted as the sweeps go round. */
  #counted = 0;
  #total = 0;

  constructor(store: Store, settings: RetentionSettings, found: (expired: ExpiredRecords) => void) {
    this.#store = store;
    this.#settings = settings;
    this.#found = found;
  }

  open(): void {
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS).unref();
  }

  close(): void {
    clearInterval(this.#sweeper);
  }

  #sweep(): void {
    const expired = this.expired(Date.now());
    if (expired.ended.length > 0 || expired.events.length > 0) this.#found(expired);
  }

  /** What a sweep at this moment (wall clock, milliseconds) finds. */
  expired(now: number): ExpiredRecords {
    return { ended: this.#endedTasks(now), events: this.#eventRows(now) };
  }

  #endedTasks(now: number): ExpiredTask[] {
    const { keepMs, keepTasks } = this.#settings;
    const rows = [...this.#store.rows(TABLES.ended, { after: this.#position, limit: ROWS_A_SWEEP })];
    const isLast = rows.length < ROWS_A_SWEEP;
    const tasks = rows.map(({ value }) => decodeTask(value, resolveSpec).task);
    const expired = tasks.filter(
      ({ finishedAt }, index) => now - (finishedAt ?? now) >= keepMs || this.#total - this.#counted - index > keepTasks,
    );
    this.#counted += rows.length;
    this.#position = rows.at(-1)?.key ?? "";
    if (isLast) {
      this.#total = this.#counted - expired.length;
      this.#counted = 0;
      this.#position = "";
    }
    return expired.map((task) => ({
      task,
      outputs: [...this.#store.rows(TABLES.outputs, { prefix: `${task.id}/` })].map(({ key }) => key),
    }));
  }

  #eventRows(now: number): string[] {
    const { keepMs, keepEvents } = this.#settings;
    const [newest] = this.#store.rows(TABLES.events, { reverse: true, limit: 1 });
    const expired: string[] = [];
    const oldestKept = sequenceKey(Math.max(0, Number(newest?.key ?? 0) - keepEvents));
    for (const { key, value } of this.#store.rows(TABLES.events, { limit: EVENT_ROWS_A_SWEEP })) {
      // The newest says where the history stands, and is never forgotten.
      if (key === newest?.key) break;
      const lastAt = decodeEvents(value).at(-1)?.at ?? 0;
      if (key >= oldestKept && now - lastAt < keepMs) break;
      expired.push(key);
    }
    return expired;
  }
}
