import type { Candidate } from "./filter.ts";

/** A node with what it costs to place the task there. */
export interface Ranked {
  readonly candidate: Candidate;
  readonly cost: number;
}

/** The order of preference, for sorting: the lower cost, then fewer tasks, then the earlier joined. */
export function compareRanked(a: Ranked, b: Ranked): number {
  return a.cost === b.cost ? compareTied(a.candidate, b.candidate) : a.cost - b.cost;
}

function compareTied({ load: a }: Candidate, { load: b }: Candidate): number {
  return a.tasks === b.tasks ? a.position - b.position : a.tasks - b.tasks;
}

/** Keeps the best few of many that are offered. */
export class Ranking {
  readonly #limit: number;
  readonly #best: Ranked[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The best first. */
  get best(): readonly Ranked[] {
    return this.#best;
  }

  offer(candidate: Candidate, cost: number): void {
    const best = this.#best;
    const worst = best.length === this.#limit ? best.at(-1) : undefined;
    if (worst !== undefined) {
      if (cost > worst.cost) return; // nearly always, and nothing was allocated
      if (cost === worst.cost && compareTied(candidate, worst.candidate) > 0) return;
      best.pop();
    }
    const ranked = { candidate, cost };
    const index = best.findIndex((other) => compareRanked(ranked, other) < 0);
    best.splice(index === -1 ? best.length : index, 0, ranked);
  }
}
