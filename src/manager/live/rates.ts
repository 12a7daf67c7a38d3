/** What happens in a cluster, second by second, for the last minutes: counts, and how long placing and starting took. */
import type { LiveRates } from "../../api/live-json.ts";
import type { Effects } from "../core/events.ts";
import type { Task } from "../../task/task.ts";

const SECOND_MS = 1000;
/** So many seconds are kept. */
const MOST_SECONDS = 300;
/** Of a second's latencies so many are kept, the newest. */
const MOST_LATENCIES = 1000;

type Second = {
  submitted: number;
  placed: number;
  started: number;
  completed: number;
  failed: number;
  readonly placementMs: Latencies;
  readonly startMs: Latencies;
};

export class Rates {
  #seconds: LiveRates[] = [];
  #current = emptySecond();
  /** The second that is counted now: wall clock, whole seconds. */
  #at: number;

  /** `wallMs` as everywhere here: the wall clock in milliseconds. */
  constructor(wallMs: number) {
    this.#at = secondOf(wallMs);
  }

  /** Counts what a step did. */
  take({ events, touched }: Pick<Effects, "events" | "touched">, wallMs: number): void {
    if (events.length === 0) return;
    this.#turnTo(wallMs);
    for (const event of events) {
      if (event.kind !== "task" || event.from === event.to) continue;
      const task = event.task === undefined ? undefined : touched.tasks.get(event.task);
      this.#count(event.to, event.from === undefined, task);
    }
  }

  /** The seconds that are over and began after that moment, oldest first. */
  since(afterMs: number, wallMs: number): readonly LiveRates[] {
    this.#turnTo(wallMs);
    return this.#seconds.filter(({ at }) => at > afterMs);
  }

  #count(to: string | undefined, isNew: boolean, task: Task | undefined): void {
    const second = this.#current;
    if (isNew) second.submitted += 1;
    if (to === "scheduled") {
      second.placed += 1;
      // One that is placed again has waited for more than the scheduler.
      if (task?.attempt === 1 && task.scheduledAt !== undefined)
        second.placementMs.add(task.scheduledAt - task.createdAt);
    } else if (to === "running") {
      second.started += 1;
      if (task?.startedAt !== undefined && task.scheduledAt !== undefined) {
        second.startMs.add(task.startedAt - task.scheduledAt);
      }
    } else if (to === "completed" || to === "failed") second[to] += 1;
  }

  /** Closes the seconds that are over. A clock that goes back lengthens the second that it is in. */
  #turnTo(wallMs: number): void {
    const at = secondOf(wallMs);
    if (at <= this.#at) return;
    const first = Math.max(this.#at, at - MOST_SECONDS);
    for (let second = first; second < at; second += 1) {
      const counted = second === this.#at ? this.#current : emptySecond();
      this.#seconds.push(toldOf(counted, second * SECOND_MS));
    }
    this.#seconds = this.#seconds.slice(-MOST_SECONDS);
    this.#at = at;
    this.#current = emptySecond();
  }
}

class Latencies {
  readonly #values: number[] = [];
  #next = 0;

  /** Clocks of two machines may differ: nothing is shorter than nothing. */
  add(ms: number): void {
    this.#values[this.#next] = Math.max(0, ms);
    this.#next = (this.#next + 1) % MOST_LATENCIES;
  }

  told(): LiveRates["placementMs"] {
    if (this.#values.length === 0) return null;
    const sorted = this.#values.toSorted((a, b) => a - b);
    const percentile = (percent: number): number => sorted[Math.ceil((sorted.length * percent) / 100) - 1] ?? 0;
    return { p50: percentile(50), p99: percentile(99) };
  }
}

function emptySecond(): Second {
  const counts = { submitted: 0, placed: 0, started: 0, completed: 0, failed: 0 };
  return { ...counts, placementMs: new Latencies(), startMs: new Latencies() };
}

function toldOf({ placementMs, startMs, ...counts }: Second, at: number): LiveRates {
  return { at, ...counts, placementMs: placementMs.told(), startMs: startMs.told() };
}

function secondOf(wallMs: number): number {
  return Math.floor(wallMs / SECOND_MS);
}
