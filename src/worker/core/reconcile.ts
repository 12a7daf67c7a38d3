/** Comparing what should be here with what a runtime really has: after a start of the worker, and whenever notices may have been missed. */
import { attemptKey, type AttemptKey } from "../../task/id.ts";
import { newEntry, type Entry } from "./entry.ts";
import type { FoundRun, WorkerEvent } from "./events.ts";
import { startRun, stopRun } from "./run-orders.ts";
import { releaseIfOver } from "./lease.ts";
import { isToBeRemoved, removeForGood, resumeRemovals } from "./removals.ts";
import { endStopped, markRunning, runExited, waitAgain } from "./runs.ts";
import { runOf, type Step } from "./state.ts";
import { resumeRun, stopUnwanted } from "./strangers.ts";

export function runsListed(step: Step, list: Extract<WorkerEvent, { kind: "runsListed" }>): void {
  const { runtime, runs } = list;
  const isFirst = !step.state.listed.has(runtime);
  step.state.listed.add(runtime);
  if (isFirst) {
    const found = runs.map(({ ref }) => ref);
    resumeRemovals(step, runtime, found);
  }
  const current = new Map<AttemptKey, FoundRun>();
  for (const run of runs) {
    if (isToBeRemoved(step.state, run.ref)) continue;
    const key = attemptKey(run.ref.task, run.ref.attempt);
    const entry = step.state.entries.get(key) ?? (isFirst ? adoptFromLabel(step, run) : undefined);
    if (entry?.restarts === run.ref.restart) current.set(key, run);
    else if (entry === undefined ? !isFirst : run.ref.restart < entry.restarts) removeForGood(step, run.ref, runtime);
  }
  for (const entry of step.state.entries.values()) {
    if (entry.spec.runtime !== runtime) continue;
    if (entry.isRecovered) resume(step, entry, current.get(entry.key));
    else verify(step, entry, { found: current.get(entry.key), askedMono: list.askedMono });
  }
}

/** An entry of the worker's record, or of a label: goes on from what is found of it. */
function resume(step: Step, entry: Entry, found: FoundRun | undefined): void {
  entry.isRecovered = false;
  if (entry.phase.kind === "ended") {
    if (found?.running === true) stopUnwanted(step, entry);
    return;
  }
  releaseIfOver(step, entry);
  if (entry.phase.kind === "waiting") {
    if (found?.running === true) stopUnwanted(step, entry);
    if (entry.stopReason === undefined) waitAgain(step, entry);
    else endStopped(step, entry, { reason: "stopped between two runs" });
    return;
  }
  if (found?.running === true) {
    for (const { host, protocol } of found.ports) step.state.ledger.holdPort(entry.key, host, protocol);
    if (found.ports.length > 0) entry.ports = found.ports;
    markRunning(step, entry, { containerId: found.containerId, startedAt: found.startedAt ?? step.now.wall });
    if (entry.stopReason !== undefined) stopRun(step, entry, "end");
    else if (found.paused === true) resumeRun(step, entry);
  } else if (found?.exit !== undefined) {
    entry.phase = { kind: "running", sinceMono: step.now.mono };
    entry.containerId = found.containerId;
    entry.startedAt = found.startedAt;
    collect(step, entry);
  } else if (entry.begunRun === entry.restarts) {
    // It ran, and is gone with its container.
    entry.phase = { kind: "running", sinceMono: step.now.mono };
    runExited(step, { kind: "runExited", run: runOf(entry), exit: undefined, output: undefined });
  } else if (entry.stopReason === undefined) {
    startRun(step, entry);
  } else if (found !== undefined) {
    // Made, and not begun: it is to be certain that it does not begin any more.
    stopRun(step, entry, "end");
  } else {
    endStopped(step, entry, { reason: "stopped before it was started" });
  }
}

interface Finding {
  readonly found: FoundRun | undefined;
  readonly askedMono: number;
}

/** An entry that was known all along. What is being started or stopped just now answers for itself. */
function verify(step: Step, entry: Entry, { found, askedMono }: Finding): void {
  const { phase } = entry;
  if (found?.running === true) {
    if (phase.kind === "ended" || phase.kind === "waiting") stopUnwanted(step, entry);
    else if (phase.kind === "running" && found.paused === true) resumeRun(step, entry);
    return;
  }
  if (phase.kind !== "running") return;
  if (found?.exit !== undefined) collect(step, entry);
  else if (phase.sinceMono <= askedMono)
    runExited(step, { kind: "runExited", run: runOf(entry), exit: undefined, output: undefined });
}

/** Stopping what has ended gives its exit and its output. */
function collect(step: Step, entry: Entry): void {
  step.command({ kind: "stop", run: runOf(entry), runtime: entry.spec.runtime, timeoutMs: 0 });
}

/**
 * A run that the worker's own record does not know, but whose label says what it is. Only what is there when the worker
 * starts can be that; later, the record knows all, and what it does not know was to be removed.
 */
function adoptFromLabel(step: Step, { ref, label, ports }: FoundRun): Entry | undefined {
  if (label === undefined) return undefined;
  const { name, local, createdAt, spec: document } = label;
  const spec = step.state.specs.acquire(document);
  const entry = newEntry({ id: ref.task, attempt: ref.attempt, name, local, createdAt, spec, ports });
  entry.restarts = ref.restart;
  entry.isRecovered = true;
  step.state.entries.set(entry.key, entry);
  step.state.ledger.reserve(entry.key, { resources: spec.resources, ports: spec.ports });
  step.store(entry);
  step.state.link?.introduce(entry.key);
  return entry;
}
