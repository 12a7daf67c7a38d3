/**
 * What a seed stands for: how large the cluster is, what its users do, and which faults befall it how often. Drawn anew
 * for each seed, and only some of the faults at a time: one that is always there hides what the others would show.
 * Source: Groce, Zhang, Eide, Chen, Regehr: Swarm Testing, ISSTA 2012.
 */
import type { SeededRandom } from "./seeded-random.ts";
import type { Pace } from "./workload.ts";

export const FAULT_KINDS = [
  "managerKill",
  "workerKill",
  "workerUpgrade",
  "machineReboot",
  "engineCrash",
  "engineHang",
  "engineErrors",
  "startFailures",
  "lostAnswers",
  "slowPulls",
  "partition",
  "cut",
  "holdMessages",
  "brokenProxy",
  "slowNetwork",
  "managerDiskFull",
  "workerDiskFull",
  "slowDisk",
  "managerHeldUp",
  "workerHeldUp",
  "wallClockSteps",
  "strangerEnds",
  "strangerStarts",
  "storeRestored",
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

/** Short and full of faults; or long, with a fault now and then. */
export const TEMPOS = ["dense", "quiet"] as const;

export type Tempo = (typeof TEMPOS)[number];

export interface Plan {
  readonly workers: number;
  readonly algorithm: string;
  /** How long faults happen, milliseconds. */
  readonly faultsForMs: number;
  /** Mean time between two faults of a kind, for those that happen at all. */
  readonly faults: ReadonlyMap<FaultKind, number>;
  readonly pace: Pace;
  /** How many times as long as in the busiest cluster a task runs and a probe waits. */
  readonly leisure: number;
}

const HOUR_MS = 3_600_000;
const ALGORITHMS = ["roundrobin", "greedy", "epvm", "binpack", "spread"] as const;

/** Most of the simulated time is in the quiet seeds, most of the faults are in the others. */
export function tempoOf(seed: number): Tempo {
  return seed % 4 === 0 ? "quiet" : "dense";
}

export function drawPlan(random: SeededRandom, tempo: Tempo, without: ReadonlySet<FaultKind>): Plan {
  const isDense = tempo === "dense";
  const faultsForMs = isDense ? random.between(60_000, 300_000) : random.magnitude(3 * HOUR_MS, 24 * HOUR_MS);
  const likelihood = random.oneOf(0.1, 0.25, 0.5);
  const meanMs = isDense ? random.magnitude(10_000, 60_000) : random.magnitude(180_000, 1_800_000);
  const faults = new Map<FaultKind, number>();
  for (const kind of FAULT_KINDS) {
    if (random.chance(kind === "storeRestored" ? likelihood / 3 : likelihood) && !without.has(kind)) {
      faults.set(kind, meanMs * random.magnitude(0.5, 2));
    }
  }
  const sometimes = (probability: number, ms: number): number =>
    random.chance(probability) ? ms * random.magnitude(0.3, 3) : Number.POSITIVE_INFINITY;
  const submitMs = isDense ? random.magnitude(1000, 15_000) : random.magnitude(60_000, 600_000);
  return {
    workers: 3 + random.below(isDense ? 4 : 2),
    algorithm: random.oneOf(...ALGORITHMS),
    faultsForMs,
    faults,
    pace: {
      submitMs,
      submitLocallyMs: sometimes(0.3, submitMs * 10),
      stopMs: sometimes(0.7, submitMs * 3),
      restartMs: sometimes(0.4, submitMs * 5),
      availabilityMs: sometimes(0.4, meanMs),
      removeNodeMs: sometimes(0.15, meanMs),
      mostLive: isDense ? 40 : 10,
    },
    leisure: isDense ? 1 : 60,
  };
}
