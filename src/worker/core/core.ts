/**
 * The worker's core: `step(events, now) → effects`. It touches no clock, no network, no engine; what it is given is all
 * it knows, and what it returns is all it does. It works the same whether or not a manager is there.
 */
import type { SpecDocument } from "../../task/document.ts";
import type { Now } from "../../utils/clock.ts";
import { unreachable } from "../../utils/assert.ts";
import { submitLocally } from "./admission.ts";
import { closeLink, nextSpeech, openLink, speak, takeMessage } from "./conversation.ts";
import { decodeEntry, type Entry } from "./entry.ts";
import type { Effects, Run, WorkerEvent } from "./events.ts";
import { diskChanged, engineChanged, mostResultsOf } from "./engines.ts";
import { probeNow, runProbed } from "./health.ts";
import { runsListed } from "./reconcile.ts";
import {
  discard,
  restartNow,
  runExited,
  runStarted,
  startFailed,
  startProgressed,
  stopEntry,
  tailRead,
} from "./runs.ts";
import { runAppeared, runPaused } from "./strangers.ts";
import { leaseEnd, mayRun } from "./lease.ts";
import { decodeRemoval, runRemoved } from "./removals.ts";
import { entryOf } from "./run-orders.ts";
import { endLease } from "./releasing.ts";
import {
  isLeased,
  Step,
  WORKER_TABLES,
  WorkerState,
  type LeaseRecord,
  type MembershipRecord,
  type WorkerStateOptions,
} from "./state.ts";

export interface WorkerCoreOptions extends WorkerStateOptions {
  /** All rows of a table, in the order of their keys. */
  readonly rows: (table: string) => Iterable<{ readonly key: string; readonly value: string }>;
}

export class WorkerCore {
  /** To read: nothing outside this core changes it. */
  readonly state: WorkerState;

  constructor(options: WorkerCoreOptions) {
    this.state = new WorkerState(options);
    recover(this.state, options);
  }

  /** Takes the events as one: what they change is one commit. */
  step(events: readonly WorkerEvent[], now: Now): Effects {
    const step = new Step(this.state, now);
    for (const event of events) this.#take(step, event);
    endLease(step);
    this.#wake(step);
    speak(step);
    return step.finish();
  }

  /** Whether a start that was commanded is still wanted, and allowed, at this moment on `mono`. */
  mayStart(run: Run, mono: number): boolean {
    const entry = entryOf(this.state, run);
    return entry?.phase.kind === "starting" && mayRun(this.state, entry, mono);
  }

  /** The clock moment of the next thing to be done without an event, milliseconds on `mono`. */
  nextWake(): number | undefined {
    const never = Number.POSITIVE_INFINITY;
    const wake = this.state.wakes.peek()?.atMono ?? never;
    const next = Math.min(wake, nextSpeech(this.state) ?? never, leaseEnd(this.state) ?? never);
    return next === never ? undefined : next;
  }

  #take(step: Step, event: WorkerEvent): void {
    switch (event.kind) {
      case "runsListed":
        return runsListed(step, event);
      case "startProgressed":
        return startProgressed(step, event);
      case "runStarted":
        return runStarted(step, event);
      case "startFailed":
        return startFailed(step, event);
      case "runExited":
        return runExited(step, event);
      case "runPaused":
        return runPaused(step, event);
      case "runAppeared":
        return runAppeared(step, event);
      case "engineChanged":
        return engineChanged(step, event);
      case "diskChanged":
        return diskChanged(this.state, event);
      case "runRemoved":
        return runRemoved(step, event);
      case "tailRead":
        return tailRead(step, event);
      case "runProbed":
        return runProbed(step, event);
      case "useSampled":
        this.state.usage = event.usage;
        if (this.state.link !== undefined) this.state.link.hasNewUsage = true;
        return;
      case "apiOpened":
        this.state.facts = { ...this.state.facts, api: event.api };
        return;
      case "tasksSubmitted":
        return submitLocally(step, event);
      case "stopRequested":
        return requestStop(step, event);
      case "sessionOpened":
        return openLink(step, event.session);
      case "messageReceived":
        return takeMessage(step, event);
      case "sessionClosed":
        return closeLink(this.state, event.session);
      case "leaving":
        this.state.isLeaving = true;
        return;
      case "ticked":
        step.saveAll();
        return forgetOldResults(step);
      default:
        return unreachable(event);
    }
  }

  #wake(step: Step): void {
    const { wakes, entries } = this.state;
    for (let wake = wakes.peek(); wake !== undefined && wake.atMono <= step.now.mono; wake = wakes.peek()) {
      wakes.pop();
      const entry = entries.get(wake.key);
      if (entry?.restarts !== wake.restart) continue;
      if (wake.what === "restart") restartNow(step, entry);
      else probeNow(step, entry);
    }
  }
}

function recover(state: WorkerState, { rows }: WorkerCoreOptions): void {
  const meta = new Map([...rows(WORKER_TABLES.meta)].map(({ key, value }) => [key, value]));
  const membership = meta.get("membership");
  if (membership !== undefined) state.membership = JSON.parse(membership) as MembershipRecord;
  for (const { key, value } of rows(WORKER_TABLES.removals)) state.removals.set(key, decodeRemoval(value));
  for (const { value } of rows(WORKER_TABLES.entries)) {
    const entry = decodeEntry(value, (document: SpecDocument) => state.specs.acquire(document));
    state.entries.set(entry.key, entry);
    if (entry.phase.kind === "ended") continue;
    if (isLeased(entry)) state.leased.add(entry);
    state.ledger.reserve(entry.key, { resources: entry.spec.resources, ports: entry.spec.ports });
    for (const { host, protocol } of entry.ports) state.ledger.holdPort(entry.key, host, protocol);
  }
  const lease = meta.get("lease");
  if (lease !== undefined) recoverLease(state, JSON.parse(lease) as LeaseRecord);
}

/**
 * What is left of the lease of the worker process before this one, and the containers under it, which the guard has to
 * know before the runtime tells; nothing, when the machine was started anew.
 */
function recoverLease(state: WorkerState, { bootId, untilMono, runs }: LeaseRecord): void {
  if (bootId !== state.bootId) return;
  state.leaseUntilMono = untilMono;
  for (const { run, containerId } of runs) {
    const entry = entryOf(state, run);
    if (entry !== undefined) entry.containerId = containerId;
  }
}

/** A task of this worker's own is stopped; for a manager's, the wish is passed on. */
function requestStop(step: Step, { request, task }: Extract<WorkerEvent, { kind: "stopRequested" }>): void {
  const entry = step.state.newestOf(task);
  if (entry === undefined) {
    step.reply(request, { kind: "unknown" });
    return;
  }
  step.reply(request, { kind: "done" });
  if (entry.local) {
    stopEntry(step, entry, "stopped on request");
  } else if (entry.phase.kind !== "ended" && !entry.isStopRequested) {
    entry.isStopRequested = true;
    step.store(entry);
    step.report(entry);
  }
}

/** Results that no manager has taken are kept for a while, and without a manager not without number. */
function forgetOldResults(step: Step): void {
  const { entries, settings } = step.state;
  const most = mostResultsOf(step.state);
  const ended: { entry: Entry; at: number }[] = [];
  for (const entry of entries.values()) {
    if (entry.phase.kind === "ended") ended.push({ entry, at: entry.phase.result.finishedAt });
  }
  ended.sort((a, b) => b.at - a.at);
  for (const [index, { entry, at }] of ended.entries()) {
    if (index >= most || step.now.wall - at > settings.resultsMs) discard(step, entry);
  }
}
