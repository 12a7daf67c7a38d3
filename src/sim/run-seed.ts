/** One seed from beginning to end: a time of faults, then healing, then the cluster must come to rest as it should be. */
import { AssertionError } from "../utils/assert.ts";
import { Cluster } from "./cluster.ts";
import { differenceLeft } from "./convergence.ts";
import { Faults } from "./faults.ts";
import type { Landmarks } from "./landmarks.ts";
import { SeededRandom } from "./seeded-random.ts";
import type { Line } from "./story.ts";
import { drawPlan, tempoOf, type FaultKind } from "./swarm.ts";
import { Violation } from "./violation.ts";

export interface SeedOptions {
  readonly seed: number;
  /** Faults that are left out. */
  readonly without?: ReadonlySet<FaultKind>;
  /** Takes the story, line by line. */
  readonly tell?: (line: Line) => void;
}

export interface SeedResult {
  readonly seed: number;
  readonly violation: { readonly rule: string; readonly message: string; readonly atMs: number } | undefined;
  /** Time that passed in the cluster, milliseconds. */
  readonly simulatedMs: number;
  readonly happened: number;
  readonly landmarks: Landmarks;
  /** From the end of the faults until everything was as it should be, milliseconds. */
  readonly healedAfterMs: number;
}

/** The calm time of a node that kept coming and going (10 min) and the exclusion of one for a task (5 min) are within this. */
const HEALING_MS = 20 * 60_000;
const LOOK_MS = 2000;
/** It must stay as it should be for so long. */
const REST_MS = 20_000;
/** So many times, in the mean, what recovery reads is compared with what is known. */
const RECOVERY_CHECKS = 6;

export function runSeed({ seed, without = new Set(), tell }: SeedOptions): SeedResult {
  const random = new SeededRandom(seed);
  const plan = drawPlan(random, tempoOf(seed), without);
  const cluster = new Cluster({ random, plan, tell });
  const faults = new Faults(cluster);
  let violation: SeedResult["violation"];
  let healedAfterMs = 0;
  try {
    cluster.start();
    faults.begin(plan);
    passFaults(cluster, plan.faultsForMs);
    faults.heal();
    cluster.workload.isCalm = true;
    healedAfterMs = comeToRest(cluster);
  } catch (error) {
    violation = { ...explain(error), atMs: cluster.time.nowMs };
    cluster.story?.say("VIOLATED", violation.message);
  }
  const { nowMs: simulatedMs, happened } = cluster.time;
  return { seed, violation, simulatedMs, happened, landmarks: cluster.landmarks, healedAfterMs };
}

function passFaults(cluster: Cluster, forMs: number): void {
  const { time, manager, workers, random } = cluster;
  while (time.nowMs < forMs) {
    time.runUntil(Math.min(forMs, time.nowMs + random.exponential(forMs / RECOVERY_CHECKS)));
    manager.verifyRecovery();
    random.pick(workers)?.verifyRecovery();
  }
}

/** How long it took. */
function comeToRest(cluster: Cluster): number {
  const { time } = cluster;
  const healedMs = time.nowMs;
  let rightSinceMs: number | undefined;
  for (;;) {
    time.runUntil(time.nowMs + LOOK_MS);
    const left = differenceLeft(cluster);
    if (left === undefined) {
      rightSinceMs ??= time.nowMs;
      if (time.nowMs - rightSinceMs >= REST_MS) return rightSinceMs - healedMs;
    } else {
      rightSinceMs = undefined;
      if (time.nowMs - healedMs > HEALING_MS) throw new Violation("does not come to rest", left);
    }
  }
}

function explain(error: unknown): { readonly rule: string; readonly message: string } {
  if (error instanceof Violation) return { rule: error.rule, message: error.message };
  if (error instanceof AssertionError) return { rule: "assertion of a core", message: error.stack ?? error.message };
  if (error instanceof Error) return { rule: "error thrown", message: error.stack ?? error.message };
  return { rule: "error thrown", message: String(error) };
}
