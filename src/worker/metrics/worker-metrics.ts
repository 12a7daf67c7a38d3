/** What the worker exposes of itself. Starts are measured as they happen; everything else is read when somebody scrapes. */
import { Counter, Histogram, type Registry } from "prom-client";
import { CommitMetrics } from "../../api/metrics/commit-metrics.ts";
import { SnapshotGauges, TallyCounter } from "../../api/metrics/scraped.ts";
import { serverRegistry } from "../../api/metrics/server-metrics.ts";
import type { RuntimeKind } from "../../task/document.ts";
import type { Command, Run, WorkerEvent } from "../core/events.ts";
import type { WorkerSnapshot } from "../service.ts";
import { WORKER_GAUGES } from "./worker-gauges.ts";

const SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];
const FAILURES = ["image", "command", "ports", "spec", "engine", "timeout", "cancelled"] as const;

interface Start {
  readonly runtime: RuntimeKind;
  readonly begun: number;
}

export class WorkerMetrics {
  readonly registry: Registry;
  readonly #commits: CommitMetrics;
  readonly #starts: Histogram<"runtime">;
  readonly #failures: TallyCounter<"code">;
  readonly #restarts: Counter;
  readonly #gauges: SnapshotGauges<WorkerSnapshot>;
  /** By the run that the command names, which comes back with what became of it. */
  readonly #underWay = new WeakMap<Run, Start>();

  /** `version`: of this release. */
  constructor(version: string) {
    this.registry = serverRegistry(version);
    const registers = [this.registry];
    this.#gauges = new SnapshotGauges(this.registry, WORKER_GAUGES);
    this.#starts = new Histogram({
      name: "birdman_worker_start_duration_seconds",
      help: "Time from the order to start a run until it runs: its turn, the pull of its image, the engine",
      labelNames: ["runtime"],
      buckets: SECONDS,
      registers,
    });
    this.#failures = new TallyCounter(
      {
        name: "birdman_worker_start_failures_total",
        help: "Starts that failed, by why: image, command, ports, spec, engine, timeout, cancelled",
        labelNames: ["code"],
      },
      FAILURES.map((code) => ({ code })),
    );
    this.registry.registerMetric(this.#failures);
    this.#restarts = new Counter({
      name: "birdman_worker_restarts_total",
      help: "Runs that were started again on this worker under a restart policy",
      registers,
    });
    this.#commits = new CommitMetrics(this.registry);
  }

  /** Measures a commit of so many writes. Settles as it does. */
  commit(writes: number, commit: () => Promise<void>): Promise<void> {
    return this.#commits.measure(writes, commit);
  }

  commanded(command: Command): void {
    if (command.kind !== "start") return;
    this.#underWay.set(command.run, { runtime: command.spec.runtime, begun: performance.now() });
  }

  happened(event: WorkerEvent): void {
    if (event.kind === "startFailed") this.#failures.count({ code: event.failure });
    if (event.kind !== "runStarted") return;
    const start = this.#underWay.get(event.run);
    if (start === undefined) return;
    this.#starts.observe({ runtime: start.runtime }, (performance.now() - start.begun) / 1000);
    if (event.run.restart > 0) this.#restarts.inc();
  }

  /** What the next scrape is to show. */
  show(snapshot: WorkerSnapshot): void {
    this.#gauges.show(snapshot);
  }
}
