/** Ending, on the worker's own account, what must not run twice once the lease is over. */
import type { Entry } from "./entry.ts";
import { hasLease, mayRun } from "./lease.ts";
import { stopEntry } from "./runs.ts";
import type { Step } from "./state.ts";

const REASON = "its lease ran out: the manager was not heard for too long, and may have placed it elsewhere";

/** Ends what runs under a lease that has run out; what was read back is left until it is known where it stands. */
export function endLease(step: Step): void {
  const { state, now } = step;
  if (state.leased.size === 0 || hasLease(state, now)) return;
  for (const entry of [...state.leased]) {
    if (entry.isRecovered || entry.stopReason !== undefined) continue;
    entry.isReleased = true;
    stopEntry(step, entry, REASON);
  }
}

/** The lease ran out while no worker was there: whatever is found of the entry is to end. */
export function releaseRecovered(step: Step, entry: Entry): void {
  if (entry.stopReason !== undefined || mayRun(step, entry)) return;
  entry.isReleased = true;
  entry.stopReason = REASON;
  entry.reason = REASON;
  step.store(entry);
}
