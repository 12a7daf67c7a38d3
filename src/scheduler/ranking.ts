/** The order of preference: the lower cost, then fewer tasks, then the earlier joined. */

/** A node, by its position, with what it costs to place the task there. */
export interface Ranked {
  readonly position: number;
  readonly cost: number;
}

/** For sorting. `tasks`: the number of tasks by position. */
export function compareRanked(a: Ranked, b: Ranked, tasks: Int32Array): number {
  return a.cost - b.cost || (tasks[a.position] as number) - (tasks[b.position] as number) || a.position - b.position;
}

/** Keeps the best few of many that are offered in the order of joining. */
export class Ranking {
  /** The best first. */
  readonly best: Ranked[] = [];
  readonly #most: number;
  readonly #tasks: Int32Array;

  /** `tasks`: the number of tasks by position. */
  constructor(most: number, tasks: Int32Array) {
    this.#most = most;
    this.#tasks = tasks;
  }

  /** What costs more than this need not be offered. */
  get worst(): number {
    return this.best.length < this.#most ? Number.POSITIVE_INFINITY : (this.best[this.#most - 1] as Ranked).cost;
  }

  /** Returns what `worst` is then. */
  offer(position: number, cost: number): number {
    const { best } = this;
    const ranked = { position, cost };
    let at = best.length;
    while (at > 0 && compareRanked(ranked, best[at - 1] as Ranked, this.#tasks) < 0) at -= 1;
    if (at < this.#most) {
      if (best.length === this.#most) best.pop();
      best.splice(at, 0, ranked);
    }
    return this.worst;
  }
}
