/** Ending, on the worker's own account, what must not run twice once the lease is over. */
import { hasLease, LEASE_OVER } from "./lease.ts";
import { stopEntry } from "./runs.ts";
import type { Step } from "./state.ts";

/** Ends what runs under a lease that has run out; what was read back is left until it is known where it stands. */
export function endLease(step: Step): void {
  const { state, now } = step;
  if (state.leased.size === 0 || hasLease(state, now.mono)) return;
  for (const entry of [...state.leased]) {
    if (entry.isRecovered || entry.stopReason !== undefined) continue;
    entry.isReleased = true;
    stopEntry(step, entry, LEASE_OVER);
  }
}
