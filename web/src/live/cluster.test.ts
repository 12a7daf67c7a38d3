/** Whatever happens to a cluster, and whenever its readers come, go and fall behind: all of them see what it is like. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { REPORTED } from "../../../src/protocol/messages.ts";
import type { TaskDocument } from "../../../src/task/document.ts";
import { attemptKey, type TaskId } from "../../../src/task/id.ts";
import type { BenchWorker } from "../../../test/support/core-bench.ts";
import { BenchReader, LiveBench } from "../../../test/support/live-bench.ts";
import { SeededRandom } from "../../../test/support/seeded-random.ts";
import type { Cluster } from "./cluster.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});

afterEach(() => {
  vi.useRealTimers();
});

const MIB = 2 ** 20;
const DOCUMENTS: readonly TaskDocument[] = [
  { image: "web:1", cpu: 0.5, memory: "256MiB", labels: { app: "web" } },
  { image: "db:1", cpu: 1, memory: "1GiB", labels: { app: "db", tier: "b" }, reschedule: { delay: "2s" } },
  { image: "large:1", cpu: 3 },
  { image: "nowhere:1", cpu: 64 },
  { image: "picky:1", constraints: ["label.disk == ssd"] },
  { command: ["sleep", "1"], runtime: "process" },
];

class RandomWorkload {
  readonly bench: LiveBench;
  readonly #random: SeededRandom;
  readonly #workers: BenchWorker[] = [];
  #lastId = 0;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
    this.bench = new LiveBench(this.#random.pick([3, 10, 5000]));
    for (let count = 0; count < 3; count += 1) this.#join();
  }

  /** Something happens. */
  step(): void {
    const random = this.#random;
    const happenings = [
      { weight: 6, happens: () => this.#submit(1 + random.below(3)) },
      { weight: 1, happens: () => this.#submit(20) },
      { weight: 20, happens: () => this.#report() },
      { weight: 4, happens: () => this.#measure() },
      { weight: 2, happens: () => this.#ask({ kind: "stopRequested", task: this.#anyTask(), cause: "a test" }) },
      {
        weight: 1,
        happens: () => this.#ask({ kind: "restartRequested", task: this.#anyTask(), idempotency: undefined }),
      },
      { weight: 1, happens: () => this.#join() },
      { weight: 2, happens: () => this.#setAvailability() },
      { weight: 1, happens: () => this.#ask({ kind: "nodeRemovalRequested", node: random.pick(this.#workers).name }) },
      { weight: 1, happens: () => this.#comeAgain() },
      { weight: 6, happens: () => this.#pass() },
      { weight: 0.3, happens: () => this.#startAnew() },
    ];
    random.pickWeighted(happenings).happens();
  }

  #submit(count: number): void {
    const tasks = Array.from({ length: count }, () => {
      this.#lastId += 1;
      const id = `00000000-0000-4000-8000-${String(this.#lastId).padStart(12, "0")}` as TaskId;
      return { id, name: `task-${String(this.#lastId)}`, document: this.#random.pick(DOCUMENTS) };
    });
    this.#ask({ kind: "tasksSubmitted", tasks, endedIds: new Set(), idempotency: undefined });
  }

  #report(): void {
    const random = this.#random;
    const task = this.bench.core.state.tasks.get(this.#anyTask());
    const worker = this.#workers.find(({ name }) => task?.nodeId === `id-${name}`);
    if (task === undefined || worker === undefined || task.state === "pending") return;
    const { id, attempt } = task;
    const states = [REPORTED.running, REPORTED.running, REPORTED.starting, REPORTED.completed, REPORTED.failed];
    const health = random.pick(["none", "starting", "healthy", "unhealthy"] as const);
    const reason = random.pick(["", "as told", `pulling ${String(random.below(100))} %`]);
    const state =
      task.state === "running" ? random.pick(states.filter((each) => each !== REPORTED.starting)) : random.pick(states);
    const times = {
      startedAt: this.bench.wall - 10,
      ...(state > REPORTED.running ? { finishedAt: this.bench.wall } : {}),
    };
    worker.report([{ task: id, attempt, state, health, reason, restarts: random.below(3), ...times }]);
  }

  #measure(): void {
    const random = this.#random;
    const worker = random.pick(this.#workers);
    const node = this.bench.core.state.nodeNamed(worker.name);
    const tasks = [...(node?.tasks ?? [])].map((id) => {
      const key = attemptKey(id, this.bench.core.state.tasks.get(id)?.attempt ?? 0);
      return [key, { cpu: random.below(5) / 10, memory: random.below(5) * 10 * MIB }] as const;
    });
    const use = { cpu: random.next(), memory: random.below(1e9), disk: 1e9, load: [0, 0, 0] as const };
    worker.report([], { use: { node: use, tasks: Object.fromEntries(tasks) } });
  }

  #setAvailability(): void {
    const node = this.#random.pick(this.#workers).name;
    const availability = this.#random.pick(["active", "pause", "drain"] as const);
    this.#ask({ kind: "availabilityRequested", node, availability, parallel: undefined });
  }

  #join(): void {
    const name = `n${String(this.#workers.length + 1)}`;
    this.#workers.push(this.bench.connect(name));
  }

  #comeAgain(): void {
    const { name } = this.#random.pick(this.#workers);
    this.#workers.push(this.bench.connect(name, { instanceId: `again-${String(this.#workers.length)}` }));
    this.#workers.splice(
      this.#workers.findIndex((worker) => worker.name === name),
      1,
    );
  }

  #pass(): void {
    const isQuiet = this.#random.chance(0.1);
    for (let seconds = isQuiet ? 20 : 1; seconds > 0; seconds -= 1) {
      for (const worker of this.#workers) if (!isQuiet || this.#random.chance(0.5)) worker.report([]);
      this.bench.tick(1000);
    }
  }

  #startAnew(): void {
    this.bench.restart();
    for (const [index, { name }] of this.#workers.entries()) this.#workers[index] = this.bench.connect(name);
  }

  #anyTask(): TaskId {
    const ids = [...this.bench.core.state.tasks.keys()];
    return ids.length === 0 ? ("none" as TaskId) : this.#random.pick(ids);
  }

  #ask(question: object): void {
    this.bench.ask(question);
  }
}

/** Everything that a page could show. */
function shown(cluster: Cluster) {
  return {
    tasks: [...cluster.tasks()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    nodes: cluster.nodes(),
    onNodes: cluster.nodes().map(({ name }) =>
      cluster
        .tasksOf(name)
        .map(({ id }) => id)
        .sort(),
    ),
    totals: cluster.totals,
    rates: cluster.rates,
    ended: cluster.ended.map(({ id, state, reason }) => ({ id, state, reason })),
  };
}

test.each(Array.from({ length: 12 }, (_, index) => index + 1))(
  "a reader of any time sees what one sees who has just come (seed %i)",
  async (seed) => {
    const random = new SeededRandom(seed * 7919);
    const workload = new RandomWorkload(seed);
    const readers = [new BenchReader(workload.bench.feed), new BenchReader(workload.bench.feed)];
    for (let count = 0; count < 120; count += 1) {
      workload.step();
      for (const reader of readers) if (random.chance(0.6)) await reader.read(random.pick([1, 2, 100]));
      if (random.chance(0.1)) random.pick(readers).connect();
      if (random.chance(0.7)) await vi.advanceTimersByTimeAsync(100);
    }
    // All that is gathered leaves, and no round is under way.
    for (let count = 0; count < 60; count += 1) {
      await vi.advanceTimersByTimeAsync(100);
      for (const reader of readers) await reader.read();
    }
    const fresh = new BenchReader(workload.bench.feed);
    await fresh.read();
    for (const reader of readers) await reader.read();
    expect(fresh.cluster.isComplete).toBe(true);
    const { state } = workload.bench.core;
    expect(fresh.cluster.taskCount).toBe(state.tasks.size);
    expect(fresh.cluster.nodeCount).toBe(state.nodes.size);
    for (const reader of readers) expect(shown(reader.cluster)).toEqual(shown(fresh.cluster));
    for (const reader of [...readers, fresh]) reader.hangUp();
  },
);
