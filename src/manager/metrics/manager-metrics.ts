/**
 * What the manager exposes of itself. On the way of a task only what cannot be had later is counted; everything else is
 * read when somebody scrapes.
 */
import { Histogram, type Registry } from "prom-client";
import { CommitMetrics } from "../../api/metrics/commit-metrics.ts";
import { SnapshotGauges, TallyCounter } from "../../api/metrics/scraped.ts";
import { serverRegistry } from "../../api/metrics/server-metrics.ts";
import type { HistoryEvent } from "../../task/history.ts";
import type { TaskId } from "../../task/id.ts";
import { canMove, FIRST_STATES, TASK_STATES } from "../../task/state.ts";
import type { Task } from "../../task/task.ts";
import { CLUSTER_GAUGES, type ManagerSnapshot } from "./cluster-gauges.ts";

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600, 3600];
const KINDS = ["task", "node", "manager"] as const;
/** Where a task comes from that is new here. */
const NOWHERE = "new";

export class ManagerMetrics {
  readonly registry: Registry;
  readonly #commits: CommitMetrics;
  readonly #scheduling: Histogram;
  readonly #transitions: TallyCounter<"from" | "to">;
  readonly #events: TallyCounter<"kind">;
  readonly #gauges: SnapshotGauges<ManagerSnapshot>;

  /** `version`: of this release. */
  constructor(version: string) {
    this.registry = serverRegistry(version);
    this.#gauges = new SnapshotGauges(this.registry, CLUSTER_GAUGES);
    this.#scheduling = new Histogram({
      name: "birdman_scheduling_duration_seconds",
      help: "Time from the acceptance of a task until its first placement is durable",
      buckets: SECONDS,
      registers: [this.registry],
    });
    this.#transitions = new TallyCounter(
      {
        name: "birdman_task_transitions_total",
        help: "Changes of a task's state; from is new for tasks that were accepted or adopted",
        labelNames: ["from", "to"],
      },
      transitions(),
    );
    this.#events = new TallyCounter(
      { name: "birdman_history_events_total", help: "Entries of the history by kind", labelNames: ["kind"] },
      KINDS.map((kind) => ({ kind })),
    );
    this.registry.registerMetric(this.#transitions);
    this.registry.registerMetric(this.#events);
    this.#commits = new CommitMetrics(this.registry);
  }

  /** Measures a commit of so many writes. Settles as it does. */
  commit(writes: number, commit: () => Promise<void>): Promise<void> {
    return this.#commits.measure(writes, commit);
  }

  /** These are durable now. `wall`: the wall clock, milliseconds. */
  happened(events: readonly HistoryEvent[], tasks: ReadonlyMap<TaskId, Task>, wall: number): void {
    for (const { kind, task, attempt, from = NOWHERE, to } of events) {
      this.#events.count({ kind });
      if (kind !== "task" || to === undefined || from === to) continue;
      this.#transitions.count({ from, to });
      if (to !== "scheduled" || from === NOWHERE || attempt !== 1 || task === undefined) continue;
      const acceptedAt = tasks.get(task)?.createdAt;
      // The wall clock may have been set back meanwhile.
      if (acceptedAt !== undefined) this.#scheduling.observe(Math.max(0, wall - acceptedAt) / 1000);
    }
  }

  /** What the next scrape is to show. */
  show(snapshot: ManagerSnapshot): void {
    this.#gauges.show(snapshot);
  }
}

function transitions(): { readonly from: string; readonly to: string }[] {
  const first = FIRST_STATES.map((to) => ({ from: NOWHERE, to }));
  const moves = TASK_STATES.flatMap((from) =>
    TASK_STATES.filter((to) => canMove(from, to)).map((to) => ({ from, to })),
  );
  return [...first, ...moves];
}
