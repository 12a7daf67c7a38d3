/**
 * The runs of an entry: started, ended, started again under its restart policy, stopped. Whatever comes in about a run
 * that is no longer the current one is old news.
 */
import type { Now } from "../../utils/clock.ts";
import { backoffDelay } from "../../utils/backoff.ts";
import { formatSize } from "../../utils/sizes.ts";
import { NO_HEALTH, type Entry, type Result } from "./entry.ts";
import type { RunExit, WorkerEvent } from "./events.ts";
import { beginHealth } from "./health.ts";
import { releaseIfOver } from "./lease.ts";
import { removeForGood } from "./removals.ts";
import { choosePortsAgain } from "./ports.ts";
import { entryOf, startRun, stopRun } from "./run-orders.ts";
import { runOf, type Step } from "./state.ts";

type Of<K extends WorkerEvent["kind"]> = Extract<WorkerEvent, { kind: K }>;

/** Dynamic ports are chosen anew so often before the start counts as failed. */
const MOST_PORT_TRIES = 20;
/** Of a task that never gives up, the newest restarts: enough for the longest delay. */
const MOST_TIMES_KEPT = 30;

export function startProgressed(step: Step, { run, reason }: Of<"startProgressed">): void {
  const entry = entryOf(step.state, run);
  if (entry?.phase.kind !== "starting" || entry.stopReason !== undefined) return;
  entry.reason = reason;
  step.report(entry);
}

export function runStarted(step: Step, { run, containerId, startedAt }: Of<"runStarted">): void {
  const entry = entryOf(step.state, run);
  if (entry?.phase.kind !== "starting") return;
  markRunning(step, entry, { containerId, startedAt });
  if (entry.stopReason !== undefined) stopRun(step, entry, "end");
}

/** The run is known to be up. */
export function markRunning(
  step: Step,
  entry: Entry,
  run: { readonly containerId: string; readonly startedAt: number },
): void {
  entry.phase = { kind: "running", sinceMono: step.now.mono };
  entry.begunRun = entry.restarts;
  entry.containerId = run.containerId;
  entry.startedAt = run.startedAt;
  entry.portTries = 0;
  entry.reason = entry.restarts === 0 ? "running" : `running after ${count(entry.restarts, "restart")}`;
  beginHealth(step, entry);
  step.learned(entry);
  step.report(entry);
}

export function startFailed(step: Step, { run, failure, message }: Of<"startFailed">): void {
  const entry = entryOf(step.state, run);
  if (entry?.phase.kind !== "starting") return;
  if (failure === "cancelled") releaseIfOver(step, entry);
  if (entry.stopReason !== undefined) {
    endStopped(step, entry, { reason: "stopped before it was started" });
    return;
  }
  if (failure === "cancelled") {
    startRun(step, entry); // the lease was over when its turn came, and has been prolonged since
    return;
  }
  const canMovePorts = entry.spec.ports.some((port) => port.host === 0 || port.wish);
  if (failure === "ports" && canMovePorts && entry.portTries < MOST_PORT_TRIES) {
    entry.portTries += 1;
    choosePortsAgain(step.state, entry);
    step.store(entry);
    startRun(step, entry);
    return;
  }
  if (failure === "engine" && canRestart(entry, step.now)) {
    waitToRestart(step, entry, `the engine did not start it: ${message}`);
    return;
  }
  const fatal = failure === "command" || failure === "spec";
  end(step, entry, { state: "failed", exitCode: failure === "command" ? 127 : undefined, reason: message, fatal });
}

export function runExited(step: Step, { run, exit, output }: Of<"runExited">): void {
  const entry = entryOf(step.state, run);
  if (entry === undefined) return;
  const { phase } = entry;
  if (phase.kind === "waiting" || phase.kind === "ending" || phase.kind === "ended") return;
  // Its start's answer is still to come, or was lost; it must not be tried again.
  if (phase.kind === "starting") step.command({ kind: "cancel", run });
  if (entry.stopReason !== undefined) {
    endStopped(step, entry, { reason: "stopped", exitCode: exit?.exitCode, output, at: exit?.finishedAt });
    return;
  }
  if (phase.kind === "stopping") {
    if (canRestart(entry, step.now)) waitToRestart(step, entry, entry.reason);
    else giveUp(step, entry, { reason: entry.reason, exit, output });
    return;
  }
  if (exit !== undefined && output === undefined && !isRestarted(entry, exit, step.now)) readTail(step, entry, exit);
  else afterExit(step, entry, { exit, output });
}

/** That it ended is told at once; how it ends, once its last lines are there. */
function readTail(step: Step, entry: Entry, exit: RunExit): void {
  entry.phase = { kind: "ending", exit };
  entry.health = NO_HEALTH;
  entry.reason = exitSentence(entry, exit);
  step.command({ kind: "tail", run: runOf(entry), runtime: entry.spec.runtime });
  step.report(entry);
}

export function tailRead(step: Step, { run, output }: Of<"tailRead">): void {
  const entry = entryOf(step.state, run);
  if (entry?.phase.kind !== "ending") return;
  const { exit } = entry.phase;
  if (entry.stopReason === undefined) afterExit(step, entry, { exit, output });
  else endStopped(step, entry, { reason: "stopped", exitCode: exit.exitCode, output, at: exit.finishedAt });
}

/** True when its policy does not let it be over. */
function isRestarted(entry: Entry, exit: RunExit, now: Now): boolean {
  return (exit.exitCode !== 0 || entry.spec.restart.policy === "always") && canRestart(entry, now);
}

/** What the restart policy makes of a run that ended by itself. */
function afterExit(step: Step, entry: Entry, { exit, output }: Omit<GivenUp, "reason">): void {
  const { policy } = entry.spec.restart;
  const reason = exitSentence(entry, exit);
  if (exit?.exitCode === 0 && policy !== "always") {
    end(step, entry, { state: "completed", exitCode: 0, reason, fatal: false, output, at: exit.finishedAt });
  } else if (canRestart(entry, step.now)) {
    waitToRestart(step, entry, reason);
  } else {
    giveUp(step, entry, { reason, exit, output });
  }
}

interface GivenUp {
  readonly reason: string;
  readonly exit: RunExit | undefined;
  readonly output: string | undefined;
}

function giveUp(step: Step, entry: Entry, { reason, exit, output }: GivenUp): void {
  const { policy, attempts } = entry.spec.restart;
  const used = policy === "never" || attempts === 0 ? "" : `; all ${count(attempts, "restart")} used up`;
  const fatal = policy === "never";
  end(step, entry, {
    state: "failed",
    exitCode: exit?.exitCode,
    reason: `${reason}${used}`,
    fatal,
    output,
    at: exit?.finishedAt,
  });
}

/** Stops the entry for good. What is not running yet ends at once, what starts is cancelled. */
export function stopEntry(step: Step, entry: Entry, reason: string): void {
  if (entry.phase.kind === "ended" || entry.stopReason !== undefined) return;
  entry.stopReason = reason;
  entry.reason = reason;
  step.store(entry);
  step.report(entry);
  switch (entry.phase.kind) {
    case "starting":
      step.command({ kind: "cancel", run: runOf(entry) });
      return;
    case "running":
      stopRun(step, entry, "end");
      return;
    case "stopping":
      entry.phase = { kind: "stopping", next: "end" };
      return;
    case "ending":
      return;
    case "waiting":
      endStopped(step, entry, { reason: "stopped between two runs" });
      return;
  }
}

/** The wait is over: the next run. */
export function restartNow(step: Step, entry: Entry): void {
  if (entry.phase.kind !== "waiting" || entry.phase.untilMono > step.now.mono) return;
  removeForGood(step, runOf(entry), entry.spec.runtime);
  entry.restarts += 1;
  entry.portTries = 0;
  entry.reason = `starting again (restart ${String(entry.restarts)})`;
  step.store(entry);
  startRun(step, entry);
}

/** The entry is forgotten, and every trace of its last run removed. */
export function discard(step: Step, entry: Entry): void {
  removeForGood(step, runOf(entry), entry.spec.runtime);
  step.forget(entry);
}

function canRestart(entry: Entry, now: Now): boolean {
  const { policy, attempts, windowMs } = entry.spec.restart;
  if (policy === "never") return false;
  if (policy === "always") return true;
  return recentRestarts(entry, now, windowMs).length < attempts;
}

function waitToRestart(step: Step, entry: Entry, reason: string): void {
  const { state, now } = step;
  const { windowMs, delayMs, delayMaxMs, attempts, policy } = entry.spec.restart;
  const recent = recentRestarts(entry, now, windowMs);
  const delay = backoffDelay({ delayMs, delayMaxMs }, recent.length, state.random);
  const kept = policy === "always" ? MOST_TIMES_KEPT : recent.length;
  entry.restartTimes = [...recent.slice(-kept), now.wall];
  entry.phase = { kind: "waiting", untilMono: now.mono + delay };
  entry.health = { ...NO_HEALTH, health: entry.spec.health === undefined ? "none" : "starting" };
  const which = policy === "always" ? "" : ` (${String(recent.length + 1)} of ${String(attempts)})`;
  entry.reason = `${reason}; starting again in ${String(Math.round(delay / 100) / 10)} s${which}`;
  state.wakes.push({ atMono: now.mono + delay, key: entry.key, restart: entry.restarts, what: "restart" });
  step.store(entry);
  step.report(entry);
}

/** A wait that was cut short by a restart of the worker begins anew; its restart has been counted. */
export function waitAgain(step: Step, entry: Entry): void {
  const { state, now } = step;
  const { delayMs, delayMaxMs, windowMs } = entry.spec.restart;
  const counted = Math.max(0, recentRestarts(entry, now, windowMs).length - 1);
  const untilMono = now.mono + backoffDelay({ delayMs, delayMaxMs }, counted, state.random);
  entry.phase = { kind: "waiting", untilMono };
  state.wakes.push({ atMono: untilMono, key: entry.key, restart: entry.restarts, what: "restart" });
  step.report(entry);
}

function recentRestarts({ restartTimes }: Entry, now: Now, windowMs: number): readonly number[] {
  return restartTimes.filter((at) => now.wall - at < windowMs);
}

/**
 * It ended as it was told to. Of a worker's own task that is its end. A manager's has many reasons to stop an attempt, and
 * another manager, or one with an older store, than the one that gave the order may hear of it.
 */
export function endStopped(
  step: Step,
  entry: Entry,
  ending: Pick<Ending, "reason" | "output" | "at"> & { readonly exitCode?: number | undefined },
): void {
  const { isReleased, stopReason, local } = entry;
  const reason = isReleased ? (stopReason ?? ending.reason) : ending.reason;
  end(step, entry, {
    exitCode: undefined,
    fatal: false,
    ...ending,
    reason,
    state: local ? "completed" : "released",
  });
}

interface Ending extends Omit<Result, "finishedAt" | "output"> {
  readonly output?: string | undefined;
  readonly at?: number | undefined;
}

/** The attempt is over here: it holds nothing any more, and its result waits to be taken. */
function end(step: Step, entry: Entry, { at, output, ...rest }: Ending): void {
  entry.phase = { kind: "ended", result: { ...rest, output, finishedAt: at ?? step.now.wall } };
  entry.reason = rest.reason;
  entry.health = NO_HEALTH;
  step.state.ledger.release(entry.key);
  step.store(entry);
  step.report(entry);
}

function exitSentence(entry: Entry, exit: RunExit | undefined): string {
  if (exit === undefined) return "its container was removed by somebody else";
  if (exit.oomKilled) {
    const { memory } = entry.spec.limits;
    return `killed: out of memory${memory === undefined ? "" : ` (limit ${formatSize(memory)})`}`;
  }
  if (exit.exitCode === 0) return "ended with exit code 0";
  const signal = exit.exitCode > 128 && exit.exitCode < 160 ? ` (signal ${String(exit.exitCode - 128)})` : "";
  return `ended with exit code ${String(exit.exitCode)}${signal}`;
}

function count(number: number, noun: string): string {
  return `${String(number)} ${noun}${number === 1 ? "" : "s"}`;
}
