/**
 * The clocks of one machine: `mono` runs a little fast or slow and starts anew with the machine, `wall` is what the
 * machine believes and is set now and then.
 *
 * The drift stays well within the margin that the lease arithmetic allows for (1 %).
 */
import type { Now } from "../utils/clock.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** The simulation begins at this moment of the wall clock. */
const EPOCH_WALL_MS = 1_767_225_600_000;

export const MOST_DRIFT = 0.005;

export class MachineClock {
  readonly #time: VirtualTime;
  readonly #rate: number;
  #bootedAtMs: number;
  #wallOffsetMs: number;

  /** `rate`: seconds of this clock in one second. */
  constructor(time: VirtualTime, { rate, wallOffsetMs }: { readonly rate: number; readonly wallOffsetMs: number }) {
    this.#time = time;
    this.#rate = rate;
    this.#bootedAtMs = time.nowMs - 1000;
    this.#wallOffsetMs = wallOffsetMs;
  }

  now(): Now {
    return { mono: this.mono, wall: this.wall };
  }

  get mono(): number {
    return (this.#time.nowMs - this.#bootedAtMs) * this.#rate;
  }

  get wall(): number {
    return Math.round(EPOCH_WALL_MS + this.#time.nowMs * this.#rate + this.#wallOffsetMs);
  }

  /** How long it is, in virtual time, until `mono` shows this. */
  untilMono(mono: number): number {
    return (mono - this.mono) / this.#rate;
  }

  /** How long so many milliseconds of this clock are in virtual time. */
  lengthOf(ms: number): number {
    return ms / this.#rate;
  }

  /** Somebody, or a time server, sets the wall clock. */
  stepWall(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  /** The clock that never jumps begins anew. */
  reboot(): void {
    this.#bootedAtMs = this.#time.nowMs;
  }
}
