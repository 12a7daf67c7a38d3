/**
 * Whether the machine's engine answers, as `worker/engine-watch.ts` finds out: *sick* after some seconds of silence, and
 * well again once it answers and has said all that it has. Meanwhile calls are not made but wait.
 */
import type { Engine } from "./engine.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { VirtualTime } from "./virtual-time.ts";

export interface EngineHealthParts {
  readonly time: VirtualTime;
  readonly random: SeededRandom;
  readonly engine: Engine;
  /** Asks for all that the engine has and takes it in; says whether it answered. */
  readonly list: (done: (ok: boolean) => void) => void;
  /** It became sick, and why in a sentence; or, without one, well again. */
  readonly onChange: (sick: string | undefined) => void;
}

const CHECK_AGAIN_MS = 500;

export class EngineHealth {
  readonly #parts: EngineHealthParts;
  #waiting: (() => void)[] = [];
  #isClosed = false;
  isSick = false;

  constructor(parts: EngineHealthParts) {
    this.#parts = parts;
  }

  open(): void {
    this.#parts.engine.onSilence = () => this.#suspect();
    if (this.#parts.engine.isSilent) this.#suspect();
  }

  close(): void {
    this.#isClosed = true;
  }

  /** Calls back when, or as soon as, it is well. */
  whenWell(run: () => void): void {
    if (this.isSick) this.#waiting.push(run);
    else run();
  }

  /** Two checks in a row without an answer. */
  #suspect(): void {
    const { time, random, engine } = this.#parts;
    time.after(random.between(3500, 8500), () => {
      if (this.#isClosed || this.isSick || !engine.isSilent) return;
      this.isSick = true;
      this.#parts.onChange("it does not answer");
      this.#checkLater();
    });
  }

  #checkLater(): void {
    this.#parts.time.after(CHECK_AGAIN_MS, () => {
      if (this.#isClosed) return;
      if (this.#parts.engine.isSilent) this.#checkLater();
      else this.#parts.list((ok) => this.#listed(ok));
    });
  }

  #listed(ok: boolean): void {
    if (this.#isClosed) return;
    if (!ok) {
      this.#checkLater();
      return;
    }
    this.isSick = false;
    this.#parts.onChange(undefined);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const run of waiting) run();
  }
}
