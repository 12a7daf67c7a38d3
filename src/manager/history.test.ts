/** Pages and streams against the plain list of all that was ever appended. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MemoryStore } from "../store/memory.ts";
import type { HistoryEvent } from "../task/history.ts";
import type { TaskId } from "../task/id.ts";
import { sequenceKey } from "../utils/write.ts";
import { encodeEvents, TABLES } from "./core/records.ts";
import { type EventQuery, History } from "./history.ts";

const TASKS = ["a", "b", "c"] as TaskId[];
const ANY = { limit: 1000 };
const HOUR_MS = 3_600_000;

/** The shape of an event without its number; half an hour lies between two. */
const drawn = fc.record({
  kind: fc.constantFrom("task", "node"),
  task: fc.constantFrom(...TASKS),
  node: fc.constantFrom("n1", "n2"),
});
const batches = fc.array(fc.array(drawn, { minLength: 1, maxLength: 4 }), { maxLength: 12 });
type Batches = (typeof batches)["generate"] extends (...args: never[]) => { readonly value: infer V } ? V : never;

class Bench {
  readonly store = new MemoryStore();
  history = new History(this.store);
  readonly all: HistoryEvent[] = [];

  async append(batch: Batches[number]): Promise<void> {
    const events = batch.map((event, index) => {
      const seq = this.all.length + index + 1;
      return { ...event, seq, at: (seq * HOUR_MS) / 2, reason: "" };
    });
    const first = sequenceKey(this.all.length + 1);
    await this.store.commit([{ table: TABLES.events, key: first, value: encodeEvents(events) }]);
    this.all.push(...events);
    this.history.append(events);
  }

  async appendAll(drawnBatches: Batches): Promise<void> {
    for (const batch of drawnBatches) await this.append(batch);
  }

  /** As after a start: nothing of it is in memory. */
  restart(): void {
    this.history = new History(this.store);
  }

  naive({ after = 0, since = 0, kind, task, node, limit }: EventQuery, isPage: boolean): number[] {
    const found = this.all.filter(
      (event) =>
        event.seq > after &&
        event.at >= since &&
        (kind === undefined || event.kind === kind) &&
        (task === undefined || event.task === task) &&
        (node === undefined || event.node === node),
    );
    const numbers = found.map(({ seq }) => seq);
    if (!isPage) return numbers;
    if (limit === 0) return [];
    return after > 0 ? numbers.slice(0, limit) : numbers.slice(Math.max(0, numbers.length - limit));
  }
}

const queries: fc.Arbitrary<EventQuery> = fc.record(
  {
    kind: fc.constantFrom("task" as const, "node" as const),
    task: fc.constantFrom(...TASKS),
    node: fc.constantFrom("n1", "n2"),
    after: fc.integer({ min: 1, max: 40 }),
    since: fc.integer({ min: 0, max: 20 * HOUR_MS }),
    limit: fc.integer({ min: 0, max: 20 }),
  },
  { requiredKeys: ["limit"] },
);

const numbersOf = (events: readonly HistoryEvent[]): number[] => events.map(({ seq }) => seq);

describe("a page", () => {
  test("is what the plain list says, out of memory and out of the store", async () => {
    await fc.assert(
      fc.asyncProperty(batches, batches, queries, async (older, newer, query) => {
        const bench = new Bench();
        await bench.appendAll(older);
        bench.restart();
        await bench.appendAll(newer);
        const page = await bench.history.page(query);
        expect(numbersOf(page.events)).toEqual(bench.naive(query, true));
        expect(page.last).toBeGreaterThanOrEqual(page.events.at(-1)?.seq ?? 0);
      }),
      { numRuns: 300 },
    );
  });

  test("page after page gives all of it, each event once", async () => {
    await fc.assert(
      fc.asyncProperty(batches, queries, fc.integer({ min: 1, max: 5 }), async (drawnBatches, query, limit) => {
        const bench = new Bench();
        await bench.appendAll(drawnBatches);
        bench.restart();
        const found: number[] = [];
        for (let after = 0; ;) {
          const page = await bench.history.page({ ...query, after, limit });
          found.push(...numbersOf(page.events));
          if (page.events.length < limit) break;
          after = page.last;
        }
        const { after: _after, ...filter } = query;
        expect(found).toEqual(bench.naive(filter, false));
      }),
      { numRuns: 100 },
    );
  });
});

describe("a stream", () => {
  /** Reads so many events, and ends it. */
  async function read(bench: Bench, query: EventQuery, count: number): Promise<number[]> {
    const abort = new AbortController();
    const found: number[] = [];
    for await (const news of bench.history.follow(query, abort.signal, HOUR_MS)) {
      if (news.kind === "events") found.push(...numbersOf(news.events));
      if (found.length >= count) abort.abort();
    }
    return found;
  }

  test("goes on behind an event, without a gap or a repeat, whether the rest is there or comes while it reads", async () => {
    await fc.assert(
      fc.asyncProperty(batches, batches, fc.nat(), async (older, newer, where) => {
        const bench = new Bench();
        await bench.appendAll(older);
        if (bench.all.length === 0) return;
        bench.restart();
        const after = where % bench.all.length;
        const total = older.flat().length + newer.flat().length;
        const reading = read(bench, { ...ANY, after }, total - after);
        for (const batch of newer) {
          await bench.append(batch);
          await new Promise(setImmediate);
        }
        expect(await reading).toEqual(bench.all.slice(after).map(({ seq }) => seq));
      }),
      { numRuns: 100 },
    );
  });

  test("begins with the newest, and gets past long stretches that are not meant", async () => {
    const bench = new Bench();
    await bench.appendAll([[{ kind: "task", task: TASKS[0] ?? "", node: "n1" }]] as Batches);
    await bench.appendAll(
      Array.from({ length: 3000 }, () => [{ kind: "node", task: TASKS[1] ?? "", node: "n2" }]) as Batches,
    );
    const reading = read(bench, { limit: 1, node: "n1" }, 2);
    await bench.appendAll([[{ kind: "task", task: TASKS[0] ?? "", node: "n1" }]] as Batches);
    expect(await reading).toEqual([1, 3002]);
  });

  test("is reset where the history does not reach, on either side", async () => {
    const bench = new Bench();
    const one = { kind: "task", task: TASKS[0] ?? "", node: "n1" } as Batches[number][number];
    await bench.appendAll([[one, one], [one], [one]]);
    await bench.store.commit([{ table: TABLES.events, key: sequenceKey(1), value: null }]);
    const first = async (after: number) => {
      const stream = bench.history.follow({ ...ANY, after }, new AbortController().signal, HOUR_MS);
      const { value } = await stream.next();
      await stream.return(undefined);
      return value as unknown;
    };
    expect(await first(1)).toEqual({ kind: "reset", last: 4 });
    expect(await first(5)).toEqual({ kind: "reset", last: 4 });
    expect(await first(2)).toMatchObject({ kind: "events", events: [{ seq: 3 }, { seq: 4 }] });
  });

  test("says that it is quiet, and ends with its signal", async () => {
    const bench = new Bench();
    const abort = new AbortController();
    const stream = bench.history.follow(ANY, abort.signal, 1);
    expect(await stream.next()).toEqual({ done: false, value: { kind: "quiet" } });
    abort.abort();
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });
});
