/**
 * The worker's lease: what must never run twice (`onDisconnect: stop`) runs here only as long as the manager cannot have
 * given it to another node. The arithmetic, and the manager's side of it: `node/lease.ts`.
 *
 * The deadline is on disk, so that the next worker process inherits what is left of it; and a guard outside this process
 * knows it too (`Effects.guard`), which ends the tasks when worker and lease are both gone.
 */
import type { SpecDocument } from "../../task/document.ts";
import type { Entry } from "./entry.ts";
import { isLeased, type Step, type WorkerState } from "./state.ts";

export const LEASE_OVER = "its lease ran out: the manager was not heard for too long, and may have placed it elsewhere";

/** False when starting the entry at this moment on `mono` could run it twice. */
export function mayRun(state: WorkerState, entry: Entry, mono: number): boolean {
  return !isLeased(entry) || hasLease(state, mono);
}

/** The same, of an assignment that is not taken in yet. */
export function hasLeaseFor({ state, now }: Step, { reschedule }: SpecDocument): boolean {
  return reschedule?.onDisconnect !== "stop" || hasLease(state, now.mono);
}

/** The manager has acknowledged a message that was sent at this moment. */
export function prolongLease(step: Step, sentMono: number): void {
  const { state } = step;
  const untilMono = sentMono + state.leaseMs;
  if (untilMono > state.leaseUntilMono) step.lease(untilMono);
}

/** The lease ran out while nobody could act on it: whatever is found of the entry is to end. */
export function releaseIfOver(step: Step, entry: Entry): void {
  if (entry.stopReason !== undefined || mayRun(step.state, entry, step.now.mono)) return;
  entry.isReleased = true;
  entry.stopReason = LEASE_OVER;
  entry.reason = LEASE_OVER;
  step.store(entry);
}

/** When the lease is over, milliseconds on `mono`; undefined when nothing depends on it. */
export function leaseEnd({ leased, leaseUntilMono }: WorkerState): number | undefined {
  for (const { stopReason, isRecovered } of leased) {
    if (stopReason === undefined && !isRecovered) return leaseUntilMono;
  }
  return undefined;
}

export function hasLease({ leaseUntilMono }: WorkerState, mono: number): boolean {
  return mono < leaseUntilMono;
}
