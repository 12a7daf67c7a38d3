import type { Random } from "./clock.ts";

export interface Backoff {
  /** The first wait, in milliseconds. */
  readonly delayMs: number;
  /** No wait is longer, in milliseconds. */
  readonly delayMaxMs: number;
}

/** The wait before try number `attempt` (from 0), doubling, with equal jitter: between half of the step and all of it. */
export function backoffDelay(backoff: Backoff, attempt: number, random: Random): number {
  const step = Math.min(backoff.delayMaxMs, backoff.delayMs * 2 ** Math.min(attempt, 30));
  return Math.round(step / 2 + (step / 2) * random());
}

/**
 * Full jitter: anywhere between nothing and the step, so that many clients cut off at once do not come back at once.
 * Source: Brooker, Exponential Backoff And Jitter (AWS Architecture Blog, 2015).
 */
export function fullJitter(backoff: Backoff, attempt: number, random: Random): number {
  return Math.round(Math.min(backoff.delayMaxMs, backoff.delayMs * 2 ** Math.min(attempt, 30)) * random());
}
