/** Ordering a run of an entry to start or to stop. What becomes of it is taken in `runs.ts`. */
import { attemptKey } from "../../task/id.ts";
import { waitingReason } from "./engines.ts";
import { NO_HEALTH, type Entry } from "./entry.ts";
import type { Run } from "./events.ts";
import { mayRun } from "./lease.ts";
import { runOf, type Step, type WorkerState } from "./state.ts";

/** The entry whose current run this is. */
export function entryOf(state: WorkerState, run: Run): Entry | undefined {
  const entry = state.entries.get(attemptKey(run.task, run.attempt));
  return entry?.restarts === run.restart ? entry : undefined;
}

/** Starts the entry's current run. */
export function startRun(step: Step, entry: Entry): void {
  entry.phase = { kind: "starting" };
  entry.containerId = undefined;
  entry.health = NO_HEALTH;
  if (!mayRun(step.state, entry, step.now.mono)) return; // it is released before this step is over
  const { name, spec, ports, local, createdAt } = entry;
  entry.reason = waitingReason(step.state, spec.runtime) ?? entry.reason;
  step.command({ kind: "start", run: runOf(entry), name, spec, ports, local, createdAt });
  step.reportSoon(entry);
}

/** Stops the current run, to end with it or to start the next. */
export function stopRun(step: Step, entry: Entry, next: "end" | "restart"): void {
  entry.phase = { kind: "stopping", next };
  const { runtime, stopTimeoutMs } = entry.spec;
  step.command({ kind: "stop", run: runOf(entry), runtime, timeoutMs: stopTimeoutMs });
  step.report(entry);
}
