/**
 * Carries out what a worker's core commands on the machine's engine, the way `worker/executor.ts` does it: what the engine
 * refuses is tried again for as long as it takes, and a list asked for whenever notices may be missing. What it began goes
 * on in the engine when its process is dead; it hears no more of it.
 */
import { attemptKey, type AttemptKey } from "../task/id.ts";
import type { Command, FoundRun, Run, RunExit, WorkerEvent } from "../worker/core/events.ts";
import { EngineHealth } from "./engine-health.ts";
import { containerName, type CallOutcome, type Engine, type EngineNotice } from "./engine.ts";
import type { MachineClock } from "./machine-clock.ts";
import type { SeededRandom } from "./seeded-random.ts";
import { SimStarts } from "./sim-starts.ts";
import type { VirtualTime } from "./virtual-time.ts";

type Of<K extends Command["kind"]> = Extract<Command, { kind: K }>;

export interface SimExecutorParts {
  readonly time: VirtualTime;
  readonly clock: MachineClock;
  readonly random: SeededRandom;
  readonly engine: Engine;
  readonly post: (event: WorkerEvent) => void;
  /** False when too much time has passed since a start was commanded: the lease it was commanded under is over. */
  readonly mayStart: (run: Run) => boolean;
  /** How long its process is still held up. */
  readonly heldForMs: () => number;
}

const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 10_000;
const MOST_TAIL_MS = 2000;
const OUTPUT = "the last lines";

export class SimExecutor {
  readonly #parts: SimExecutorParts;
  readonly #health: EngineHealth;
  readonly #starts: SimStarts;
  readonly #stopping = new Set<string>();
  readonly #removing = new Set<string>();
  /** By attempt: how many of its runs are being removed, and who waits for that. */
  readonly #removals = new Map<AttemptKey, { left: number; waiting: (() => void)[] }>();
  #isListing = false;
  #listAgain = false;
  #afterList: (() => void)[] = [];
  #isDead = false;

  constructor(parts: SimExecutorParts) {
    this.#parts = parts;
    const { time, clock, random, engine, mayStart, heldForMs } = parts;
    const post = (event: WorkerEvent): void => this.#post(event);
    this.#health = new EngineHealth({
      time,
      random,
      engine,
      list: (done) => this.#list(done),
      onChange: (sick) => post({ kind: "engineChanged", runtime: "docker", sick }),
    });
    const whenCleared = (attempt: AttemptKey, run: () => void): void => {
      const removal = this.#removals.get(attempt);
      if (removal === undefined) run();
      else removal.waiting.push(run);
    };
    this.#starts = new SimStarts({
      time,
      clock,
      random,
      engine,
      health: this.#health,
      post,
      whenCleared,
      mayStart,
      heldForMs,
    });
  }

  /** Watches the engine and says what it has; false when it does not answer. */
  open(done: (ok: boolean) => void): void {
    const { engine } = this.#parts;
    if (!engine.isUp) {
      done(false);
      return;
    }
    engine.watch((notice) => this.#noticed(notice));
    this.#list((ok) => {
      if (this.#isDead) return;
      this.#health.open();
      done(ok);
    });
  }

  /** Its process is gone. */
  kill(): void {
    this.#isDead = true;
    this.#parts.engine.watch(undefined);
    this.#health.close();
    this.#starts.close();
  }

  execute(command: Command): void {
    switch (command.kind) {
      case "start":
        return this.#starts.start(command);
      case "cancel":
        return this.#starts.cancel(command.run);
      case "stop":
        return this.#stop(command);
      case "remove":
        return this.#remove(command);
      case "probe":
        return this.#probe(command);
      case "tail":
        return this.#tail(command.run);
      case "resume":
      case "stream":
        return;
    }
  }

  #post(event: WorkerEvent): void {
    if (!this.#isDead) this.#parts.post(event);
  }

  #stop({ run, timeoutMs }: Of<"stop">): void {
    const { engine, time, random } = this.#parts;
    const name = containerName(run);
    this.#stopping.add(name);
    this.#insist<RunExit | undefined>(
      (done) => engine.stop({ name, timeoutMs, cause: "worker" }, done),
      (exit) =>
        time.after(random.magnitude(1, 20), () => {
          this.#post({ kind: "runExited", run, exit, output: exit === undefined ? undefined : OUTPUT });
          this.#stopping.delete(name);
        }),
    );
  }

  /** No list names it again, also none that was asked for before it was gone. */
  #remove({ run }: Of<"remove">): void {
    const name = containerName(run);
    const key = attemptKey(run.task, run.attempt);
    const removal = this.#removals.get(key) ?? { left: 0, waiting: [] };
    this.#removals.set(key, removal);
    removal.left += 1;
    this.#removing.add(name);
    this.#insist(
      (done) => this.#parts.engine.remove(name, "worker", done),
      () => {
        removal.left -= 1;
        if (removal.left === 0) {
          this.#removals.delete(key);
          for (const go of removal.waiting) go();
        }
        this.#post({ kind: "runRemoved", run });
        if (this.#isListing) this.#afterList.push(() => this.#removing.delete(name));
        else this.#removing.delete(name);
      },
    );
  }

  /** An engine that says nothing says nothing of the health of what it runs: the probe waits for it. */
  #probe(command: Of<"probe">): void {
    this.#health.whenWell(() => {
      if (this.#isDead) return;
      const { engine, time, random } = this.#parts;
      const isHealthy = engine.isHealthy(containerName(command.run));
      if (isHealthy === undefined) {
        time.after(command.timeoutMs, () => {
          if (!this.#isDead) this.#probe(command);
        });
        return;
      }
      const { run } = command;
      time.after(random.magnitude(0.5, 50), () =>
        this.#post({ kind: "runProbed", run, ok: isHealthy, detail: "probed" }),
      );
    });
  }

  #noticed(notice: EngineNotice): void {
    if (this.#isDead) return;
    switch (notice.kind) {
      case "exited":
        return this.#exited(notice);
      case "removed":
        return this.#post({ kind: "runExited", run: notice.ref, exit: undefined, output: undefined });
      case "appeared":
        return this.#post({ kind: "runAppeared", run: notice.ref, runtime: "docker" });
      case "uncertain":
        return this.#listInsisting();
    }
  }

  /** A stop under way answers for itself. */
  #exited({ ref, exit }: Extract<EngineNotice, { kind: "exited" }>): void {
    if (this.#stopping.has(containerName(ref))) return;
    this.#post({ kind: "runExited", run: ref, exit, output: undefined });
  }

  /** The last lines are read for so long at most, and may not be had. */
  #tail(run: Run): void {
    const { engine, time, random } = this.#parts;
    const waitMs = engine.isSilent ? MOST_TAIL_MS : random.magnitude(1, 50);
    time.after(waitMs, () => this.#post({ kind: "tailRead", run, output: random.chance(0.8) ? OUTPUT : undefined }));
  }

  #listInsisting(): void {
    this.#insist<undefined>(
      (done) =>
        this.#list((ok) =>
          done(ok ? { value: undefined } : { failure: "engine", message: "no list", isSilence: true }),
        ),
      () => undefined,
    );
  }

  /** One list at a time; what is asked for meanwhile needs another one. */
  #list(done: (ok: boolean) => void): void {
    if (this.#isListing) {
      this.#listAgain = true;
      done(true);
      return;
    }
    this.#isListing = true;
    const askedMono = this.#parts.clock.mono;
    this.#parts.engine.list((outcome) => {
      if (this.#isDead) return;
      if ("value" in outcome) {
        const runs = outcome.value.filter(({ ref }: FoundRun) => !this.#removing.has(containerName(ref)));
        this.#post({ kind: "runsListed", runtime: "docker", runs, askedMono });
      }
      this.#isListing = false;
      const waiting = this.#afterList;
      this.#afterList = [];
      for (const run of waiting) run();
      const again = this.#listAgain;
      this.#listAgain = false;
      if (again) this.#listInsisting();
      done("value" in outcome);
    });
  }

  /** Tries until it works: what the core commanded must come true, however long the engine is in trouble. */
  #insist<T>(attempt: (done: (outcome: CallOutcome<T>) => void) => void, then: (value: T) => void, tries = 0): void {
    this.#health.whenWell(() => {
      if (this.#isDead) return;
      attempt((outcome) => {
        if (this.#isDead) return;
        if ("value" in outcome) {
          then(outcome.value);
          return;
        }
        const { time, random } = this.#parts;
        const waitMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** tries) * random.between(0.5, 1);
        time.after(waitMs, () => this.#insist(attempt, then, tries + 1));
      });
    });
  }
}
