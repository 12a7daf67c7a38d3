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

  /** Offers every node that is not rejected. Nearly none of them is good enough, and nothing is allocated for those. */
  offerAll(costs: Float64Array, rejects: Uint16Array): void {
    const tasks = this.#tasks;
    let worstCost = Number.POSITIVE_INFINITY;
    let worstTasks = Number.POSITIVE_INFINITY;
    for (let position = 0; position < costs.length; position += 1) {
      const cost = costs[position] as number;
      if (cost > worstCost || rejects[position] !== 0) continue;
      if (cost === worstCost && (tasks[position] as number) >= worstTasks) continue;
      this.offer(position, cost);
      const worst = this.best[this.#most - 1];
      if (worst === undefined) continue;
      worstCost = worst.cost;
      worstTasks = tasks[worst.position] as number;
    }
  }

  offer(position: number, cost: number): void {
    const { best } = this;
    const ranked = { position, cost };
    let at = best.length;
    while (at > 0 && compareRanked(ranked, best[at - 1] as Ranked, this.#tasks) < 0) at -= 1;
    if (at === this.#most) return;
    if (best.length === this.#most) best.pop();
    best.splice(at, 0, ranked);
  }
}
