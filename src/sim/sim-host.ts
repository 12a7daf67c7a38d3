/**
 * Drives one core as `utils/host.ts` drives it in a process: what waits is one batch, a step, one commit, and only then
 * the effects, one after the other. No step while a commit is under way.
 *
 * The process can be killed at any moment: between two happenings, while it commits, and between any two effects. A
 * process that was killed does nothing more. It can also be held up (no time on the processor, a stop signal): then
 * what comes in waits, and of its timers none goes off.
 */
import type { Now } from "../utils/clock.ts";
import type { Write } from "../utils/write.ts";
import type { Disk } from "./disk.ts";
import type { MachineClock } from "./machine-clock.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { VirtualTime } from "./virtual-time.ts";

export interface SimHostParts<Event, Effects extends { readonly writes: readonly Write[] }> {
  readonly time: VirtualTime;
  readonly clock: MachineClock;
  readonly random: SeededRandom;
  readonly disk: Disk;
  step(events: readonly Event[], now: Now): Effects;
  /** The clock moment at which the core wants to be woken. */
  nextWake(): number | undefined;
  /** The core wants to be woken, or a second has passed. */
  ticked(): Event;
  /** Has just become durable. */
  committed(effects: Effects): void;
  /** Lets the effects out while `isAlive`, asked before each of them. */
  carryOut(effects: Effects, isAlive: () => boolean): void;
  /** The disk takes nothing: true when the same commit is to be tried again, false when it was given up. */
  refused(): boolean;
  /** The process has died at the point that `killAt` named. */
  killed(point: KillPoint): void;
}

/** Where the process is to die. */
export type KillPoint =
  /** Before the next commit, or in its middle: `durable` says whether it went through. */
  | { readonly kind: "commit"; readonly durable: boolean }
  /** After so many effects of a step that has some. */
  | { readonly kind: "effects"; readonly after: number };

const RETRY_COMMIT_MS = 1000;
/** How often a happening waits a moment for others to come along. */
const TOGETHER = 0.2;

export class SimHost<Event, Effects extends { readonly writes: readonly Write[] }> {
  readonly #parts: SimHostParts<Event, Effects>;
  #waiting: Event[] = [];
  #isBusy = false;
  #isDead = false;
  #killPoint: KillPoint | undefined;
  #heldUntilMs = 0;
  /** The moment, in virtual time, at which the earliest wake goes off that is arranged. */
  #wakeAtMs = Number.POSITIVE_INFINITY;

  constructor(parts: SimHostParts<Event, Effects>) {
    this.#parts = parts;
  }

  /** Committing, or about to step. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** Hands in an event. It is taken with the next batch, together with what comes in the meantime. */
  post(event: Event): void {
    if (this.#isDead) return;
    this.#waiting.push(event);
    this.#schedule();
  }

  /**
   * The same for a happening of its own (a timer, a message): mostly there is nothing else to take along, and the step
   * is taken at once. Not for what is posted while a step's effects are let out.
   */
  take(event: Event): void {
    if (this.#isDead) return;
    this.#waiting.push(event);
    if (this.#isBusy) return;
    if (this.#parts.random.next() < TOGETHER) {
      this.#schedule();
    } else {
      this.#isBusy = true;
      this.#turn();
    }
  }

  /** It is gone: nothing of it happens any more. */
  kill(): void {
    this.#isDead = true;
    this.#waiting = [];
  }

  /** It dies at this point, when it comes there. */
  killAt(point: KillPoint): void {
    this.#killPoint = point;
  }

  /** It does nothing for so long. */
  hold(forMs: number): void {
    this.#heldUntilMs = Math.max(this.#heldUntilMs, this.#parts.time.nowMs + forMs);
  }

  /** How long it still does nothing; 0 when it is not held up. */
  get heldForMs(): number {
    return Math.max(0, this.#heldUntilMs - this.#parts.time.nowMs);
  }

  /** Drops what waits, as a host does whose commit failed. */
  forgetWaiting(): void {
    this.#waiting = [];
  }

  #schedule(): void {
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#parts.time.after(this.#parts.random.next() * 0.3, this.#turn);
  }

  readonly #turn = (): void => {
    if (this.#isDead) return;
    const { time, clock } = this.#parts;
    if (this.#heldUntilMs > time.nowMs) {
      time.after(this.#heldUntilMs - time.nowMs, this.#turn);
      return;
    }
    const events = this.#waiting;
    this.#waiting = [];
    if (events.length === 0) {
      this.#isBusy = false;
      return;
    }
    const effects = this.#parts.step(events, clock.now());
    if (effects.writes.length === 0) this.#finish(effects);
    else this.#commit(effects);
  };

  #commit(effects: Effects): void {
    const { time, random, disk } = this.#parts;
    const point = this.#killPoint;
    time.after(random.magnitude(0.1, 5) * disk.slowness, () => {
      if (this.#isDead) return;
      if (point?.kind === "commit" && !point.durable) {
        this.#die(point);
        return;
      }
      if (disk.isFull) {
        if (this.#parts.refused()) time.after(RETRY_COMMIT_MS, () => this.#retry(effects));
        else this.#next();
        return;
      }
      disk.commit(effects.writes);
      this.#parts.committed(effects);
      if (point?.kind === "commit") this.#die(point);
      else this.#finish(effects);
    });
  }

  #retry(effects: Effects): void {
    if (!this.#isDead) this.#commit(effects);
  }

  #finish(effects: Effects): void {
    const point = this.#killPoint;
    if (point?.kind === "effects") this.#dieWithin(effects, point);
    else this.#parts.carryOut(effects, this.#isAlive);
    if (!this.#isDead) this.#next();
  }

  readonly #isAlive = (): boolean => !this.#isDead;

  /** A step with fewer effects is let out whole; the next one begins to count anew. */
  #dieWithin(effects: Effects, point: Extract<KillPoint, { kind: "effects" }>): void {
    let left = point.after;
    this.#parts.carryOut(effects, () => {
      if (this.#isDead) return false;
      if (left === 0) this.#die(point);
      left -= 1;
      return !this.#isDead;
    });
  }

  #die(point: KillPoint): void {
    this.kill();
    this.#parts.killed(point);
  }

  #next(): void {
    this.#isBusy = false;
    if (this.#waiting.length > 0) this.#schedule();
    this.#arrangeWake();
  }

  /** A wake that is arranged and too early finds nothing due and is arranged again: cheaper than to call it off. */
  #arrangeWake(): void {
    const { clock, time } = this.#parts;
    const mono = this.#parts.nextWake();
    if (mono === undefined || mono === Number.POSITIVE_INFINITY) return;
    const delayMs = Math.max(clock.lengthOf(1), clock.untilMono(mono));
    const atMs = time.nowMs + delayMs;
    if (atMs >= this.#wakeAtMs) return;
    this.#wakeAtMs = atMs;
    time.after(delayMs, this.#wake);
  }

  readonly #wake = (): void => {
    if (this.#isDead || this.#parts.time.nowMs < this.#wakeAtMs) return;
    this.#wakeAtMs = Number.POSITIVE_INFINITY;
    const mono = this.#parts.nextWake();
    if (mono === undefined) return;
    if (mono > this.#parts.clock.mono + 1) this.#arrangeWake();
    else this.take(this.#parts.ticked());
  };
}
