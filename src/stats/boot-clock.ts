/** Time since the start of the machine, the time asleep included: what a lease is counted by, also across worker processes. */
import { readFileSync } from "node:fs";
import { uptime } from "node:os";
import type { Now } from "../utils/clock.ts";

/** The kernel tells the time since the start in hundredths of a second only; less than this is no sleep. Milliseconds. */
const SLEEP_MS = 50;
/** The kernel is asked for it no more often than this: a question costs more than a step of the worker. Milliseconds. */
const ASK_EVERY_MS = 2;

/** Changes with every start of the machine. */
export function readBootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}

export class BootClock {
  /** `mono` counts from the start of the machine, in milliseconds. */
  now(): Now {
    return { mono: this.mono(), wall: Date.now() };
  }

  mono(): number {
    const ownMs = performance.now();
    if (ownMs - askedMs >= ASK_EVERY_MS) {
      askedMs = ownMs;
      const nowMs = sinceBoot() - ownMs;
      if (nowMs > offsetMs + SLEEP_MS) offsetMs = nowMs;
    }
    return ownMs + offsetMs;
  }
}

function sinceBoot(): number {
  return uptime() * 1000;
}

/** Between the process's own clock, which is exact and stands still while the machine sleeps, and that of the machine. */
let offsetMs = sinceBoot() - performance.now();
/** When the kernel was asked last, by the process's own clock. */
let askedMs = performance.now();
