/**
 * The starts that a worker's core commanded, as `worker/starts.ts` carries them out: some at once, the others in turn;
 * tried again for as long as the engine is silent, until the start's own time is over; called off at once while they wait.
 */
import { withoutSecrets } from "../task/spec.ts";
import { attemptKey, type AttemptKey } from "../task/id.ts";
import type { Command, Run, StartFailure, WorkerEvent } from "../worker/core/events.ts";
import type { EngineHealth } from "./engine-health.ts";
import { containerName, type CallOutcome, type Container, type Engine } from "./engine.ts";
import type { MachineClock } from "./machine-clock.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { VirtualTime } from "./virtual-time.ts";

export type StartCommand = Extract<Command, { kind: "start" }>;

export interface SimStartsParts {
  readonly time: VirtualTime;
  readonly clock: MachineClock;
  readonly random: SeededRandom;
  readonly engine: Engine;
  readonly health: EngineHealth;
  readonly post: (event: WorkerEvent) => void;
  /** False when too much time has passed since the command was given: the lease it was given under is over. */
  readonly mayStart: (run: Run) => boolean;
  /** How long its process is still held up. */
  readonly heldForMs: () => number;
  /** Calls back when nothing of the attempt's earlier runs is being removed any more. */
  readonly whenCleared: (attempt: AttemptKey, run: () => void) => void;
}

/** A start until it is answered. */
interface Pending {
  readonly command: StartCommand;
  /** The latest moment of its next sign of progress; infinity while its clock stands. */
  deadlineMs: number;
  abortedBy: "cancel" | "timeout" | undefined;
  /** Ends the stage that it is in, where that can be ended. */
  onAbort: (() => void) | undefined;
  hasPlace: boolean;
  isSettled: boolean;
}

const MOST_STARTS = 10;

export class SimStarts {
  readonly #parts: SimStartsParts;
  readonly #pending = new Map<string, Pending>();
  readonly #queue: Pending[] = [];
  #places = MOST_STARTS;
  #isClosed = false;

  constructor(parts: SimStartsParts) {
    this.#parts = parts;
  }

  close(): void {
    this.#isClosed = true;
  }

  start(command: StartCommand): void {
    const pending: Pending = {
      command,
      deadlineMs: Number.POSITIVE_INFINITY,
      abortedBy: undefined,
      onAbort: undefined,
      hasPlace: false,
      isSettled: false,
    };
    this.#pending.set(containerName(command.run), pending);
    this.#stage(
      pending,
      (go) => this.#parts.whenCleared(attemptKey(command.run.task, command.run.attempt), go),
      () => this.#untilAnswered(pending),
    );
  }

  cancel(run: Run): void {
    const pending = this.#pending.get(containerName(run));
    if (pending === undefined) {
      this.#parts.post({ kind: "startFailed", run, failure: "cancelled", message: "cancelled" });
    } else this.#abort(pending, "cancel");
  }

  /** Waits for something, unless it is called off meanwhile. */
  #stage(pending: Pending, wait: (go: () => void) => void, then: () => void): void {
    let isOver = false;
    pending.onAbort = () => {
      isOver = true;
      this.#aborted(pending);
    };
    wait(() => {
      if (isOver || this.#isClosed) return;
      isOver = true;
      pending.onAbort = undefined;
      then();
    });
  }

  #untilAnswered(pending: Pending): void {
    const { health } = this.#parts;
    if (!health.isSick) {
      this.#queueUp(pending);
      return;
    }
    this.#progressed(pending, "waiting: the engine does not answer");
    // Of a manager's task, another node may do better; a local one has none but this.
    if (pending.command.local) pending.deadlineMs = Number.POSITIVE_INFINITY;
    else this.#startClock(pending);
    this.#stage(
      pending,
      (go) => health.whenWell(go),
      () => this.#queueUp(pending),
    );
  }

  #queueUp(pending: Pending): void {
    this.#queue.push(pending);
    pending.onAbort = () => this.#aborted(pending);
    this.#next();
  }

  #next(): void {
    while (this.#places > 0) {
      const pending = this.#queue.shift();
      if (pending === undefined) return;
      if (pending.isSettled) continue;
      this.#places -= 1;
      pending.hasPlace = true;
      pending.onAbort = undefined;
      this.#startClock(pending);
      this.#try(pending);
    }
  }

  #try(pending: Pending): void {
    const { time, heldForMs, mayStart } = this.#parts;
    if (heldForMs() > 0) {
      time.after(heldForMs(), () => {
        if (!this.#isClosed) this.#try(pending);
      });
    } else if (mayStart(pending.command.run)) this.#fetchImage(pending);
    else this.#failed(pending, "cancelled", "its lease is over");
  }

  #giveUpPlace(pending: Pending): void {
    if (!pending.hasPlace) return;
    pending.hasPlace = false;
    this.#places += 1;
    if (!this.#isClosed) this.#next();
  }

  /** Where the image is not there: the one stage of the call itself that can be called off. */
  #fetchImage(pending: Pending): void {
    const { time, random, engine } = this.#parts;
    if (!random.chance(engine.faults.pullRate)) {
      this.#create(pending);
      return;
    }
    let stepsLeft = 1 + random.below(4);
    this.#stage(
      pending,
      (go) => {
        const step = (): void => {
          if (this.#isClosed || pending.isSettled) return;
          if (engine.isSilent) time.after(1000, step);
          else if (stepsLeft === 0) go();
          else {
            stepsLeft -= 1;
            this.#startClock(pending);
            this.#progressed(pending, `pulling (${String(stepsLeft)} to go)`);
            time.after(random.magnitude(100, 20_000), step);
          }
        };
        time.after(random.magnitude(20, 500), step);
      },
      () => this.#create(pending),
    );
  }

  /** From here on a start is not called off in the middle: it comes true, or is undone. */
  #create(pending: Pending): void {
    const { random, engine, time, heldForMs } = this.#parts;
    if (heldForMs() > 0) {
      time.after(heldForMs(), () => {
        if (!this.#isClosed) this.#create(pending);
      });
      return;
    }
    const { run, name, spec, ports, local, createdAt } = pending.command;
    if (!this.#parts.mayStart(pending.command.run)) {
      this.#failed(pending, "cancelled", "its lease is over");
      return;
    }
    const isThere = engine.containers.has(containerName(run));
    if (!isThere && random.chance(engine.faults.startFailureRate)) {
      const failure = random.oneOf<StartFailure>("image", "command", "ports", "spec", "engine");
      const message = `the engine cannot start it (${failure})`;
      time.after(random.magnitude(5, 200), () => this.#answered(pending, { failure, message, isSilence: false }));
      return;
    }
    const label = { name, local, createdAt, spec: withoutSecrets(spec.document) };
    const isCalledOff = (): boolean => pending.abortedBy !== undefined || this.#isClosed;
    const request = { name: containerName(run), ref: run, spec, ports, label, isCalledOff };
    engine.start(request, (outcome) => this.#answered(pending, outcome));
  }

  #answered(pending: Pending, outcome: CallOutcome<Container>): void {
    if (this.#isClosed) return;
    const { run } = pending.command;
    if ("value" in outcome) {
      const { id, startedAt } = outcome.value;
      this.#settle(pending);
      this.#parts.post({ kind: "runStarted", run, containerId: id, startedAt: startedAt ?? this.#parts.clock.wall });
    } else if (pending.abortedBy !== undefined) {
      this.#aborted(pending);
    } else if (outcome.isSilence) {
      this.#giveUpPlace(pending);
      this.#progressed(pending, `trying again: ${outcome.message}`);
      this.#untilAnswered(pending);
    } else {
      // After a failure that the engine told, the container is gone, or could not be removed either.
      const { failure, message } = outcome;
      this.#parts.engine.remove(containerName(run), "worker", () => this.#failed(pending, failure, message));
    }
  }

  #aborted(pending: Pending): void {
    const isTimeout = pending.abortedBy === "timeout";
    const message = isTimeout ? "it did not start, nor make any progress, in time" : "cancelled";
    this.#failed(pending, isTimeout ? "timeout" : "cancelled", message);
  }

  #failed(pending: Pending, failure: StartFailure, message: string): void {
    if (pending.isSettled || this.#isClosed) return;
    this.#settle(pending);
    this.#parts.post({ kind: "startFailed", run: pending.command.run, failure, message });
  }

  #settle(pending: Pending): void {
    const name = containerName(pending.command.run);
    pending.isSettled = true;
    pending.deadlineMs = Number.POSITIVE_INFINITY;
    pending.onAbort = undefined;
    if (this.#pending.get(name) === pending) this.#pending.delete(name);
    this.#giveUpPlace(pending);
  }

  #abort(pending: Pending, by: "cancel" | "timeout"): void {
    if (pending.isSettled || pending.abortedBy !== undefined) return;
    pending.abortedBy = by;
    pending.onAbort?.();
  }

  #startClock(pending: Pending): void {
    const { time } = this.#parts;
    const forMs = pending.command.spec.startTimeoutMs;
    pending.deadlineMs = time.nowMs + forMs;
    time.after(forMs, () => {
      if (!this.#isClosed && time.nowMs >= pending.deadlineMs) this.#abort(pending, "timeout");
    });
  }

  #progressed(pending: Pending, reason: string): void {
    this.#parts.post({ kind: "startProgressed", run: pending.command.run, reason });
  }
}
