/**
 * Drives the manager's core: events in, one commit a batch, effects out. Whoever asks gets an answer that is committed;
 * whoever reads sees committed state only.
 *
 * A commit that the store refuses (the disk is full, or cannot be written now) has not happened: those who wait are told
 * so, the core is built anew from the records, and until a trial write has gone through only reads are served. A damaged
 * store ends the manager.
 */
import { randomUUID } from "node:crypto";
import type { Algorithm } from "../scheduler/algorithm.ts";
import type { Scheduler } from "../scheduler/scheduler.ts";
import type { ManagerMessage, WorkerMessage } from "../protocol/messages.ts";
import { StoreError, type Store } from "../store/store.ts";
import type { TaskId } from "../task/id.ts";
import type { Now } from "../utils/clock.ts";
import { Host, LONGEST_TIMER_MS } from "../utils/host.ts";
import type { Log } from "../utils/log.ts";
import { ManagerCore } from "./core/core.ts";
import type { Effects, ManagerEvent, Reply, RequestId, SessionId } from "./core/events.ts";
import { TABLES } from "./core/records.ts";
import { DEFAULT_SETTINGS, type ManagerSettings, type ManagerState } from "./core/state.ts";
import { LeaseKeeper } from "./lease-keeper.ts";
import type { ManagerMetrics } from "./metrics/manager-metrics.ts";
import { Queries } from "./queries.ts";
import { ServiceError } from "./service.ts";

export interface LoopOptions {
  readonly store: Store;
  /** Makes a scheduler that knows no node yet; without an algorithm, of the manager's own. */
  readonly newScheduler: (algorithm?: Algorithm) => Scheduler;
  readonly settings?: Partial<ManagerSettings>;
  /** The store is damaged, or the core found itself in the wrong: the process should end. */
  readonly onFatal: (error: unknown) => void;
  /** Lets messages, closes and history out; replies are the loop's own. */
  readonly carryOut: (effects: Effects) => void;
  /** What went out before is void: every worker should connect again. */
  readonly onReset: () => void;
  readonly metrics?: ManagerMetrics;
  readonly log: Log;
}

const TICK_MS = 1000;
/**
 * So many events besides requests make up a turn, so that it stays short when thousands of workers report at once; who
 * waits for an answer goes first.
 */
const MOST_EVENTS = 500;
/** Room for so much is wanted before writes are taken again. */
const TRIAL_BYTES = 65_536;

type Request = Extract<ManagerEvent, { request: RequestId }>;
type Question = Request extends infer R ? (R extends Request ? Omit<R, "request"> : never) : never;

interface Waiter {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

export class ManagerLoop {
  readonly #options: LoopOptions;
  readonly #host: Host<ManagerEvent, Effects>;
  readonly #waiters = new Map<RequestId, Waiter>();
  #core: ManagerCore;
  #queries: Queries;
  readonly #leases = new LeaseKeeper();
  #ticker: NodeJS.Timeout | undefined;
  #wake: NodeJS.Timeout | undefined;
  #lastRequest = 0;
  /** Why the store takes nothing now. */
  #trouble: StoreError | undefined;

  constructor(options: LoopOptions) {
    this.#options = options;
    [this.#core, this.#queries] = this.#build();
    this.#host = new Host<ManagerEvent, Effects>({
      step: (events) => this.#core.step(events, now()),
      commit: ({ writes }) => (writes.length > 0 ? this.#commit(writes) : undefined),
      carryOut: (effects) => this.#carryOut(effects),
      failed: (error, events) => this.#failed(error, events),
      defer: (run) => setImmediate(run),
      most: MOST_EVENTS,
      isHurried: (event) => "request" in event,
    });
  }

  /** True while the store takes nothing: only reads are served. */
  get isReadOnly(): boolean {
    return this.#trouble !== undefined;
  }

  /** Resolves when this start, its epoch, is durable. Rejects when that cannot be committed. */
  async open(): Promise<void> {
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
    this.#host.post({ kind: "ticked" });
    await this.#host.settled();
  }

  /** Commits what is under way and takes nothing more. */
  async close(): Promise<void> {
    clearInterval(this.#ticker);
    await this.#host.stop();
    clearTimeout(this.#wake);
    this.#rejectAll(new ServiceError("unavailable", "The manager is shutting down."));
  }

  /** What a worker may hear while only reads are served. */
  keepLease(session: SessionId, message: WorkerMessage): readonly ManagerMessage[] | undefined {
    return this.#leases.answer(session, message, this.#core.state);
  }

  post(event: ManagerEvent): void {
    if (event.kind === "sessionClosed") this.#leases.forget(event.session);
    if (!this.isReadOnly) this.#host.post(event);
  }

  /** The core's answer, once it is committed. Rejects with a ServiceError when that cannot be done now. */
  ask(question: Question): Promise<Reply> {
    if (this.#trouble !== undefined) return Promise.reject(refusal(this.#trouble));
    this.#lastRequest += 1;
    const request = this.#lastRequest;
    return new Promise((resolve, reject) => {
      this.#waiters.set(request, { resolve, reject });
      this.#host.post({ ...question, request });
    });
  }

  /** Reads between two turns, when all there is is committed. */
  async read<T>(from: (queries: Queries) => T): Promise<T> {
    await this.#host.betweenTurns();
    return from(this.#queries);
  }

  /** The same from the core's own tables. */
  async readState<T>(from: (state: ManagerState) => T): Promise<T> {
    await this.#host.betweenTurns();
    return from(this.#core.state);
  }

  /** Those of the ids that ended tasks of the store bear; what ends just now, the core itself remembers. */
  endedAmong(ids: readonly TaskId[]): ReadonlySet<TaskId> {
    return this.#queries.endedAmong(ids);
  }

  #build(): [ManagerCore, Queries] {
    const { store, newScheduler, settings } = this.#options;
    const core = new ManagerCore(
      {
        settings: { ...DEFAULT_SETTINGS, ...settings },
        scheduler: newScheduler(),
        random: Math.random,
        rows: (table) => store.rows(table),
        lastRow: (table) => [...store.rows(table, { reverse: true, limit: 1 })][0],
        newClusterId: randomUUID(),
      },
      now(),
    );
    return [core, new Queries(core, store)];
  }

  #commit(writes: Effects["writes"]): Promise<void> {
    const { store, metrics } = this.#options;
    return metrics === undefined ? store.commit(writes) : metrics.commit(writes.length, () => store.commit(writes));
  }

  #carryOut(effects: Effects): void {
    this.#options.metrics?.happened(effects.events, this.#core.state.tasks, Date.now());
    for (const { request, reply } of effects.replies) {
      this.#waiters.get(request)?.resolve(reply);
      this.#waiters.delete(request);
    }
    this.#options.carryOut(effects);
    clearTimeout(this.#wake);
    const wakeAt = this.#core.nextWake();
    if (wakeAt === undefined) return;
    // Never at once: what has arrived meanwhile, new connections too, is to be read before the next turn.
    const waitMs = Math.min(Math.max(1, wakeAt - performance.now()), LONGEST_TIMER_MS);
    this.#wake = setTimeout(() => this.post({ kind: "ticked" }), waitMs);
  }

  #tick(): void {
    if (this.isReadOnly) void this.#tryAgain();
    else this.#host.post({ kind: "ticked" });
  }

  #failed(error: unknown, events: readonly ManagerEvent[]): void {
    if (!(error instanceof StoreError) || !error.isTemporary) {
      this.#rejectAll(new ServiceError("unavailable", "The manager has failed and is ending."));
      this.#options.onFatal(error);
      return;
    }
    this.#options.log.warn({ error: error.message, events: events.length }, "only reads are served");
    this.#trouble = error;
    this.#rejectAll(refusal(error));
    try {
      [this.#core, this.#queries] = this.#build();
    } catch (unreadable) {
      this.#options.onFatal(unreadable);
      return;
    }
    this.#options.onReset();
  }

  async #tryAgain(): Promise<void> {
    const { store, log } = this.#options;
    try {
      await store.commit([{ table: TABLES.meta, key: "trial", value: "x".repeat(TRIAL_BYTES) }]);
      await store.commit([{ table: TABLES.meta, key: "trial", value: null }]);
    } catch (error) {
      if (!(error instanceof StoreError) || !error.isTemporary) this.#options.onFatal(error);
      return;
    }
    log.info({}, "the store takes writes again");
    // As at a start: silence counts from now, and every worker says everything again.
    [this.#core, this.#queries] = this.#build();
    this.#trouble = undefined;
    this.#options.onReset();
    this.#host.post({ kind: "ticked" });
  }

  #rejectAll(error: Error): void {
    for (const { reject } of this.#waiters.values()) reject(error);
    this.#waiters.clear();
  }
}

function refusal({ code, message }: StoreError): ServiceError {
  const state = "Nothing was accepted; the manager tries again every second and goes on by itself.";
  return new ServiceError(code === "full" ? "store_full" : "unavailable", `${message} ${state}`);
}

/** The machine's clocks, read together. */
function now(): Now {
  return { mono: performance.now(), wall: Date.now() };
}
