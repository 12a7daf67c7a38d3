/** How long the store takes to make batches durable, how large they are, and how many it refused. */
import { Counter, Histogram, type Registry } from "prom-client";

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const WRITES = [1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 100_000];

export class CommitMetrics {
  readonly #duration: Histogram;
  readonly #writes: Histogram;
  readonly #refused: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#duration = new Histogram({
      name: "birdman_store_commit_duration_seconds",
      help: "Time in which a batch became durable",
      buckets: SECONDS,
      registers,
    });
    this.#writes = new Histogram({
      name: "birdman_store_commit_writes",
      help: "Records written or removed by one commit",
      buckets: WRITES,
      registers,
    });
    this.#refused = new Counter({
      name: "birdman_store_commits_failed_total",
      help: "Commits that the store refused: the disk is full, or cannot be written",
      registers,
    });
  }

  /** Measures a commit of so many writes. Settles as it does. */
  async measure(writes: number, commit: () => Promise<void>): Promise<void> {
    const begun = performance.now();
    try {
      await commit();
    } catch (error) {
      this.#refused.inc();
      throw error;
    }
    this.#duration.observe((performance.now() - begun) / 1000);
    this.#writes.observe(writes);
  }
}
