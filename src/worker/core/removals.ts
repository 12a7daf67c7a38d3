/**
 * What is to be removed of runs that this worker has forgotten. It is kept until it is gone, since a container bears all
 * that it takes to adopt it: one that was left over by a worker that died in between would come back to life.
 */
import type { Run, WorkerEvent } from "./events.ts";
import type { Removal, Step, WorkerState } from "./state.ts";
import type { RuntimeKind } from "../../task/document.ts";

type Of<K extends WorkerEvent["kind"]> = Extract<WorkerEvent, { kind: K }>;

/** Removes the run, now or whenever there is a worker again. */
export function removeForGood(step: Step, run: Run, runtime: RuntimeKind): void {
  step.removal(runKey(run), { run, runtime });
  step.command({ kind: "remove", run, runtime });
}

export function isToBeRemoved({ removals }: WorkerState, run: Run): boolean {
  return removals.has(runKey(run));
}

export function runRemoved(step: Step, { run }: Of<"runRemoved">): void {
  step.removal(runKey(run), undefined);
}

/** At the first list: goes on with what is still there of it, and forgets what is not. */
export function resumeRemovals(step: Step, runtime: RuntimeKind, found: readonly Run[]): void {
  const there = new Set(found.map(runKey));
  for (const [key, removal] of [...step.state.removals]) {
    if (removal.runtime !== runtime) continue;
    if (there.has(key)) step.command({ kind: "remove", run: removal.run, runtime });
    else step.removal(key, undefined);
  }
}

export function decodeRemoval(text: string): Removal {
  return JSON.parse(text) as Removal;
}

function runKey({ task, attempt, restart }: Run): string {
  return `${task}/${String(attempt)}/${String(restart)}`;
}
