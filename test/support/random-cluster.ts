/** Random clusters around a manager's core: nodes of all sizes, tasks with all kinds of wishes, some of which run or have ended. */
import fc from "fast-check";
import { hasLists } from "../../src/manager/core/lists.ts";
import { REPORTED, type Report } from "../../src/protocol/messages.ts";
import type { Algorithm } from "../../src/scheduler/algorithm.ts";
import { SCHEDULERS } from "../../src/scheduler/schedulers.ts";
import type { TaskDocument } from "../../src/task/document.ts";
import { parseTaskId, type TaskId } from "../../src/task/id.ts";
import { assert } from "../../src/utils/assert.ts";
import { type BenchWorker, CoreBench } from "./core-bench.ts";

const GIB = 2 ** 30;

export type Document = TaskDocument & { readonly id: TaskId };

/** It runs, has ended, or has been told to stop and has not said that it has. */
type Now = "runs" | "ends" | "stops";

interface ClusterShape {
  readonly algorithm: Algorithm;
  readonly nodes: readonly { readonly cpu: number; readonly memory: number; readonly ssd: boolean }[];
  /** What was there before: some of it has ended. */
  readonly before: readonly { readonly document: TaskDocument; readonly now: Now }[];
}

export const clusterShape: fc.Arbitrary<ClusterShape> = fc.record({
  algorithm: fc.constantFrom(...SCHEDULERS.values()),
  nodes: fc.array(
    fc.record({ cpu: fc.integer({ min: 1, max: 8 }), memory: fc.integer({ min: 1, max: 8 }), ssd: fc.boolean() }),
    {
      minLength: 1,
      maxLength: 6,
    },
  ),
  before: fc.array(fc.record({ document: someDocument(), now: fc.constantFrom("runs", "runs", "ends", "stops") }), {
    maxLength: 25,
  }),
});

export const someDocuments = fc.array(someDocument(), { minLength: 1, maxLength: 15 });

/** Few different values, so that tasks are often alike and often in each other's way. */
function someDocument(): fc.Arbitrary<TaskDocument> {
  return fc
    .record(
      {
        name: fc.constantFrom("web", "db", "cache"),
        cpu: fc.constantFrom(0, 0.1, 0.5, 1, 3),
        memory: fc.constantFrom("64MiB", "512MiB", "1GiB", "3GiB"),
        priority: fc.constantFrom(10, 50, 90),
        labels: fc.constantFrom<Record<string, string>>({ tier: "a" }, { tier: "b" }),
        constraints: fc.constantFrom<string[]>(["label.disk == ssd"], ["node != n2"], ["memory > 2GiB"]),
        antiAffinity: fc.constantFrom<string[]>(["web"], ["label.tier == a"]),
        ports: fc.constantFrom<NonNullable<TaskDocument["ports"]>>(
          [{ container: 80, host: 8080 }],
          [{ container: 80 }],
        ),
        reschedule: fc.constantFrom({ onDisconnect: "stop" as const }, { attempts: 0 }),
        stopTimeout: fc.constantFrom("1s", "10s", "30s"),
      },
      { requiredKeys: [] },
    )
    .map((document) => structuredClone({ image: "x", ...document }));
}

export class RandomCluster {
  readonly bench: CoreBench;
  readonly workers: readonly BenchWorker[];
  #lastId = 0;

  constructor({ algorithm, nodes, before }: ClusterShape) {
    this.bench = new CoreBench({ algorithm, settings: { sliceTasks: 6, patienceMs: Number.POSITIVE_INFINITY } });
    this.workers = nodes.map(({ cpu, memory, ssd }, index) => {
      const name = `n${String(index + 1)}`;
      return this.bench.connect(name, {
        node: {
          nodeId: `id-${name}`,
          name,
          address: "127.0.0.1",
          labels: ssd ? { disk: "ssd" } : {},
          runtimes: ["docker"],
          version: "0.1.0",
          capacity: { cpu, memory: memory * GIB, disk: 100 * GIB },
        },
      });
    });
    for (const { document, now } of before) {
      const [given] = this.give([document]);
      assert(given !== undefined, "one was given");
      this.submit([given]);
      this.#say(given.id, now === "ends" ? REPORTED.completed : REPORTED.running);
      if (now === "stops") this.bench.ask({ kind: "stopRequested", task: given.id, cause: "a test" });
    }
  }

  /** The documents with ids and names of their own. */
  give(documents: readonly TaskDocument[]): Document[] {
    return documents.map((document) => {
      this.#lastId += 1;
      const id = parseTaskId(`00000000-0000-4000-8000-${String(this.#lastId).padStart(12, "0")}`);
      assert(id !== undefined, "a UUID");
      return { ...document, id };
    });
  }

  submit(documents: readonly Document[]): void {
    const tasks = documents.map((document) => ({ id: document.id, name: document.name ?? document.id, document }));
    this.bench.ask({ kind: "tasksSubmitted", tasks, endedIds: new Set(), idempotency: undefined });
    while (hasLists(this.bench.core.state)) this.bench.step();
  }

  /** Where the task is, by the node's name; undefined while it waits. */
  nodeOf(id: TaskId): string | undefined {
    const { state } = this.bench.core;
    const task = state.tasks.get(id);
    return task === undefined || task.state === "pending" ? undefined : state.nodeOf(task)?.name;
  }

  /** Lets the workers start what they are to start, and the drained one stop what it is to stop, until nothing is left to do. */
  obey(drained: string): void {
    for (let isAtRest = false; !isAtRest;) {
      isAtRest = true;
      for (const { id, state, desired, moving } of [...this.bench.core.state.tasks.values()]) {
        const shallStop = desired === "stop" || moving !== undefined;
        const isDue = shallStop ? this.nodeOf(id) === drained : state === "scheduled";
        if (!isDue) continue;
        this.#say(id, shallStop ? REPORTED.completed : REPORTED.running);
        isAtRest = false;
      }
    }
  }

  /** Lets time pass in which all workers but these are heard. */
  pass(ms: number, without: ReadonlySet<string>): void {
    for (let left = ms; left > 0; left -= 1000) {
      for (const worker of this.workers) if (!without.has(worker.name)) worker.report([]);
      this.bench.tick(Math.min(1000, left));
    }
  }

  #say(id: TaskId, state: Report["state"]): void {
    const task = this.bench.task(id);
    const worker = this.workers.find(({ name }) => name === this.nodeOf(id));
    if (task === undefined || worker === undefined) return;
    const times = { startedAt: 1, ...(state === REPORTED.running ? {} : { finishedAt: 2 }) };
    worker.report([{ task: id, attempt: task.attempt, state, restarts: 0, reason: "as told", ...times }]);
  }
}
