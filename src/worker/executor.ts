/**
 * Carries out what the worker's core commands, on the runtimes, and hands back what came of it as events. It decides
 * nothing: it bounds how many starts run at once, tries again what an engine in trouble refused, and collects the last
 * lines of what has ended.
 */
import { setTimeout as delay } from "node:timers/promises";
import { bulkhead, handleAll, retry, ExponentialBackoff, type BulkheadPolicy, type RetryPolicy } from "cockatiel";
import type { RuntimeKind } from "../task/document.ts";
import { withoutSecrets } from "../task/spec.ts";
import type { PortBinding } from "../task/task.ts";
import { LONGEST_TIMER_MS } from "../utils/host.ts";
import type { Command, Run, StartFailure, WorkerEvent } from "./core/events.ts";
import { takenPort } from "./host-ports.ts";
import type { Log } from "../utils/log.ts";
import { tailOf } from "./output-tail.ts";
import { runProbe } from "./probes.ts";
import { instanceName, StartError, type Runtime, type RuntimeNotice } from "./runtimes/runtime.ts";

export interface ExecutorOptions {
  readonly runtimes: ReadonlyMap<RuntimeKind, Runtime>;
  readonly nodeName: string;
  /** Starts under way at once; the others wait their turn. */
  readonly mostStarts: number;
  readonly post: (event: WorkerEvent) => void;
  readonly log: Log;
}

type Of<K extends Command["kind"]> = Extract<Command, { kind: K }>;

const MOST_QUEUED = Number.MAX_SAFE_INTEGER;

interface PendingStart {
  readonly abort: AbortController;
  timer: NodeJS.Timeout | undefined;
}

export class Executor {
  readonly #options: ExecutorOptions;
  readonly #starts: BulkheadPolicy;
  readonly #stubborn: RetryPolicy;
  readonly #pending = new Map<string, PendingStart>();
  readonly #stopping = new Set<string>();
  readonly #removing = new Set<string>();
  readonly #listing = new Map<RuntimeKind, Promise<void>>();
  readonly #listAgain = new Set<RuntimeKind>();
  #isClosed = false;

  constructor(options: ExecutorOptions) {
    this.#options = options;
    this.#starts = bulkhead(options.mostStarts, MOST_QUEUED);
    this.#stubborn = retry(handleAll, {
      maxAttempts: Number.POSITIVE_INFINITY,
      backoff: new ExponentialBackoff({ initialDelay: 200, maxDelay: 10_000 }),
    });
  }

  /** Watches every runtime and says what each has; rejects when one does not answer. */
  async open(): Promise<void> {
    for (const runtime of this.#options.runtimes.values()) {
      await runtime.watch((notice) => this.#noticed(runtime, notice));
      await this.#list(runtime);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { abort, timer } of this.#pending.values()) {
      clearTimeout(timer);
      abort.abort();
    }
    await Promise.all([...this.#options.runtimes.values()].map((runtime) => runtime.close()));
  }

  execute(command: Exclude<Command, { kind: "stream" }>): void {
    switch (command.kind) {
      case "start":
        void this.#start(command);
        return;
      case "cancel":
        this.#cancel(command.run);
        return;
      case "stop":
        void this.#stop(command);
        return;
      case "remove":
        void this.#remove(command);
        return;
      case "probe":
        void this.#probe(command);
        return;
    }
  }

  async #start(command: Of<"start">): Promise<void> {
    const { run, spec } = command;
    const name = instanceName(run);
    const pending: PendingStart = { abort: new AbortController(), timer: undefined };
    this.#pending.set(name, pending);
    const { signal } = pending.abort;
    const expectProgress = (): void => {
      clearTimeout(pending.timer);
      const late = (): void => pending.abort.abort(new StartTimeout(spec.startTimeoutMs));
      pending.timer = setTimeout(late, Math.min(spec.startTimeoutMs, LONGEST_TIMER_MS));
    };
    try {
      const started = await this.#starts.execute(async () => {
        signal.throwIfAborted();
        expectProgress();
        const taken = await takenPort(command.ports);
        if (taken !== undefined) throw new StartError("ports", portTaken(taken));
        const progress = (reason: string): void => {
          expectProgress();
          this.#options.post({ kind: "startProgressed", run, reason });
        };
        return this.#runtime(spec.runtime).start(this.#request(command), progress, signal);
      });
      this.#options.post({ kind: "runStarted", run, ...started });
    } catch (error) {
      const { failure, message } = startFailure(signal, error);
      this.#options.log.info({ task: run.task, attempt: run.attempt, failure }, `start failed: ${message}`);
      this.#options.post({ kind: "startFailed", run, failure, message });
    } finally {
      clearTimeout(pending.timer);
      this.#pending.delete(name);
    }
  }

  #request({ run, name, spec, ports, local, createdAt }: Of<"start">): Parameters<Runtime["start"]>[0] {
    const label = { name, local, createdAt, spec: withoutSecrets(spec.document) };
    return { ref: run, taskName: name, spec, ports, nodeName: this.#options.nodeName, label };
  }

  /** A start that waits or is under way is given up; where there is none, the core hears so. */
  #cancel(run: Run): void {
    const pending = this.#pending.get(instanceName(run));
    if (pending !== undefined) pending.abort.abort();
    else this.#options.post({ kind: "startFailed", run, failure: "cancelled", message: "cancelled" });
  }

  async #stop({ run, runtime: kind, timeoutMs }: Of<"stop">): Promise<void> {
    const name = instanceName(run);
    const runtime = this.#runtime(kind);
    this.#stopping.add(name);
    try {
      const exit = await this.#insist(`stop ${name}`, () => runtime.stop(run, timeoutMs));
      const output = await tailOf(runtime, run);
      this.#options.post({ kind: "runExited", run, exit, output });
    } finally {
      this.#stopping.delete(name);
    }
  }

  /** No list names it again, also none that was asked for before it was gone. */
  async #remove({ run, runtime }: Of<"remove">): Promise<void> {
    if (!this.#options.runtimes.has(runtime)) return;
    const name = instanceName(run);
    this.#removing.add(name);
    await this.#insist(`remove ${name}`, () => this.#runtime(runtime).remove(run));
    await this.#listing.get(runtime);
    this.#removing.delete(name);
  }

  async #probe({ run, runtime: kind, probe, ports, timeoutMs }: Of<"probe">): Promise<void> {
    const { ok, detail } = await runProbe({ runtime: this.#runtime(kind), ref: run, ports, probe, timeoutMs });
    this.#options.post({ kind: "runProbed", run, ok, detail });
  }

  #noticed(runtime: Runtime, notice: RuntimeNotice): void {
    switch (notice.kind) {
      case "exited":
        void this.#exited(runtime, notice);
        return;
      case "removed":
        this.#options.post({ kind: "runExited", run: notice.ref, exit: undefined, output: undefined });
        return;
      case "uncertain":
        this.#options.log.warn({ runtime: runtime.kind }, `notices may be missing: ${notice.reason}`);
        void this.#insist(`list ${runtime.kind}`, () => this.#list(runtime));
        return;
    }
  }

  /** A stop under way answers for itself. */
  async #exited(runtime: Runtime, { ref, exit }: Extract<RuntimeNotice, { kind: "exited" }>): Promise<void> {
    if (this.#stopping.has(instanceName(ref))) return;
    const output = await tailOf(runtime, ref);
    this.#options.post({ kind: "runExited", run: ref, exit, output });
  }

  /** One list at a time; what is asked for meanwhile needs another one, since this one may be older than the question. */
  async #list(runtime: Runtime): Promise<void> {
    if (this.#listing.has(runtime.kind)) {
      this.#listAgain.add(runtime.kind);
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#listing.set(runtime.kind, promise);
    const askedMono = performance.now();
    try {
      const listed = await runtime.list();
      const runs = listed.filter(({ ref }) => !this.#removing.has(instanceName(ref)));
      this.#options.post({ kind: "runsListed", runtime: runtime.kind, runs, askedMono });
    } finally {
      this.#listing.delete(runtime.kind);
      resolve();
    }
    if (this.#listAgain.delete(runtime.kind)) await this.#list(runtime);
  }

  /** Tries until it works: what the core commanded must come true, however long the engine is in trouble. */
  async #insist<T>(what: string, attempt: () => Promise<T>): Promise<T> {
    return this.#stubborn.execute(async ({ attempt: count }) => {
      try {
        return await attempt();
      } catch (error) {
        if (this.#isClosed) return delay(2 ** 30, undefined as T, { ref: false });
        const message = error instanceof Error ? error.message : String(error);
        this.#options.log.warn({ count }, `could not ${what}, trying again: ${message}`);
        throw error;
      }
    });
  }

  #runtime(kind: RuntimeKind): Runtime {
    const runtime = this.#options.runtimes.get(kind);
    if (runtime === undefined) throw new Error(`this worker was not started with the ${kind} runtime`);
    return runtime;
  }
}

function portTaken({ host, protocol, address }: PortBinding): string {
  const port = `${String(host)}/${protocol}`;
  return `something else on this node listens on port ${port} (${address}): choose another, or none for a free one`;
}

class StartTimeout extends Error {
  override readonly name = "StartTimeout";

  constructor(timeoutMs: number) {
    super(`it did not start, nor make any progress, within ${String(timeoutMs / 1000)} s`);
  }
}

function startFailure(signal: AbortSignal, error: unknown): { failure: StartFailure; message: string } {
  if (signal.reason instanceof StartTimeout) return { failure: "timeout", message: signal.reason.message };
  if (signal.aborted) return { failure: "cancelled", message: "cancelled" };
  const message = error instanceof Error ? error.message : String(error);
  return { failure: error instanceof StartError ? error.code : "engine", message };
}
