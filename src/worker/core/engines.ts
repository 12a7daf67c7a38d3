/** What the worker knows of its runtimes' engines themselves: whether they answer, and whether their disk has room. */
import type { WorkerFrame } from "../../protocol/messages.ts";
import type { RuntimeKind } from "../../task/document.ts";
import type { WorkerEvent } from "./events.ts";
import type { Step, WorkerState } from "./state.ts";

type Of<K extends WorkerEvent["kind"]> = Extract<WorkerEvent, { kind: K }>;

/**
 * What runs there is left as it is: nobody knows better. Nothing new is admitted, what is to start waits, and the manager
 * hears of it at once.
 */
export function engineChanged(step: Step, { runtime, sick }: Of<"engineChanged">): void {
  const { state } = step;
  if (sick === undefined) state.sick.delete(runtime);
  else state.sick.set(runtime, sick);
  for (const entry of state.entries.values()) {
    if (entry.spec.runtime !== runtime || entry.phase.kind !== "starting" || entry.stopReason !== undefined) continue;
    entry.reason = waitingReason(state, runtime) ?? "starting";
    step.report(entry);
  }
  state.link?.hurry();
}

/** Why a start waits for its engine; undefined when it need not. */
export function waitingReason({ sick }: WorkerState, runtime: RuntimeKind): string | undefined {
  const why = sick.get(runtime);
  return why === undefined ? undefined : `waiting: ${runtime} does not answer: ${why}`;
}

export function diskChanged(state: WorkerState, { runtime, isCrowded }: Of<"diskChanged">): void {
  if (isCrowded) state.crowded.add(runtime);
  else state.crowded.delete(runtime);
}

/** As a part of a message. */
export function sickRuntimes({ sick }: WorkerState): Pick<WorkerFrame, "sick"> {
  return sick.size === 0 ? {} : { sick: Object.fromEntries(sick) };
}

/** How many results are kept, each with its finished container, that no manager has taken. */
export function mostResultsOf({ crowded, link, settings }: WorkerState): number {
  if (link !== undefined) return Number.POSITIVE_INFINITY;
  return crowded.size === 0 ? settings.mostResults : settings.mostResultsCrowded;
}
