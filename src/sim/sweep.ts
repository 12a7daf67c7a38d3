/** Many seeds, one after the other, and what came of them together. */
import { Landmarks } from "./landmarks.ts";
import { runSeed, type SeedResult } from "./run-seed.ts";
import { tempoOf, type FaultKind, type Tempo } from "./swarm.ts";

export interface SweepOptions {
  readonly from: number;
  readonly seeds: number;
  readonly without: ReadonlySet<FaultKind>;
  /** Seeds of the other tempo are passed over. */
  readonly only?: Tempo | undefined;
}

export interface SweepTotals {
  /** Seeds so far. */
  done: number;
  simulatedMs: number;
  happened: number;
  slowestHealingMs: number;
  readonly violated: SeedResult[];
  readonly landmarks: Landmarks;
}

/** Runs the seeds; the totals after each of them, the same object each time. */
export function* sweep({ from, seeds, without, only }: SweepOptions): Generator<SweepTotals> {
  const totals: SweepTotals = {
    done: 0,
    simulatedMs: 0,
    happened: 0,
    slowestHealingMs: 0,
    violated: [],
    landmarks: new Landmarks(),
  };
  for (let seed = from; totals.done < seeds; seed += 1) {
    if (only !== undefined && tempoOf(seed) !== only) continue;
    const result = runSeed({ seed, without });
    totals.done += 1;
    totals.simulatedMs += result.simulatedMs;
    totals.happened += result.happened;
    totals.slowestHealingMs = Math.max(totals.slowestHealingMs, result.healedAfterMs);
    totals.landmarks.add(result.landmarks);
    if (result.violation !== undefined) totals.violated.push(result);
    yield totals;
  }
}
