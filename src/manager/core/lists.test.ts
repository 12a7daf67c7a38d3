import { describe, expect, it } from "vitest";
import { CoreBench, type BenchWorker } from "../../../test/support/core-bench.ts";
import type { TaskDocument } from "../../task/document.ts";
import type { TaskId } from "../../task/id.ts";
import type { Effects, Reply } from "./events.ts";

const SLICE = 10;
const LENGTH = 95;
const ECHO: TaskDocument = { image: "echo", cpu: 0.01, memory: "1MiB" };

const idOf = (index: number): TaskId => `00000000-0000-4000-8000-${String(index).padStart(12, "0")}` as TaskId;

class ListBench extends CoreBench {
  answers: Reply[] = [];

  constructor() {
    super({ settings: { sliceTasks: SLICE } });
  }

  /** Submits a list; the first slice is read in the same step. */
  list(document = ECHO, more: { idempotency?: { key: string; digest: string } } = {}): void {
    const tasks = Array.from({ length: LENGTH }, (_, index) => ({
      id: idOf(index),
      name: `echo-${String(index)}`,
      document,
    }));
    const endedIds = this.ended(...tasks.map(({ id }) => id));
    this.#keep(this.step({ kind: "tasksSubmitted", request: 100, tasks, endedIds, idempotency: more.idempotency }));
  }

  /** As many ticks as it takes until no more steps are wanted at once; what each did. */
  finish(): Effects[] {
    const steps: Effects[] = [];
    while ((this.core.nextWake() ?? 0) < 0) {
      const effects = this.tick(5);
      this.#keep(effects);
      steps.push(effects);
    }
    return steps;
  }

  get states(): Set<string> {
    return new Set([...this.core.state.tasks.values()].map(({ state }) => state));
  }

  #keep(effects: Effects): void {
    for (const { request, reply } of effects.replies) if (request === 100) this.answers.push(reply);
  }
}

/** Numbers of tasks that each frame to the worker assigned. */
const assigned = (worker: BenchWorker): number[] => worker.frames.map(({ assign }) => assign.length).filter(Boolean);

describe("a long list", () => {
  it("is seen by nobody, and leaves nothing, before the commit that accepts all of it", () => {
    const bench = new ListBench();
    bench.list();
    while (bench.answers.length === 0) {
      expect(bench.core.state.tasks.size).toBe(0);
      expect(bench.tables.get("lists")?.size ?? 0).toBe(0);
      const before = new Map([...bench.tables].map(([table, rows]) => [table, new Map(rows)]));
      bench.tick(5);
      for (const { request, reply } of bench.last?.replies ?? []) if (request === 100) bench.answers.push(reply);
      if (bench.answers.length === 0) expect(bench.tables.get("tasks")).toEqual(before.get("tasks"));
    }
    expect(bench.answers).toEqual([
      { kind: "accepted", ids: Array.from({ length: LENGTH }, (_, index) => idOf(index)) },
    ]);
    expect(bench.core.state.tasks.size).toBe(LENGTH);
    expect(bench.tables.get("lists")?.size).toBe(Math.ceil(LENGTH / SLICE));
  });

  it("is forgotten when the manager dies while it is read, and all there when it dies afterwards", () => {
    const bench = new ListBench();
    bench.list();
    bench.tick(5);
    bench.restart();
    bench.finish();
    expect(bench.core.state.tasks.size).toBe(0);
    bench.list();
    while (bench.tables.get("lists") === undefined) bench.tick(5);
    for (let steps = 0; steps < 3; steps += 1) {
      bench.restart();
      expect(bench.core.state.tasks.size).toBe(LENGTH);
      expect(bench.core.state.counts.pending).toBe(LENGTH);
      bench.tick(5);
    }
    bench.finish();
    expect(bench.tables.get("lists")?.size).toBe(0);
    expect(bench.tables.get("tasks")?.size).toBe(LENGTH);
    bench.connect("w1");
    expect(bench.states).toEqual(new Set(["scheduled"]));
  });

  it("enters the queue a slice at each step, and each task has its history and its place", () => {
    const bench = new ListBench();
    const worker = bench.connect("w1");
    bench.list();
    const steps = bench.finish();
    const placed = steps.map(({ events }) => events.filter(({ to }) => to === "scheduled").length);
    expect(Math.max(...placed)).toBe(SLICE);
    expect(bench.states).toEqual(new Set(["scheduled"]));
    for (const effects of steps) worker.take(effects);
    expect(assigned(worker).reduce((sum, count) => sum + count, 0)).toBe(LENGTH);
    expect(assigned(worker).length).toBeLessThan(LENGTH / SLICE);
    const rows = bench.core.state.eventRows.get(idOf(LENGTH - 1)) ?? [];
    const told = rows.flatMap((row) => {
      const text = bench.tables.get("events")?.get(String(row).padStart(16, "0")) ?? "[]";
      return (JSON.parse(text) as { task?: string; to: string }[]).filter(({ task }) => task === idOf(LENGTH - 1));
    });
    expect(told.map(({ to }) => to)).toEqual(["pending", "scheduled"]);
  });

  it("does not hold up a task that comes meanwhile, nor what a worker says", () => {
    const bench = new ListBench();
    const worker = bench.connect("w1");
    bench.list();
    const single = idOf(1000);
    expect(bench.submit({ id: single, ...ECHO })).toEqual({ kind: "accepted", ids: [single] });
    expect(bench.task(single)?.state).toBe("scheduled");
    while (bench.core.state.slices.length < 4) bench.tick(5);
    worker.report([]);
    expect(worker.last?.ack).toBe(1);
    const other = idOf(1001);
    worker.take((bench.submit({ id: other, ...ECHO }), bench.last ?? bench.tick(5)));
    expect(worker.last?.assign.map(({ task }) => task)).toContain(other);
    bench.finish();
    expect(bench.core.state.counts.scheduled).toBe(LENGTH + 2);
  });

  it("is found by name before and after it has entered the queue, each task once", () => {
    const bench = new ListBench();
    const named = (): readonly string[] =>
      [0, LENGTH - 1].flatMap((index) => bench.core.state.tasksNamed(`echo-${String(index)}`).map(({ id }) => id));
    bench.list();
    while (bench.core.state.slices.length < 4) bench.tick(5);
    expect(named()).toEqual([idOf(0), idOf(LENGTH - 1)]);
    bench.restart();
    expect(named()).toEqual([idOf(0), idOf(LENGTH - 1)]);
    bench.finish();
    expect(bench.core.state.slices).toEqual([]);
    expect(named()).toEqual([idOf(0), idOf(LENGTH - 1)]);
  });

  it("is refused whole when one of its ids is taken meanwhile", () => {
    const bench = new ListBench();
    bench.list();
    bench.submit({ id: idOf(7), ...ECHO });
    bench.finish();
    expect(bench.answers).toEqual([{ kind: "idTaken", ids: [idOf(7)] }]);
    expect(bench.core.state.tasks.size).toBe(1);
    expect(bench.core.state.specs.size).toBe(1);
  });

  it("is accepted once, however often it comes under one key, also while it is read", () => {
    const bench = new ListBench();
    const idempotency = { key: "k", digest: "d" };
    bench.list(ECHO, { idempotency });
    bench.list(ECHO, { idempotency });
    bench.finish();
    bench.restart();
    bench.list(ECHO, { idempotency });
    bench.finish();
    expect(bench.answers.map(({ kind }) => kind)).toEqual(["accepted", "accepted", "accepted"]);
    expect(new Set(bench.answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(bench.core.state.tasks.size).toBe(LENGTH);
  });

  it("lets a task be stopped before it has entered", () => {
    const bench = new ListBench();
    bench.list();
    while (bench.core.state.slices.length < 4) bench.tick(5);
    const last = idOf(LENGTH - 1);
    expect(bench.ask({ kind: "stopRequested", task: last, cause: "stopped on request" })).toEqual({ kind: "done" });
    expect(bench.task(last)).toBeUndefined();
    expect([...bench.ended(last)]).toEqual([last]);
    bench.restart();
    expect(bench.core.state.tasks.size).toBe(LENGTH - 1);
    bench.finish();
    expect(bench.core.state.counts).toMatchObject({ pending: LENGTH - 1, completed: 1 });
  });
});
