/**
 * A container engine and the containers in it, as a machine's own: they live on when the worker dies, end when the
 * machine does, and have what strangers do to them.
 *
 * Calls take time. One that is refused, or whose answer does not come, may have been carried out all the same. While the
 * engine hangs, calls wait; what was asked is done when it is back, whether or not somebody still waits for it.
 */
import type { FoundRun, Run, RunExit, StartFailure } from "../worker/core/events.ts";
import type { TaskSpec } from "../task/spec.ts";
import type { PortBinding } from "../task/task.ts";
import type { MachineClock } from "./machine-clock.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** What a container is going to do, drawn when it starts. */
export interface Program {
  /** Ends by itself after so long; undefined: runs on. */
  readonly endsAfterMs: number | undefined;
  readonly exitCode: number;
  readonly oomKilled: boolean;
  /** How long a stop signal is without effect. */
  readonly stopsAfterMs: number;
  /** Healthy after so long; undefined: never. */
  readonly healthyAfterMs: number | undefined;
}

export interface Container {
  readonly name: string;
  readonly ref: Run;
  readonly id: string;
  readonly label: NonNullable<FoundRun["label"]>;
  readonly ports: readonly PortBinding[];
  readonly spec: TaskSpec;
  state: "created" | "running" | "exited";
  program: Program | undefined;
  startedAt: number | undefined;
  startedMs: number;
  exit: RunExit | undefined;
  /** The engine took its time to start what it was asked to: it was not asked when it started. */
  wasLate: boolean;
  /** Somebody was told that it is there. */
  isKnown: boolean;
  /** Counts its starts: what was arranged for an earlier one is out of date. */
  starts: number;
  /** Somebody else started it last: what follows is not the cluster's doing. */
  byStranger: boolean;
}

export interface EngineCallFaults {
  /** Of starts: with one of the reasons that a start can fail for. */
  startFailureRate: number;
  /** Of all calls: the engine answers with an error and does nothing. */
  errorRate: number;
  /** Of all calls: it is done, and the answer does not come. */
  lostAnswerRate: number;
  /** Of starts: the image has to be fetched first, for so long. */
  pullRate: number;
  slowness: number;
}

export type EngineNotice =
  | { readonly kind: "exited"; readonly ref: Run; readonly exit: RunExit }
  | { readonly kind: "removed"; readonly ref: Run }
  /** Somebody else started it. */
  | { readonly kind: "appeared"; readonly ref: Run }
  | { readonly kind: "uncertain"; readonly reason: string };

/** Who looks at what happens in an engine, and says what a container does. */
export interface EngineObserver {
  programFor(spec: TaskSpec): Program;
  started(engine: Engine, container: Container): void;
  /** Before it ends: who ends it. */
  ended(engine: Engine, container: Container, cause: EndCause): void;
  exited(container: Container, exitCode: number): void;
  removed(engine: Engine, container: Container): void;
}

export type EndCause = "itself" | "worker" | "guard" | "stranger" | "machine";

/** `isSilence`: the engine said nothing, and whether it was done is not known. */
export type CallOutcome<T> =
  { readonly value: T } | { readonly failure: StartFailure; readonly message: string; readonly isSilence: boolean };

const CALL_TIMEOUT_MS = 60_000;
/** A start that takes longer cannot be fenced by whoever asked for it. */
const LATE_MS = 1000;

export interface EngineParts {
  readonly node: string;
  readonly time: VirtualTime;
  readonly clock: MachineClock;
  readonly random: SeededRandom;
  readonly observer: EngineObserver;
}

export class Engine {
  readonly parts: EngineParts;
  readonly containers = new Map<string, Container>();
  readonly faults: EngineCallFaults = {
    startFailureRate: 0,
    errorRate: 0,
    lostAnswerRate: 0,
    pullRate: 0,
    slowness: 1,
  };
  isUp = true;
  #hangsUntilMs = 0;
  /** Counts its processes: what one of them was asked, the next one does not know. */
  #generation = 0;
  /** The worker that watches, while there is one. */
  #watcher: ((notice: EngineNotice) => void) | undefined;
  #lastContainer = 0;
  /** Called when it falls silent. */
  onSilence: () => void = () => undefined;

  constructor(parts: EngineParts) {
    this.parts = parts;
  }

  watch(onNotice: ((notice: EngineNotice) => void) | undefined): void {
    this.#watcher = onNotice;
  }

  hang(forMs: number): void {
    this.#hangsUntilMs = Math.max(this.#hangsUntilMs, this.parts.time.nowMs + forMs);
    this.onSilence();
  }

  /** It is away, or hangs. */
  get isSilent(): boolean {
    return !this.isUp || this.#hangsUntilMs > this.parts.time.nowMs;
  }

  /** The engine's process dies, with its containers or without them. */
  crash(containersDie: boolean): void {
    this.isUp = false;
    this.#generation += 1;
    this.#hangsUntilMs = 0;
    if (containersDie) this.endAll(137);
    this.onSilence();
  }

  recover(): void {
    this.isUp = true;
    this.#notify({ kind: "uncertain", reason: "the engine was away" });
  }

  /** The power is gone: containers have ended and are still there. */
  endAll(exitCode: number): void {
    for (const container of this.containers.values()) this.end(container, { exitCode, cause: "machine" });
  }

  list(done: (outcome: CallOutcome<FoundRun[]>) => void): void {
    const told = (outcome: CallOutcome<FoundRun[]>): void => {
      if ("value" in outcome) for (const container of this.containers.values()) container.isKnown = true;
      done(outcome);
    };
    this.#call(told, () => ({
      value: [...this.containers.values()].map((container) => ({
        ref: container.ref,
        containerId: container.id,
        ports: container.ports,
        startedAt: container.startedAt,
        running: container.state === "running",
        exit: container.state === "exited" ? container.exit : undefined,
        label: container.label,
      })),
    }));
  }

  /** Creates and starts it where it is not there. What has run is not started again: it has started. */
  start(request: ContainerRequest, done: (outcome: CallOutcome<Container>) => void): void {
    const askedMs = this.parts.time.nowMs;
    const told = (outcome: CallOutcome<Container>): void => {
      if ("value" in outcome) outcome.value.isKnown = true;
      done(outcome);
    };
    this.#call(told, () => {
      const found = this.containers.get(request.name);
      if (found?.startedAt !== undefined) return { value: found };
      if (request.isCalledOff() && this.parts.random.chance(0.5)) {
        return { failure: "cancelled", message: "called off in time", isSilence: false };
      }
      const taken = this.#takenPort(request);
      if (taken !== undefined) return { failure: "ports", message: `port ${String(taken)} is taken`, isSilence: false };
      const container = found ?? this.#create(request);
      container.wasLate = this.parts.time.nowMs - askedMs > LATE_MS;
      this.run(container);
      // Nobody waits for its answer any more: the event is all that tells.
      if (request.isCalledOff()) this.#appeared(container);
      return { value: container };
    });
  }

  /** Resolved once it has ended. */
  stop(
    ref: { readonly name: string; readonly timeoutMs: number; readonly cause: EndCause },
    done: (outcome: CallOutcome<RunExit | undefined>) => void,
  ): void {
    const { time } = this.parts;
    this.#call<Container | undefined>(
      (outcome) => {
        if (!("value" in outcome)) {
          done(outcome);
          return;
        }
        const container = outcome.value;
        if (container?.state !== "running") {
          done({ value: container?.exit });
          return;
        }
        const { starts, program } = container;
        const patienceMs = Math.min(ref.timeoutMs, program?.stopsAfterMs ?? 0);
        time.after(patienceMs, () => {
          if (!this.isUp) {
            done({ failure: "engine", message: "the engine went away", isSilence: true });
            return;
          }
          const exitCode = patienceMs < ref.timeoutMs ? 143 : 137;
          if (container.starts === starts) this.end(container, { exitCode, cause: ref.cause });
          done({ value: container.exit });
        });
      },
      () => ({ value: this.containers.get(ref.name) }),
    );
  }

  remove(name: string, cause: EndCause, done: (outcome: CallOutcome<undefined>) => void): void {
    this.#call(done, () => {
      const container = this.containers.get(name);
      if (container !== undefined) this.take(container, cause);
      return { value: undefined };
    });
  }

  /** Whether the container answers a probe. Undefined when the engine does not. */
  isHealthy(name: string): boolean | undefined {
    if (this.isSilent) return undefined;
    const container = this.containers.get(name);
    const after = container?.program?.healthyAfterMs;
    return (
      container?.state === "running" && after !== undefined && this.parts.time.nowMs - container.startedMs >= after
    );
  }

  #appeared({ ref }: Container): void {
    const { time, random } = this.parts;
    time.after(random.magnitude(1, 30), () => this.#notify({ kind: "appeared", ref }));
  }

  /** It runs from now on. */
  run(container: Container, byStranger = false): void {
    const { time, clock, observer } = this.parts;
    container.state = "running";
    container.exit = undefined;
    container.starts += 1;
    container.startedAt = clock.wall;
    container.startedMs = time.nowMs;
    container.byStranger = byStranger;
    const program = observer.programFor(container.spec);
    container.program = program;
    observer.started(this, container);
    if (byStranger) this.#appeared(container);
    if (program.endsAfterMs === undefined) return;
    const { starts } = container;
    time.after(program.endsAfterMs, () => {
      if (container.starts === starts) this.end(container, { ...program, cause: "itself" });
    });
  }

  /** It has ended; whoever watches is told soon. */
  end(
    container: Container,
    how: { readonly exitCode: number; readonly oomKilled?: boolean; readonly cause: EndCause },
  ): void {
    if (container.state !== "running") return;
    const { time, clock, random, observer } = this.parts;
    observer.ended(this, container, how.cause);
    container.state = "exited";
    const exit = { exitCode: how.exitCode, oomKilled: how.oomKilled === true, finishedAt: clock.wall };
    container.exit = exit;
    observer.exited(container, how.exitCode);
    if (!this.isUp) return;
    time.after(random.magnitude(1, 30), () => this.#notify({ kind: "exited", ref: container.ref, exit }));
  }

  /** Removes it, killing it if need be. */
  take(container: Container, cause: EndCause): void {
    if (this.containers.get(container.name) !== container) return;
    this.end(container, { exitCode: 137, cause });
    this.containers.delete(container.name);
    container.starts += 1;
    this.parts.observer.removed(this, container);
    const { time, random } = this.parts;
    if (this.isUp) time.after(random.magnitude(1, 30), () => this.#notify({ kind: "removed", ref: container.ref }));
  }

  #create({ name, ref, label, ports, spec }: ContainerRequest): Container {
    this.#lastContainer += 1;
    const container: Container = {
      name,
      ref,
      id: `${this.parts.node}-c${String(this.#lastContainer)}`,
      label,
      ports,
      spec,
      state: "created",
      program: undefined,
      startedAt: undefined,
      startedMs: 0,
      exit: undefined,
      starts: 0,
      wasLate: false,
      isKnown: false,
      byStranger: false,
    };
    this.containers.set(name, container);
    return container;
  }

  #takenPort({ name, ports }: ContainerRequest): number | undefined {
    if (ports.length === 0) return undefined;
    for (const container of this.containers.values()) {
      if (container.state !== "running" || container.name === name) continue;
      for (const { host, protocol } of container.ports) {
        if (ports.some((port) => port.host === host && port.protocol === protocol)) return host;
      }
    }
    return undefined;
  }

  /** One call: its way there, what it does, and its way back. */
  #call<T>(done: (outcome: CallOutcome<T>) => void, act: () => CallOutcome<T>): void {
    const { time, random } = this.parts;
    let isAnswered = false;
    const answer = (outcome: CallOutcome<T>): void => {
      if (isAnswered) return;
      isAnswered = true;
      done(outcome);
    };
    const generation = this.#generation;
    const waitMs = Math.max(0, this.#hangsUntilMs - time.nowMs);
    if (waitMs > CALL_TIMEOUT_MS) time.after(CALL_TIMEOUT_MS, () => answer(silence("the engine does not answer")));
    time.after(waitMs + random.magnitude(1, 40) * this.faults.slowness, () => {
      const { errorRate, lostAnswerRate } = this.faults;
      if (!this.isUp || this.#generation !== generation) {
        answer(silence("the engine cannot be reached"));
      } else if (random.chance(errorRate)) {
        answer({ failure: "engine", message: "the engine answered with an error", isSilence: false });
      } else {
        const outcome = act();
        if (lostAnswerRate > 0 && random.chance(lostAnswerRate)) answer(silence("the engine's answer was lost"));
        else time.after(random.magnitude(0.2, 5), () => answer(outcome));
      }
    });
  }

  #notify(notice: EngineNotice): void {
    if (this.isUp) this.#watcher?.(notice);
  }
}

function silence(message: string): {
  readonly failure: StartFailure;
  readonly message: string;
  readonly isSilence: boolean;
} {
  return { failure: "engine", message, isSilence: true };
}

export interface ContainerRequest {
  readonly name: string;
  readonly ref: Run;
  readonly spec: TaskSpec;
  readonly ports: readonly PortBinding[];
  readonly label: Container["label"];
  /** Nobody wants it any more. */
  readonly isCalledOff: () => boolean;
}

/** A container's name: the same for the same run, so that a start whose answer was lost can be looked up. */
export function containerName({ task, attempt, restart }: Run): string {
  return `birdman-${task}-${String(attempt)}-${String(restart)}`;
}
