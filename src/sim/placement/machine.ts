/**
 * One machine that is shared: its tasks slow each other down.
 *
 * The processor is shared: where the tasks want more cores than there are, each gets the same part of what it wants.
 * Where they want more memory than there is, the machine pages, and everything on it takes ten times as long. That is
 * the model of the simulations in Amir et al., IEEE TPDS 11(7), 2000, where every job wants one whole processor.
 *
 * All tasks of a machine thus advance at one pace, so a single clock of progress serves them all: a task ends when that
 * clock has gone on by its work. A change on the machine changes the pace, and no task has to be touched.
 */
import type { Resources } from "../../task/spec.ts";
import type { ArrivingTask } from "./workload.ts";

/** How much slower everything is on a machine that pages. */
export const PAGING_FACTOR = 10;

export interface Running {
  /** Its place in the workload. */
  readonly number: number;
  readonly task: ArrivingTask;
  /** Reading of the clock of progress at which it ends. */
  readonly endsAt: number;
}

export class Machine {
  readonly capacity: Resources;
  /** Whoever ends next comes last: there are never many, and the last is cheap to take. */
  readonly #running: Running[] = [];
  #cpu = 0;
  #memory = 0;
  #progress = 0;
  #asOfMs = 0;

  constructor(capacity: Resources) {
    this.capacity = capacity;
  }

  /** What runs, in no order that means anything. */
  get running(): readonly Running[] {
    return this.#running;
  }

  /** Cores that the tasks would use if they could; more than the machine has where they are in each other's way. */
  get wantedCpu(): number {
    return this.#cpu;
  }

  /** Bytes that the tasks have, in memory or paged out. */
  get wantedMemory(): number {
    return this.#memory;
  }

  /** Milliseconds of work that each task does in a millisecond: 1 where nothing is short. */
  get pace(): number {
    const share = this.#cpu > this.capacity.cpu ? this.capacity.cpu / this.#cpu : 1;
    return this.#memory > this.capacity.memory ? share / PAGING_FACTOR : share;
  }

  /** When the next task ends if nothing changes; infinity when none runs, or the machine has no processor for it. */
  get nextEndMs(): number {
    const next = this.#running.at(-1);
    return next === undefined ? Number.POSITIVE_INFINITY : this.#asOfMs + (next.endsAt - this.#progress) / this.pace;
  }

  start(number: number, task: ArrivingTask, nowMs: number): void {
    this.#advance(nowMs);
    const started = { number, task, endsAt: this.#progress + task.workMs };
    let place = this.#running.push(started) - 1;
    for (; place > 0; place -= 1) {
      const other = this.#running[place - 1];
      if (other === undefined || other.endsAt > started.endsAt) break;
      this.#running[place] = other;
    }
    this.#running[place] = started;
    this.#cpu += task.use.cpu;
    this.#memory += task.use.memory;
  }

  /** Takes away the task that ends next, which is now. */
  endNext(nowMs: number): Running | undefined {
    const ended = this.#running.pop();
    if (ended === undefined) return undefined;
    this.#progress = ended.endsAt; // exactly, whatever rounding made of the moment
    this.#asOfMs = nowMs;
    this.#cpu -= ended.task.use.cpu;
    this.#memory -= ended.task.use.memory;
    if (this.#running.length === 0) this.#rest();
    return ended;
  }

  #advance(nowMs: number): void {
    this.#progress += (nowMs - this.#asOfMs) * this.pace;
    this.#asOfMs = nowMs;
  }

  /** Nothing runs: what rounding left behind goes. */
  #rest(): void {
    this.#cpu = 0;
    this.#memory = 0;
    this.#progress = 0;
  }
}
