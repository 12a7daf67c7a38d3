/**
 * The guard of a machine, as `worker/guard.ts` is: it ends what must not run twice when the lease is over, whether or not
 * the worker is there. It lives on when the worker dies, and ends with the machine.
 */
import type { GuardedRun, GuardOrder } from "../worker/core/events.ts";
import { containerName, type Engine } from "./engine.ts";
import type { Landmarks } from "./landmarks.ts";
import type { MachineClock } from "./machine-clock.ts";
import type { VirtualTime } from "./virtual-time.ts";

export interface SimGuardParts {
  readonly time: VirtualTime;
  readonly clock: MachineClock;
  readonly engine: Engine;
  readonly landmarks: Landmarks;
}

/** The worker, if it is there, does it itself: so much later it has begun. */
const PRECEDENCE_MS = 300;
/** What an engine may take beyond the stop timeout, before it counts as one that does not answer. */
const ENGINE_MS = 500;
const RETRY_MS = 1000;

export class SimGuard {
  readonly #parts: SimGuardParts;
  #order: GuardOrder | undefined;
  /** It waits to look at its order again. */
  #isWaiting = false;
  /** Counts the starts of the machine: what waits is of one of them. */
  #boot = 0;

  constructor(parts: SimGuardParts) {
    this.#parts = parts;
  }

  tell(order: GuardOrder): void {
    this.#order = order;
    if (order.runs.length > 0 && !this.#isWaiting) this.#wait();
  }

  /** The machine is off, and the guard with it. */
  reboot(): void {
    this.#boot += 1;
    this.#order = undefined;
    this.#isWaiting = false;
  }

  #wait(minMs = 0): void {
    const { time, clock } = this.#parts;
    const boot = this.#boot;
    const leftMs = clock.untilMono((this.#order?.untilMono ?? 0) + PRECEDENCE_MS);
    this.#isWaiting = true;
    time.after(Math.max(1, minMs, leftMs), () => {
      if (this.#boot !== boot) return;
      this.#isWaiting = false;
      this.#look();
    });
  }

  #look(): void {
    const order = this.#order;
    if (order === undefined || order.runs.length === 0) return;
    if (this.#parts.clock.mono < order.untilMono + PRECEDENCE_MS) {
      this.#wait();
      return;
    }
    const boot = this.#boot;
    let left = order.runs.length;
    let hasFailed = false;
    for (const run of order.runs) {
      this.#end(run, (ok) => {
        if (this.#boot !== boot) return;
        left -= 1;
        if (!ok) hasFailed = true;
        if (left === 0 && hasFailed && !this.#isWaiting) this.#wait(RETRY_MS);
      });
    }
  }

  /** By the engine; and where that does not answer in time, without it. */
  #end({ run, stopTimeoutMs, containerId }: GuardedRun, done: (ok: boolean) => void): void {
    const { engine, landmarks, time } = this.#parts;
    const name = containerName(run);
    if (engine.containers.get(name)?.state === "running") landmarks.saw("guardStopped");
    let isOver = false;
    const withoutEngine = (): void => {
      if (isOver) return;
      isOver = true;
      const container = engine.containers.get(name);
      const canKill = containerId !== undefined;
      if (canKill && container?.state === "running") {
        landmarks.saw("guardKilledWithoutEngine");
        engine.end(container, { exitCode: 137, cause: "guard" });
      }
      done(canKill);
    };
    time.after(stopTimeoutMs + ENGINE_MS, withoutEngine);
    engine.stop({ name, timeoutMs: stopTimeoutMs, cause: "guard" }, (outcome) => {
      if (!("value" in outcome)) withoutEngine();
      else if (!isOver) {
        isOver = true;
        done(true);
      }
    });
  }
}
