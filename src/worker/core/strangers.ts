/** What somebody else does to this worker's containers, and how it is undone. That they end or are removed is taken in `runs.ts`. */
import { attemptKey } from "../../task/id.ts";
import type { Entry } from "./entry.ts";
import type { WorkerEvent } from "./events.ts";
import { removeForGood } from "./removals.ts";
import { entryOf } from "./run-orders.ts";
import { runOf, type Step } from "./state.ts";

type Of<K extends WorkerEvent["kind"]> = Extract<WorkerEvent, { kind: K }>;

export function runPaused(step: Step, { run }: Of<"runPaused">): void {
  const entry = entryOf(step.state, run);
  if (entry?.phase.kind === "running" || entry?.phase.kind === "starting") resumeRun(step, entry);
}

/** A task that is wanted runs: what somebody paused goes on. */
export function resumeRun(step: Step, entry: Entry): void {
  step.command({ kind: "resume", run: runOf(entry), runtime: entry.spec.runtime });
  entry.reason = "resumed: somebody had paused its container";
  step.report(entry);
}

/**
 * Of a run that is wanted it is no news. One that is over is stopped again; what is left of an earlier one, or of an
 * attempt that is forgotten here, is removed, as it was to be before.
 */
export function runAppeared(step: Step, { run, runtime }: Of<"runAppeared">): void {
  // What this worker has from before its own start, the first list tells.
  if (!step.state.listed.has(runtime)) return;
  const entry = step.state.entries.get(attemptKey(run.task, run.attempt));
  if (entry === undefined || run.restart < entry.restarts) removeForGood(step, run, runtime);
  else if (run.restart === entry.restarts) stopUnwanted(step, entry);
}

/** Stops the entry's current run, which runs, if it counts as over: somebody else started it, or a start came true late. */
export function stopUnwanted(step: Step, entry: Entry): void {
  const { phase, spec } = entry;
  if (phase.kind === "starting" || phase.kind === "running") return;
  step.command({ kind: "stop", run: runOf(entry), runtime: spec.runtime, timeoutMs: spec.stopTimeoutMs });
}
