/** What came of a run, in the measures that algorithms are compared by. */
import type { Sample } from "./samples.ts";

export interface PlacementResult {
  readonly scheduler: string;
  readonly nodes: number;
  readonly tasks: number;
  /** Tasks that got a node, at once or after waiting. */
  readonly placed: number;
  /** Tasks that never got one. */
  readonly unplaced: number;
  /** Tasks that found no room when they came. */
  readonly waited: number;
  readonly decisions: number;
  /** By the clock that was handed in, spent in the scheduler. */
  readonly schedulingMs: number;
  readonly slowdown: Distribution;
  /** Shares of 1, averages of the samples: the load of the cluster in the resource that is scarcer. */
  readonly utilisation: number;
  readonly fragmentation: number;
  readonly imbalance: number;
  readonly samples: readonly Sample[];
  /** Each node's mean load, the highest first. */
  readonly nodeLoads: Float64Array;
}

/** Many values in a few words. NaN throughout where there are none. */
export interface Distribution {
  readonly mean: number;
  /** `quantiles[p]` is the value that p percent do not exceed: 101 of them. */
  readonly quantiles: readonly number[];
}

/** The distribution of the values that are numbers; sorts them in place. */
export function distributionOf(values: Float64Array): Distribution {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    sum += value;
    count += 1;
  }
  values.sort(); // NaN comes last
  const quantiles = Array.from({ length: 101 }, (_, percent) => {
    const rank = Math.ceil((percent / 100) * count);
    return count === 0 ? Number.NaN : (values[Math.max(0, rank - 1)] ?? Number.NaN);
  });
  return { mean: sum / count, quantiles };
}

export function meanOf(samples: readonly Sample[], value: (sample: Sample) => number): number {
  return samples.reduce((sum, sample) => sum + value(sample), 0) / samples.length;
}
