/**
 * Time that passes only when something happens: a queue of happenings, each at its moment, one after the other.
 *
 * Invariant: `nowMs` never goes back, and of two happenings at one moment the one that was arranged first comes first.
 */
import { Heap } from "../utils/heap.ts";
import { Violation } from "./violation.ts";

interface Happening {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** What is far more than any cluster does has lost its way. */
const MOST_HAPPENINGS = 20_000;
const MOST_HAPPENINGS_A_MS = 2;

export class VirtualTime {
  /** Milliseconds since the beginning of the simulation, as no machine in it knows them. */
  nowMs = 0;
  #order = 0;
  #happened = 0;
  readonly #queue = new Heap<Happening>((a, b) => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order));

  /** Number of happenings so far. */
  get happened(): number {
    return this.#happened;
  }

  after(delayMs: number, run: () => void): void {
    this.#order += 1;
    this.#queue.push({ atMs: this.nowMs + (delayMs > 0 ? delayMs : 0), order: this.#order, run });
  }

  /** Lets everything happen that is due until then. Throws a Violation when it never gets there. */
  runUntil(untilMs: number): void {
    const most = this.#happened + MOST_HAPPENINGS + (untilMs - this.nowMs) * MOST_HAPPENINGS_A_MS;
    for (let next = this.#queue.peek(); next !== undefined && next.atMs <= untilMs; next = this.#queue.peek()) {
      this.#queue.pop();
      this.nowMs = next.atMs;
      this.#happened += 1;
      if (this.#happened > most) throw new Violation("turns in circles", "too much happens in too little time");
      next.run();
    }
    this.nowMs = untilMs;
  }
}
