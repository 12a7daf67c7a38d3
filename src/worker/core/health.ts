/** Probing what runs: when, and what a row of failures means. */
import type { Entry } from "./entry.ts";
import type { WorkerEvent } from "./events.ts";
import { entryOf, stopRun } from "./run-orders.ts";
import { runOf, type Step } from "./state.ts";

/** While a task is starting it is probed more often than its interval, so that it is seen healthy soon. */
const STARTING_INTERVAL_MS = 250;

/** The run is up: health is unknown until the first probe. */
export function beginHealth(step: Step, entry: Entry): void {
  const { health } = entry.spec;
  if (health === undefined) return;
  const graceUntilMono = step.now.mono + health.startPeriodMs;
  entry.health = { health: "starting", failures: 0, isProbing: false, graceUntilMono };
  probeLater(step, entry, Math.min(health.intervalMs, STARTING_INTERVAL_MS));
}

/** A moment for a probe has come. */
export function probeNow(step: Step, entry: Entry): void {
  const { ports, spec } = entry;
  const { health, runtime } = spec;
  if (health === undefined || entry.phase.kind !== "running" || entry.health.isProbing) return;
  entry.health = { ...entry.health, isProbing: true };
  const { probe, timeoutMs } = health;
  step.command({ kind: "probe", run: runOf(entry), runtime, probe, ports, timeoutMs });
}

export function runProbed(step: Step, { run, ok, detail }: Extract<WorkerEvent, { kind: "runProbed" }>): void {
  const entry = entryOf(step.state, run);
  const check = entry?.spec.health;
  if (entry === undefined || check === undefined || entry.phase.kind !== "running") return;
  const before = entry.health;
  entry.health = { ...before, isProbing: false };
  if (ok) {
    entry.health = { ...entry.health, health: "healthy", failures: 0 };
    if (before.health !== "healthy") note(step, entry, "running and healthy");
    probeLater(step, entry, check.intervalMs);
    return;
  }
  // Of an engine that does not answer, what reaches its containers may be gone too; and none can be started again.
  if (step.state.sick.has(entry.spec.runtime)) {
    probeLater(step, entry, check.intervalMs);
    return;
  }
  const inGrace = before.health === "starting" && step.now.mono < before.graceUntilMono;
  const failures = inGrace ? 0 : before.failures + 1;
  entry.health = { ...entry.health, failures };
  if (failures < check.retries) {
    if (!inGrace) note(step, entry, `health check failed (${String(failures)} of ${String(check.retries)}): ${detail}`);
    probeLater(step, entry, inGrace ? Math.min(check.intervalMs, STARTING_INTERVAL_MS) : check.intervalMs);
    return;
  }
  entry.health = { ...entry.health, health: "unhealthy" };
  note(step, entry, `unhealthy: ${detail}`);
  stopRun(step, entry, "restart");
}

function note(step: Step, entry: Entry, reason: string): void {
  entry.reason = reason;
  step.report(entry);
}

function probeLater({ state, now }: Step, entry: Entry, delayMs: number): void {
  state.wakes.push({ atMono: now.mono + delayMs, key: entry.key, restart: entry.restarts, what: "probe" });
}
