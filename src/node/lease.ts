/**
 * The arithmetic of leases: how long a worker may run, without its manager, what must never run twice
 * (`onDisconnect: stop`), and when the manager may take that for ended.
 *
 * A worker's lease ends `leaseMs` after it *sent* the newest message that the manager has acknowledged; the manager
 * counts from its *receipt*, which is later, and adds what stopping takes and what two clocks may differ by. So
 * whatever was lost or late on the way, the worker has stopped before the manager places the task again.
 * Source: Gray and Cheriton, Leases: An Efficient Fault-Tolerant Mechanism for Distributed File Cache Consistency (SOSP
 * 1989), section 5, on clocks.
 */

/** For the killing itself, after the stop timeout. Milliseconds. */
const MARGIN_MS = 2000;
/** The most by which two clocks' speeds may differ. */
const CLOCK_SKEW = 0.01;

/** Milliseconds since the last receipt from a worker after which a task under its lease has ended for certain. */
export function surelyStoppedMs(leaseMs: number, stopTimeoutMs: number): number {
  return (leaseMs + stopTimeoutMs + MARGIN_MS) * (1 + CLOCK_SKEW);
}
