import { describe, expect, test } from "vitest";
import { CoreBench } from "../../test/support/core-bench.ts";
import { MemoryStore } from "../store/memory.ts";
import type { TaskId } from "../task/id.ts";
import { TABLES } from "./core/records.ts";
import { Retention, type RetentionSettings } from "./retention.ts";

const DAY_MS = 86_400_000;
const KEEP_ALL: RetentionSettings = { keepMs: 7 * DAY_MS, keepTasks: 100, keepEvents: 1000 };

/** A core whose records lie in a store as well, and what keeps that store small. */
class Cluster {
  readonly bench = new CoreBench();
  readonly store = new MemoryStore();
  readonly #retention: Retention;
  #last = 0;

  constructor(settings: Partial<RetentionSettings> = {}) {
    this.#retention = new Retention(this.store, { ...KEEP_ALL, ...settings }, () => undefined);
  }

  /** A task that is stopped before it is placed. */
  endOne(): TaskId {
    this.#last += 1;
    const id = `00000000-0000-4000-8000-${String(this.#last).padStart(12, "0")}` as TaskId;
    this.bench.submit({ id, image: "echo" });
    this.bench.ask({ kind: "stopRequested", task: id, cause: "stopped" });
    return id;
  }

  /** So much later, after a sweep over all there is. */
  async sweepAfter(ms: number): Promise<void> {
    this.bench.wall += ms;
    for (let round = 0; round < 3; round += 1) {
      await this.#copy();
      this.bench.step({ kind: "recordsExpired", ...this.#retention.expired(this.bench.wall) });
    }
    await this.#copy();
  }

  count(table: string): number {
    return this.bench.tables.get(table)?.size ?? 0;
  }

  async #copy(): Promise<void> {
    for (const table of Object.values(TABLES)) {
      const there = this.bench.tables.get(table) ?? new Map<string, string>();
      for (const { key } of [...this.store.rows(table)]) {
        if (!there.has(key)) await this.store.commit([{ table, key, value: null }]);
      }
      for (const [key, value] of there) await this.store.commit([{ table, key, value }]);
    }
  }
}

describe("what has ended", () => {
  test("is kept for its time, and forgotten with its history and its counts after it", async () => {
    const cluster = new Cluster();
    for (let index = 0; index < 3; index += 1) cluster.endOne();
    await cluster.sweepAfter(6 * DAY_MS);
    expect(cluster.count("ended")).toBe(3);
    cluster.endOne();
    await cluster.sweepAfter(1.5 * DAY_MS);
    expect([cluster.count("ended"), cluster.count("endedIds"), cluster.bench.core.state.counts.completed]).toEqual([
      ...[1, 1, 1],
    ]);
    cluster.bench.restart();
    expect(cluster.bench.core.state.counts.completed).toBe(1);
  });

  test("is kept in such a number, the newest, but none goes that ended just now", async () => {
    const cluster = new Cluster({ keepTasks: 2 });
    const ids = Array.from({ length: 5 }, () => cluster.endOne());
    await cluster.sweepAfter(60_000);
    expect(cluster.count("ended")).toBe(5);
    await cluster.sweepAfter(3_600_000);
    expect([...(cluster.bench.tables.get("endedIds")?.keys() ?? [])]).toEqual(ids.slice(3));
  });

  test("is kept while a node that is away may hold an attempt of it", async () => {
    const cluster = new Cluster();
    const worker = cluster.bench.connect("w1");
    cluster.bench.connect("w2", { nodeId: "id-w2" });
    const held = "10000000-0000-4000-8000-000000000000" as TaskId;
    cluster.bench.submit({ id: held, image: "echo", constraints: ["node == w1"] });
    cluster.bench.ask({ kind: "stopRequested", task: held, cause: "stopped" });
    cluster.bench.step({ kind: "sessionClosed", session: worker.session });
    cluster.bench.pass(20_000);
    expect(cluster.bench.task(held)).toBeUndefined();
    await cluster.sweepAfter(30 * DAY_MS);
    expect(cluster.count("ended")).toBe(1);
    cluster.bench.ask({ kind: "nodeRemovalRequested", node: "w1" });
    await cluster.sweepAfter(1000);
    expect(cluster.count("ended")).toBe(0);
  });
});

test("the history keeps its newest row, so that its numbers go on after a start", async () => {
  const cluster = new Cluster({ keepEvents: 1 });
  for (let index = 0; index < 5; index += 1) cluster.endOne();
  const last = cluster.bench.core.state.lastEventSeq;
  await cluster.sweepAfter(30 * DAY_MS);
  expect(cluster.count("events")).toBe(1);
  cluster.bench.restart();
  expect(cluster.bench.core.state.lastEventSeq).toBe(last);
});
