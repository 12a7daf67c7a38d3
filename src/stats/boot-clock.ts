/** Time since the start of the machine, the time asleep included: what a lease is counted by, also across worker processes. */
import { readFileSync } from "node:fs";
import { uptime } from "node:os";
import type { Now } from "../utils/clock.ts";

/** The kernel tells the time since the start in hundredths of a second only; less than this is no sleep. Milliseconds. */
const SLEEP_MS = 50;

/** Changes with every start of the machine. */
export function readBootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}

export class BootClock {
  /** Between the process's own clock, which is exact and stands still while the machine sleeps, and this one. */
  #offsetMs = sinceBoot() - performance.now();

  /** `mono` counts from the start of the machine, in milliseconds. */
  now(): Now {
    return { mono: this.mono(), wall: Date.now() };
  }

  mono(): number {
    const offsetMs = sinceBoot() - performance.now();
    if (offsetMs > this.#offsetMs + SLEEP_MS) this.#offsetMs = offsetMs;
    return performance.now() + this.#offsetMs;
  }
}

function sinceBoot(): number {
  return uptime() * 1000;
}
