/**
 * The history as the API reads it: pages out of the store, and streams that go on where a page ended. Only what is
 * committed is read.
 *
 * A stream keeps a position and nothing else: it reads on when its reader has taken what it was given, from the newest
 * events in memory or, for a slow reader, from the store. So a reader who stops costs nothing, and none is cut off.
 */
import { setImmediate } from "node:timers/promises";
import type { Row, Store } from "../store/store.ts";
import type { HistoryEvent } from "../task/history.ts";
import type { TaskId } from "../task/id.ts";
import { sequenceKey } from "../utils/write.ts";
import { decodeEvents, lastEventSeq, TABLES } from "./core/records.ts";

/** Which events: all of these together. */
export interface EventFilter {
  readonly kind?: HistoryEvent["kind"];
  readonly task?: TaskId;
  /** Name of the node. */
  readonly node?: string;
}

export interface EventQuery extends EventFilter {
  /** Only events with a greater number, the oldest of them; without it, the newest there are. */
  readonly after?: number;
  /** Only events from this moment on: wall clock, milliseconds. */
  readonly since?: number;
  readonly limit: number;
}

export interface EventPage {
  /** Oldest first. */
  readonly events: readonly HistoryEvent[];
  /** What to ask `after` for more: the number up to which everything was looked at. */
  readonly last: number;
}

/** What a stream tells. */
export type EventNews =
  | { readonly kind: "events"; readonly events: readonly HistoryEvent[] }
  /** What came before is not there any more: whoever follows should read all anew, and goes on from this number. */
  | { readonly kind: "reset"; readonly last: number }
  /** Nothing happened for a while. */
  | { readonly kind: "quiet" };

/** The newest events, kept in memory for those who follow. */
const MOST_RECENT = 2000;
/** Others get their turn after this much text of rows was looked at: a few milliseconds. */
const TEXT_A_TURN = 2 ** 20;
/** A stream holds so many at a time, and there may be thousands of streams. */
const EVENTS_A_READ = 100;

export class History {
  readonly #store: Store;
  /** In order and without a gap; the numbers end with `last`. */
  #recent: HistoryEvent[] = [];
  #last: number;
  /** Pages out of memory without a filter, by the number that they follow; until there are new events. */
  readonly #pages = new Map<number, { readonly limit: number; readonly page: EventPage }>();
  /** Those to be called once there are new events. */
  readonly #waiting = new Set<() => void>();

  constructor(store: Store) {
    this.#store = store;
    this.#last = lastEventSeq([...store.rows(TABLES.events, { reverse: true, limit: 1 })][0]);
  }

  /** The number of the newest event. */
  get last(): number {
    return this.#last;
  }

  /** These were committed, in this order. */
  append(events: readonly HistoryEvent[]): void {
    const newest = events.at(-1);
    if (newest === undefined) return;
    this.#recent = [...this.#recent, ...events].slice(-MOST_RECENT);
    this.#last = newest.seq;
    this.#pages.clear();
    for (const wake of [...this.#waiting]) wake();
  }

  async page(query: EventQuery): Promise<EventPage> {
    if (query.limit === 0) return { events: [], last: query.after ?? this.#last };
    return query.after === undefined ? this.#newest(query) : this.#following(query, query.after);
  }

  /**
   * First what a page says, then all that follows, until the signal. With an `after` that the history does not reach back
   * to, or has not come to, a reset. When nothing happens for `quietMs`, it says that.
   */
  async *follow(query: EventQuery, signal: AbortSignal, quietMs: number): AsyncGenerator<EventNews> {
    let position = query.after;
    if (position === undefined) {
      const { events, last } = await this.page(query);
      if (events.length > 0) yield { kind: "events", events };
      position = last;
    } else if (position > this.#last || position < this.#floor()) {
      position = this.#last;
      yield { kind: "reset", last: position };
    }
    while (!signal.aborted) {
      const { events, last } = await this.#following({ ...query, limit: EVENTS_A_READ }, position);
      position = last;
      if (events.length > 0) yield { kind: "events", events };
      else if (position >= this.#last && !(await this.#news(signal, quietMs))) yield { kind: "quiet" };
    }
  }

  /** False when the time is over. */
  #news(signal: AbortSignal, quietMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (isNews: boolean): void => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve(isNews);
      };
      const wake = (): void => settle(true);
      const timer = setTimeout(() => settle(false), quietMs);
      this.#waiting.add(wake);
      signal.addEventListener("abort", wake);
      if (signal.aborted) wake();
    });
  }

  async #following(query: EventQuery, after: number): Promise<EventPage> {
    const { limit } = query;
    const newest = this.#last;
    const inMemory = this.#recent[0]?.seq ?? Number.POSITIVE_INFINITY;
    const found: HistoryEvent[] = [];
    if (after >= newest || after >= inMemory - 1) return this.#inMemory(query, after);
    let last = after;
    for await (const event of this.#eventsOf(this.#rowsAfter(after), query)) {
      if (event.seq <= after) continue;
      last = event.seq;
      if (matches(event, query) && found.push(event) === limit) return { events: found, last };
    }
    // Rows without a match were not even decoded.
    return { events: found, last: Math.max(last, newest) };
  }

  /** Those who follow everything are mostly at the same place: they are given the very same page. */
  #inMemory(query: EventQuery, after: number): EventPage {
    const { limit, kind, task, node, since } = query;
    const isAll = (kind ?? task ?? node ?? since) === undefined;
    const known = isAll ? this.#pages.get(after) : undefined;
    if (known?.limit === limit) return known.page;
    const found: HistoryEvent[] = [];
    const oldest = this.#recent[0]?.seq ?? 0;
    let last = Math.max(after, this.#last);
    for (const event of this.#recent.slice(Math.max(0, after + 1 - oldest))) {
      if (!matches(event, query) || found.push(event) < limit) continue;
      last = event.seq;
      break;
    }
    const page = { events: found, last };
    if (isAll) this.#pages.set(after, { limit, page });
    return page;
  }

  /** The row with the event after this number, and those behind it. */
  *#rowsAfter(after: number): Generator<Row> {
    const upTo = { after: sequenceKey(after + 2), reverse: true, limit: 1 };
    yield* this.#store.rows(TABLES.events, upTo);
    yield* this.#store.rows(TABLES.events, { after: sequenceKey(after + 1) });
  }

  async #newest(query: EventQuery): Promise<EventPage> {
    const last = this.#last;
    const found: HistoryEvent[] = [];
    const rows = this.#store.rows(TABLES.events, { reverse: true });
    for await (const event of this.#eventsOf(rows, query, { reverse: true })) {
      if (query.since !== undefined && event.at < query.since) break;
      if (event.seq <= last && matches(event, query) && found.push(event) === query.limit) break;
    }
    return { events: found.reverse(), last };
  }

  /** The events of rows that can have a match. */
  async *#eventsOf(
    rows: Iterable<Row>,
    { task, node, since }: EventQuery,
    { reverse = false } = {},
  ): AsyncGenerator<HistoryEvent> {
    const words = [task, node].flatMap((word) => (word === undefined ? [] : [JSON.stringify(word)]));
    let looked = 0;
    for (const { value } of rows) {
      looked += value.length;
      if (looked > TEXT_A_TURN) {
        looked = 0;
        await setImmediate();
      }
      // A row that is too old ends a search backwards, so it has to be seen.
      if (since === undefined && words.some((word) => !value.includes(word))) continue;
      const events = decodeEvents(value);
      yield* reverse ? events.toReversed() : events;
    }
  }

  /** The number before the oldest event that is kept. */
  #floor(): number {
    const [oldest] = this.#store.rows(TABLES.events, { limit: 1 });
    return oldest === undefined ? this.#last : Number(oldest.key) - 1;
  }
}

function matches(event: HistoryEvent, { kind, task, node, since }: EventQuery): boolean {
  if (kind !== undefined && event.kind !== kind) return false;
  if (task !== undefined && event.task !== task) return false;
  if (since !== undefined && event.at < since) return false;
  return node === undefined || event.node === node;
}
