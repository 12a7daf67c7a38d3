/**
 * The starts that the core commanded: some at once, the others in turn. A start that is called off while it waits, for its
 * turn or for an engine that does not answer, is over at once.
 *
 * An engine's silence is no failure of the task: the start is tried again until the engine answers, or the start's own
 * time is over. Starting what is already there does no harm.
 */
import { setTimeout as delay } from "node:timers/promises";
import { bulkhead, type BulkheadPolicy } from "cockatiel";
import { withoutSecrets } from "../task/spec.ts";
import type { PortBinding } from "../task/task.ts";
import { LONGEST_TIMER_MS } from "../utils/host.ts";
import type { Log } from "../utils/log.ts";
import type { Command, Run, StartFailure, WorkerEvent } from "./core/events.ts";
import type { EngineWatch } from "./engine-watch.ts";
import { takenPort } from "./host-ports.ts";
import { instanceName, isSilence, StartError, type Runtime, type Started } from "./runtimes/runtime.ts";

const CLEARING_MS = 60_000;
/** What is killed and removed may hold its ports a moment longer, in milliseconds. */
const PORTS_FREED_MS = 2000;
const PORTS_LOOK_MS = 50;

export type StartCommand = Extract<Command, { kind: "start" }>;

export interface StartsOptions {
  readonly nodeName: string;
  /** Starts under way at once. */
  readonly mostStarts: number;
  readonly post: (event: WorkerEvent) => void;
  /** False when too much time has passed since the command was given: the lease it was given under is over. */
  readonly mayStart: (run: Run) => boolean;
  readonly log: Log;
}

export interface StartWith {
  readonly runtime: Runtime;
  readonly watch: EngineWatch;
  /** What has to be out of the way before. */
  readonly cleared: Promise<unknown> | undefined;
}

export class Starts {
  readonly #options: StartsOptions;
  readonly #places: BulkheadPolicy;
  readonly #pending = new Map<string, PendingStart>();

  constructor(options: StartsOptions) {
    this.#options = options;
    this.#places = bulkhead(options.mostStarts, Number.MAX_SAFE_INTEGER);
  }

  close(): void {
    for (const pending of this.#pending.values()) {
      pending.stopClock();
      pending.abort.abort();
    }
  }

  /** A start that waits or is under way is given up; where there is none, the core hears so. */
  cancel(run: Run): void {
    const pending = this.#pending.get(instanceName(run));
    if (pending !== undefined) pending.abort.abort();
    else this.#options.post({ kind: "startFailed", run, failure: "cancelled", message: "cancelled" });
  }

  async start(command: StartCommand, parts: StartWith): Promise<void> {
    const { run } = command;
    const { log, post } = this.#options;
    const name = instanceName(run);
    const pending = new PendingStart(command.spec.startTimeoutMs);
    this.#pending.set(name, pending);
    try {
      if (parts.cleared !== undefined) await this.#untilCleared(parts.cleared, parts.watch, pending.signal);
      const started = await this.#untilAnswered(command, parts, pending);
      post({ kind: "runStarted", run, ...started });
    } catch (error) {
      const isTooLate = !this.#options.mayStart(run);
      const { failure, message } = startFailure(pending.signal, isTooLate ? new LeaseOver() : error);
      log.info({ task: run.task, attempt: run.attempt, failure }, `start failed: ${message}`);
      post({ kind: "startFailed", run, failure, message });
    } finally {
      pending.stopClock();
      this.#pending.delete(name);
    }
  }

  /** A removal that an engine which answers does not get done holds up what comes next only so long. */
  async #untilCleared(cleared: Promise<unknown>, watch: EngineWatch, signal: AbortSignal): Promise<void> {
    do {
      await unlessAborted(watch.well(), signal);
      await unlessAborted(Promise.race([cleared, delay(CLEARING_MS, undefined, { ref: false })]), signal);
    } while (watch.sick !== undefined);
  }

  async #untilAnswered(command: StartCommand, parts: StartWith, pending: PendingStart): Promise<Started> {
    const { signal } = pending;
    for (let isFirst = true; ; isFirst = false) {
      if (parts.watch.sick !== undefined) {
        // Of a manager's task, another node may do better; a local one has none but this.
        if (command.local) pending.stopClock();
        else pending.startClock();
        await unlessAborted(parts.watch.well(), signal);
      }
      using _place = await this.#place(signal);
      pending.startClock();
      try {
        // What is there from a try before may hold its ports already.
        if (isFirst) await checkPorts(command.ports, parts.cleared === undefined ? 0 : PORTS_FREED_MS);
        if (!this.#options.mayStart(command.run)) throw new LeaseOver();
        return await parts.watch.attempt(() => this.#try(command, parts.runtime, pending));
      } catch (error) {
        if (signal.aborted || !isSilence(error)) throw error;
        this.#progressed(command.run, `trying again: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }

  async #try(command: StartCommand, runtime: Runtime, pending: PendingStart): Promise<Started> {
    const { run, name, spec, ports, local, createdAt } = command;
    const mayBegin = (): boolean => this.#options.mayStart(run);
    const label = { name, local, createdAt, spec: withoutSecrets(spec.document) };
    const request = { ref: run, taskName: name, spec, ports, nodeName: this.#options.nodeName, label, mayBegin };
    const onProgress = (reason: string): void => {
      pending.restartClock();
      this.#progressed(run, reason);
    };
    return runtime.start(request, onProgress, pending.signal);
  }

  #progressed(run: Run, reason: string): void {
    this.#options.post({ kind: "startProgressed", run, reason });
  }

  /** A place among those under way, given back when it is disposed of. */
  async #place(signal: AbortSignal): Promise<Disposable> {
    const place = Promise.withResolvers<Disposable>();
    void this.#places.execute(async () => {
      const free = Promise.withResolvers<void>();
      place.resolve({ [Symbol.dispose]: free.resolve });
      if (!signal.aborted) await free.promise;
    });
    return unlessAborted(place.promise, signal);
  }
}

/** A start until it is answered: how to call it off, and the time in which it has to make progress. */
class PendingStart {
  readonly abort = new AbortController();
  readonly signal = this.abort.signal;
  readonly #timeoutMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  startClock(): void {
    const late = (): void => this.abort.abort(new StartTimeout(this.#timeoutMs));
    this.#timer ??= setTimeout(late, Math.min(this.#timeoutMs, LONGEST_TIMER_MS));
  }

  restartClock(): void {
    this.stopClock();
    this.startClock();
  }

  stopClock(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

class LeaseOver extends Error {
  override readonly name = "LeaseOver";
}

class StartTimeout extends Error {
  override readonly name = "StartTimeout";

  constructor(timeoutMs: number) {
    super(`it did not start, nor make any progress, within ${String(timeoutMs / 1000)} s`);
  }
}

/** Throws a StartError when one of the ports is taken, and stays so for the time given. */
async function checkPorts(ports: readonly PortBinding[], patienceMs: number): Promise<void> {
  const deadline = performance.now() + patienceMs;
  let taken = await takenPort(ports);
  while (taken !== undefined && performance.now() < deadline) {
    await delay(PORTS_LOOK_MS);
    taken = await takenPort(ports);
  }
  if (taken === undefined) return;
  const port = `${String(taken.host)}/${taken.protocol}`;
  const remedy = "choose another, or none for a free one";
  throw new StartError("ports", `something else on this node listens on port ${port} (${taken.address}): ${remedy}`);
}

function startFailure(signal: AbortSignal, error: unknown): { failure: StartFailure; message: string } {
  if (signal.reason instanceof StartTimeout) return { failure: "timeout", message: signal.reason.message };
  if (signal.aborted || error instanceof LeaseOver) return { failure: "cancelled", message: "cancelled" };
  const message = error instanceof Error ? error.message : String(error);
  return { failure: error instanceof StartError ? error.code : "engine", message };
}

/** The promise's outcome, or the signal's reason if that comes first. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
