/** Measures the machine and the tasks on it, every so often, and says so. */
import type { NodeUse, TaskUse } from "../node/node.ts";
import type { AttemptKey } from "../task/id.ts";
import type { SampledUse } from "./core/events.ts";
import type { Runtime } from "./runtimes/runtime.ts";

/** What a machine has and uses now: bytes and cores. */
export interface MachineSample {
  /** Undefined until there are two measurements to tell a rate from. */
  readonly use: NodeUse | undefined;
  readonly cores: number;
  readonly memory: { readonly total: number; readonly available: number };
  readonly disk: { readonly path: string; readonly total: number; readonly available: number };
}

export interface MachineSource {
  sample(): Promise<MachineSample>;
}

const INTERVAL_MS = 2000;
/** `birdman-ID-ATTEMPT-RESTART` → `ID/ATTEMPT`. */
const NAME = /^birdman-(.+)-(\d+)-\d+$/;

export class UsageSampler {
  readonly #machine: MachineSource;
  readonly #runtimes: readonly Runtime[];
  readonly #onUsage: (usage: SampledUse) => void;
  #tasks: ReadonlyMap<AttemptKey, TaskUse> = new Map();
  /** Of what was measured last: by name, the attempt. */
  #keys: ReadonlyMap<string, AttemptKey> = new Map();
  #timer: NodeJS.Timeout | undefined;
  #isMeasuring = false;

  constructor(machine: MachineSource, runtimes: readonly Runtime[], onUsage: (usage: SampledUse) => void) {
    this.#machine = machine;
    this.#runtimes = runtimes;
    this.#onUsage = onUsage;
  }

  async open(): Promise<void> {
    await this.#measure();
    this.#timer = setInterval(() => void this.#measure(), INTERVAL_MS);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Measured use of an attempt, as of the last measurement. */
  useOf(key: AttemptKey): TaskUse | undefined {
    return this.#tasks.get(key);
  }

  /** One measurement at a time; a runtime that does not answer leaves its tasks out. */
  async #measure(): Promise<void> {
    if (this.#isMeasuring) return;
    this.#isMeasuring = true;
    try {
      const { use } = await this.#machine.sample();
      const all = await Promise.allSettled(this.#runtimes.map((runtime) => runtime.use()));
      const tasks = new Map<AttemptKey, TaskUse>();
      const keys = new Map<string, AttemptKey>();
      for (const measured of all) {
        if (measured.status === "rejected") continue;
        for (const [name, taskUse] of measured.value) {
          const key = this.#keys.get(name) ?? (name.replace(NAME, "$1/$2") as AttemptKey);
          keys.set(name, key);
          tasks.set(key, taskUse);
        }
      }
      this.#tasks = tasks;
      this.#keys = keys;
      if (use !== undefined) this.#onUsage({ node: use, tasks });
    } finally {
      this.#isMeasuring = false;
    }
  }
}
