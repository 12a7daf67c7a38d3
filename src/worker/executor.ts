/**
 * Carries out what the worker's core commands, on the runtimes, and hands back what came of it as events. It decides
 * nothing: it tries again what an engine in trouble refused, watches whether the engines answer, and collects the last
 * lines of what has ended.
 */
import { setTimeout as delay } from "node:timers/promises";
import { handleAll, retry, ExponentialBackoff, type RetryPolicy } from "cockatiel";
import type { RuntimeKind } from "../task/document.ts";
import { attemptKey, type AttemptKey } from "../task/id.ts";
import type { Log } from "../utils/log.ts";
import type { Command, Run, WorkerEvent } from "./core/events.ts";
import { EngineWatch } from "./engine-watch.ts";
import { tailOf } from "./output-tail.ts";
import { runProbe } from "./probes.ts";
import { instanceName, type Runtime, type RuntimeNotice } from "./runtimes/runtime.ts";
import { Starts, type StartCommand } from "./starts.ts";

export interface ExecutorOptions {
  readonly runtimes: ReadonlyMap<RuntimeKind, Runtime>;
  readonly nodeName: string;
  /** Starts under way at once; the others wait their turn. */
  readonly mostStarts: number;
  readonly post: (event: WorkerEvent) => void;
  /** False when too much time has passed since a start was commanded: the lease it was commanded under is over. */
  readonly mayStart: (run: Run) => boolean;
  /** The worker's clock. */
  readonly mono: () => number;
  readonly log: Log;
}

type Of<K extends Command["kind"]> = Extract<Command, { kind: K }>;

export class Executor {
  readonly #options: ExecutorOptions;
  readonly #starts: Starts;
  readonly #stubborn: RetryPolicy;
  readonly #watches = new Map<RuntimeKind, EngineWatch>();
  readonly #stopping = new Set<string>();
  readonly #removing = new Set<string>();
  /** By attempt: what is being removed of its runs. */
  readonly #removals = new Map<AttemptKey, Promise<unknown>>();
  readonly #listing = new Map<RuntimeKind, Promise<void>>();
  readonly #listAgain = new Set<RuntimeKind>();
  #isClosed = false;

  constructor(options: ExecutorOptions) {
    this.#options = options;
    this.#starts = new Starts(options);
    this.#stubborn = retry(handleAll, {
      maxAttempts: Number.POSITIVE_INFINITY,
      backoff: new ExponentialBackoff({ initialDelay: 200, maxDelay: 10_000 }),
    });
    for (const runtime of options.runtimes.values()) this.#watches.set(runtime.kind, this.#watchOver(runtime));
  }

  /** Watches every runtime and says what each has; rejects when one does not answer. */
  async open(): Promise<void> {
    for (const runtime of this.#options.runtimes.values()) {
      await runtime.watch((notice) => this.#noticed(runtime, notice));
      await this.#list(runtime);
    }
    for (const watch of this.#watches.values()) watch.open();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const watch of this.#watches.values()) watch.close();
    this.#starts.close();
    await Promise.all([...this.#options.runtimes.values()].map((runtime) => runtime.close()));
  }

  execute(command: Exclude<Command, { kind: "stream" }>): void {
    switch (command.kind) {
      case "start":
        this.#start(command);
        return;
      case "cancel":
        this.#starts.cancel(command.run);
        return;
      case "stop":
        void this.#stop(command);
        return;
      case "remove":
        void this.#remove(command);
        return;
      case "tail":
        void this.#tail(command);
        return;
      case "resume":
        void this.#resume(command);
        return;
      case "probe":
        void this.#probe(command);
        return;
    }
  }

  #watchOver(runtime: Runtime): EngineWatch {
    const { kind } = runtime;
    const { log, post } = this.#options;
    return new EngineWatch({
      runtime,
      list: async () => this.#list(runtime),
      onChange: (sick) => {
        if (sick === undefined) log.info({ runtime: kind }, `${kind} answers again`);
        else log.warn({ runtime: kind }, `${kind} does not answer, nothing new is started there: ${sick}`);
        post({ kind: "engineChanged", runtime: kind, sick });
      },
    });
  }

  /** Not before the attempt's run before is gone: it may hold the same ports. */
  #start(command: StartCommand): void {
    const { runtime: kind } = command.spec;
    const cleared = this.#removals.get(attemptKey(command.run.task, command.run.attempt));
    void this.#starts.start(command, { runtime: this.#runtime(kind), watch: this.#watch(kind), cleared });
  }

  async #stop({ run, runtime: kind, timeoutMs }: Of<"stop">): Promise<void> {
    const name = instanceName(run);
    const runtime = this.#runtime(kind);
    this.#stopping.add(name);
    try {
      const exit = await this.#insist(kind, `stop ${name}`, async () => runtime.stop(run, timeoutMs));
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
    const key = attemptKey(run.task, run.attempt);
    this.#removing.add(name);
    const removed = this.#insist(runtime, `remove ${name}`, async () => this.#runtime(runtime).remove(run));
    const all = Promise.all([this.#removals.get(key), removed]);
    this.#removals.set(key, all);
    await all;
    if (this.#removals.get(key) === all) this.#removals.delete(key);
    this.#options.post({ kind: "runRemoved", run });
    await this.#listing.get(runtime);
    this.#removing.delete(name);
  }

  async #resume({ run, runtime: kind }: Of<"resume">): Promise<void> {
    const name = instanceName(run);
    this.#options.log.warn({ task: run.task, attempt: run.attempt }, `somebody paused ${name}: it is resumed`);
    await this.#insist(kind, `resume ${name}`, async () => this.#runtime(kind).resume(run));
  }

  /** An engine that says nothing says nothing of the health of what it runs: the probe waits for it. */
  async #probe({ run, runtime: kind, probe, ports, timeoutMs }: Of<"probe">): Promise<void> {
    const probing = { runtime: this.#runtime(kind), ref: run, ports, probe, timeoutMs };
    const { ok, detail } = await this.#insist(kind, `probe ${instanceName(run)}`, async () => runProbe(probing));
    this.#options.post({ kind: "runProbed", run, ok, detail });
  }

  #noticed(runtime: Runtime, notice: RuntimeNotice): void {
    const { post, log } = this.#options;
    const { kind } = runtime;
    switch (notice.kind) {
      case "exited":
        this.#exited(notice);
        return;
      case "removed":
        post({ kind: "runExited", run: notice.ref, exit: undefined, output: undefined });
        return;
      case "paused":
        post({ kind: "runPaused", run: notice.ref });
        return;
      case "appeared":
        log.warn({ task: notice.ref.task }, `somebody else started ${instanceName(notice.ref)}`);
        post({ kind: "runAppeared", run: notice.ref, runtime: kind });
        return;
      case "crowded":
        post({ kind: "diskChanged", runtime: kind, isCrowded: notice.isCrowded });
        return;
      case "uncertain":
        log.warn({ runtime: kind }, `notices may be missing: ${notice.reason}`);
        void this.#insist(kind, `list ${kind}`, async () => this.#list(runtime));
        return;
    }
  }

  /** A stop under way answers for itself. */
  #exited({ ref, exit }: Extract<RuntimeNotice, { kind: "exited" }>): void {
    if (!this.#stopping.has(instanceName(ref)))
      this.#options.post({ kind: "runExited", run: ref, exit, output: undefined });
  }

  async #tail({ run, runtime }: Of<"tail">): Promise<void> {
    const output = await tailOf(this.#runtime(runtime), run);
    this.#options.post({ kind: "tailRead", run, output });
  }

  /** One list at a time; what is asked for meanwhile needs another one, since this one may be older than the question. */
  async #list(runtime: Runtime): Promise<void> {
    if (this.#listing.has(runtime.kind)) {
      this.#listAgain.add(runtime.kind);
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#listing.set(runtime.kind, promise);
    const askedMono = this.#options.mono();
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
  async #insist<T>(kind: RuntimeKind, what: string, attempt: () => Promise<T>): Promise<T> {
    return this.#stubborn.execute(async ({ attempt: count }) => {
      try {
        return await this.#watch(kind).call(attempt);
      } catch (error) {
        if (this.#isClosed) return delay(2 ** 30, undefined as T, { ref: false });
        const message = error instanceof Error ? error.message : String(error);
        this.#options.log.warn({ count }, `could not ${what}, trying again: ${message}`);
        throw error;
      }
    });
  }

  #runtime(kind: RuntimeKind): Runtime {
    return given(this.#options.runtimes.get(kind), kind);
  }

  #watch(kind: RuntimeKind): EngineWatch {
    return given(this.#watches.get(kind), kind);
  }
}

function given<T>(found: T | undefined, kind: RuntimeKind): T {
  if (found === undefined) throw new Error(`this worker was not started with the ${kind} runtime`);
  return found;
}
