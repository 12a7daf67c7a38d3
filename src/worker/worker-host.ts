/**
 * The worker's host: drives the core with what comes from the manager, the runtimes and its own API; commits to its
 * store; and only then lets out what the core decided.
 *
 * It works alone when no manager is there. What it runs outlives it.
 */
import { randomUUID, randomUUIDv7 } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { NodeFacts } from "../node/node.ts";
import type { LogOptions } from "../protocol/messages.ts";
import { StoreError, type Store } from "../store/store.ts";
import type { RuntimeKind, TaskDocument } from "../task/document.ts";
import { parseTaskId, type TaskId } from "../task/id.ts";
import { Host, LONGEST_TIMER_MS } from "../utils/host.ts";
import type { Write } from "../utils/write.ts";
import { BootClock, readBootId } from "../stats/boot-clock.ts";
import { Connection, type ManagerAddress } from "./connection.ts";
import { WorkerCore } from "./core/core.ts";
import type { Entry } from "./core/entry.ts";
import type { Command, Effects, Reply, RequestId, WorkerEvent } from "./core/events.ts";
import { DEFAULT_WORKER_SETTINGS, runOf, type WorkerSettings } from "./core/state.ts";
import { stateOf, taskOf } from "./entry-view.ts";
import { Executor } from "./executor.ts";
import type { GuardClient } from "./guard-client.ts";
import type { Log } from "../utils/log.ts";
import type { LogChunk, Runtime } from "./runtimes/runtime.ts";
import type { WorkerMetrics } from "./metrics/worker-metrics.ts";
import type { LocalSubmitOutcome, LocalTaskView, WorkerService, WorkerSnapshot, WorkerStats } from "./service.ts";
import { sendStream } from "./streams.ts";
import { UsageSampler, type MachineSource } from "./usage-sampler.ts";

export interface WorkerHostOptions {
  readonly store: Store;
  readonly facts: NodeFacts;
  readonly runtimes: readonly Runtime[];
  /** Absent: the worker works alone. */
  readonly manager: ManagerAddress | undefined;
  readonly machine: MachineSource;
  readonly settings?: Partial<WorkerSettings>;
  /** Keeps what must not run twice from running on when this process is gone; absent: nothing does. */
  readonly guard?: Pick<GuardClient, "tell" | "close">;
  /** Starts under way at once. */
  readonly mostStarts?: number;
  /** The store failed, or the manager refuses this worker for good: the process should end and say why. */
  readonly onFatal: (error: Error) => void;
  readonly metrics?: WorkerMetrics;
  readonly log: Log;
}

const TICK_MS = 1000;
const RETRY_COMMIT_MS = 1000;
const DEFAULT_MOST_STARTS = 10;

type Request = Extract<WorkerEvent, { request: RequestId }>;
type Question = Request extends infer R ? (R extends Request ? Omit<R, "request"> : never) : never;

export class WorkerHost implements WorkerService {
  readonly #options: WorkerHostOptions;
  readonly #core: WorkerCore;
  readonly #host: Host<WorkerEvent, Effects>;
  readonly #executor: Executor;
  readonly #runtimes: ReadonlyMap<RuntimeKind, Runtime>;
  readonly #sampler: UsageSampler;
  readonly #connection: Connection | undefined;
  readonly #waiters = new Map<RequestId, { resolve: (reply: Reply) => void; reject: (error: Error) => void }>();
  readonly #startedAt = performance.now();
  readonly #clock = new BootClock();
  #ticker: NodeJS.Timeout | undefined;
  #wake: NodeJS.Timeout | undefined;
  #lastRequest = 0;
  /** Why the store takes nothing now. */
  #trouble: StoreError | undefined;

  constructor(options: WorkerHostOptions) {
    const { facts, log, manager, store } = options;
    this.#options = options;
    this.#runtimes = new Map(options.runtimes.map((runtime) => [runtime.kind, runtime]));
    const settings = { ...DEFAULT_WORKER_SETTINGS, ...options.settings };
    const rows = (table: string): ReturnType<Store["rows"]> => store.rows(table);
    this.#core = new WorkerCore({
      settings,
      facts,
      instanceId: randomUUID(),
      bootId: readBootId(),
      random: Math.random,
      rows,
    });
    const post = (event: WorkerEvent): void => this.#host.post(event);
    this.#executor = new Executor({
      runtimes: this.#runtimes,
      nodeName: facts.name,
      mostStarts: options.mostStarts ?? DEFAULT_MOST_STARTS,
      post: (event) => {
        options.metrics?.happened(event);
        post(event);
      },
      mayStart: (run) => this.#core.mayStart(run, this.#clock.mono()),
      mono: () => this.#clock.mono(),
      log,
    });
    this.#sampler = new UsageSampler(options.machine, options.runtimes, (usage) => post({ kind: "useSampled", usage }));
    if (manager !== undefined) {
      this.#connection = new Connection(
        manager,
        {
          opened: (session) => post({ kind: "sessionOpened", session }),
          received: (session, message) => {
            if (message.kind === "welcome") log.info({ epoch: message.epoch }, `joined as ${facts.name}`);
            post({ kind: "messageReceived", session, message });
          },
          closed: (session) => post({ kind: "sessionClosed", session }),
        },
        log,
      );
    }
    this.#host = new Host<WorkerEvent, Effects>({
      step: (events) => this.#core.step(events, this.#clock.now()),
      commit: ({ writes }) => (writes.length > 0 ? this.#commit(writes) : undefined),
      carryOut: (effects) => this.#carryOut(effects),
      failed: (error) => this.#failed(error),
      defer: (run) => setImmediate(run),
    });
  }

  get nodeName(): string {
    return this.#options.facts.name;
  }

  /**
   * Finds again what it ran, and joins its manager, which it tells where its own API can be reached (`api`, an URL).
   * Rejects when a runtime does not answer.
   */
  async open(api?: string): Promise<void> {
    await this.#executor.open();
    await this.#sampler.open();
    this.#ticker = setInterval(() => this.#host.post({ kind: "ticked" }), TICK_MS);
    if (api !== undefined) this.#host.post({ kind: "apiOpened", api });
    this.#host.post({ kind: "ticked" });
    await this.#host.settled();
    this.#connection?.open();
  }

  /** Says goodbye and lets go; what runs here runs on. */
  async close(): Promise<void> {
    clearInterval(this.#ticker);
    this.#sampler.close();
    this.#host.post({ kind: "leaving" });
    await this.#host.stop();
    clearTimeout(this.#wake);
    this.#options.guard?.close();
    await this.#connection?.shutDown();
    await this.#executor.close();
  }

  /** Stops what runs here, for good, and waits until it is gone; for a worker that will not come back. */
  async stopAll(): Promise<void> {
    for (const { phase, id } of this.#core.state.entries.values()) if (phase.kind !== "ended") await this.stop(id);
  }

  async submit(documents: readonly TaskDocument[]): Promise<LocalSubmitOutcome> {
    const tasks = documents.map((document) => {
      const id = parseTaskId(document.id ?? "") ?? (randomUUIDv7() as TaskId);
      return { id, name: document.name ?? `task-${id.slice(-8)}`, document };
    });
    const reply = await this.#ask({ kind: "tasksSubmitted", tasks });
    switch (reply.kind) {
      case "idTaken":
      case "refused":
        return reply;
      case "accepted":
        return {
          kind: "accepted",
          tasks: reply.keys.flatMap((key) => {
            const entry = this.#core.state.entries.get(key);
            return entry === undefined ? [] : [this.#view(entry)];
          }),
        };
      case "done":
      case "unknown":
        return { kind: "accepted", tasks: [] };
    }
  }

  async stop(id: TaskId): Promise<LocalTaskView | undefined> {
    await this.#ask({ kind: "stopRequested", task: id });
    return this.task(id);
  }

  async task(id: TaskId): Promise<LocalTaskView | undefined> {
    await this.#host.settled();
    const entry = this.#core.state.newestOf(id);
    return entry === undefined ? undefined : this.#view(entry);
  }

  async tasks(): Promise<readonly LocalTaskView[]> {
    await this.#host.settled();
    const entries = [...this.#core.state.entries.values()].sort((a, b) => b.createdAt - a.createdAt);
    return entries.map((entry) => this.#view(entry));
  }

  async stats(): Promise<WorkerStats> {
    const sample = await this.#options.machine.sample();
    const tasks = { pending: 0, scheduled: 0, running: 0, completed: 0, failed: 0 };
    for (const entry of this.#core.state.entries.values()) tasks[stateOf(entry)] += 1;
    const { use, cores, memory, disk } = sample;
    const uptimeMs = performance.now() - this.#startedAt;
    return { node: this.nodeName, at: Date.now(), uptimeMs, use, cores, memory, disk, tasks };
  }

  async snapshot(): Promise<WorkerSnapshot> {
    const [stats, tasks] = await Promise.all([this.stats(), this.tasks()]);
    const { sick, crowded, link } = this.#core.state;
    const engines = Array.from(this.#runtimes.keys(), (runtime) => ({
      runtime,
      isSick: sick.has(runtime),
      isCrowded: crowded.has(runtime),
    }));
    return { stats, tasks, engines, isConnected: link?.isWelcome === true };
  }

  logs(id: TaskId, options: LogOptions, signal: AbortSignal): AsyncIterable<LogChunk> | undefined {
    const entry = this.#core.state.newestOf(id);
    const runtime = entry === undefined ? undefined : this.#runtimes.get(entry.spec.runtime);
    return entry === undefined ? undefined : runtime?.logs(runOf(entry), options, signal);
  }

  /**
   * Commits, however long the store takes nothing. Meanwhile no step is taken: what runs runs on, and the manager counts
   * this node as away.
   */
  async #commit(writes: readonly Write[]): Promise<void> {
    const { store, metrics, log } = this.#options;
    const commit = (): Promise<void> => store.commit(writes);
    for (;;) {
      try {
        await (metrics === undefined ? commit() : metrics.commit(writes.length, commit));
        this.#trouble = undefined;
        return;
      } catch (error) {
        if (!(error instanceof StoreError) || !error.isTemporary) throw error;
        if (this.#trouble === undefined)
          log.warn({}, `nothing new until its data directory can be written: ${error.message}`);
        this.#trouble = error;
        await delay(RETRY_COMMIT_MS);
      }
    }
  }

  #ask(question: Question): Promise<Reply> {
    if (this.#trouble !== undefined) return Promise.reject(this.#trouble);
    this.#lastRequest += 1;
    const request = this.#lastRequest;
    return new Promise((resolve, reject) => {
      this.#waiters.set(request, { resolve, reject });
      this.#host.post({ ...question, request });
    });
  }

  #carryOut({ guard, replies, messages, closes, commands, fatal }: Effects): void {
    if (guard !== undefined) this.#options.guard?.tell(guard);
    for (const { request, reply } of replies) {
      this.#waiters.get(request)?.resolve(reply);
      this.#waiters.delete(request);
    }
    for (const command of commands) {
      if (command.kind === "stream") this.#stream(command);
      else {
        this.#options.metrics?.commanded(command);
        this.#executor.execute(command);
      }
    }
    for (const { session, message } of messages) this.#connection?.send(session, message);
    for (const { session, reason } of closes) this.#connection?.close(session, reason);
    if (fatal !== undefined) this.#options.onFatal(new Error(fatal));
    clearTimeout(this.#wake);
    const wakeAt = this.#core.nextWake();
    if (wakeAt === undefined) return;
    const waitMs = Math.min(Math.max(1, wakeAt - this.#clock.mono()), LONGEST_TIMER_MS);
    this.#wake = setTimeout(() => this.#host.post({ kind: "ticked" }), waitMs);
  }

  #stream(command: Extract<Command, { kind: "stream" }>): void {
    const { manager, log } = this.#options;
    if (manager !== undefined) void sendStream({ manager, runtimes: this.#runtimes, log }, command);
  }

  #failed(error: unknown): void {
    for (const { reject } of this.#waiters.values()) reject(error instanceof Error ? error : new Error(String(error)));
    this.#waiters.clear();
    this.#options.onFatal(error instanceof Error ? error : new Error(String(error)));
  }

  #view(entry: Entry): LocalTaskView {
    return { task: taskOf(entry, this.#options.facts.nodeId), used: this.#sampler.useOf(entry.key) };
  }
}
