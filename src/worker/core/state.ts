/** What a worker knows, and the effects that gather while it takes a batch of events. */
import { Ledger } from "../../node/ledger.ts";
import type { NodeFacts } from "../../node/node.ts";
import type { WorkerMessage } from "../../protocol/messages.ts";
import type { RuntimeKind } from "../../task/document.ts";
import type { AttemptKey, TaskId } from "../../task/id.ts";
import { SpecTable } from "../../task/spec.ts";
import type { Now, Random } from "../../utils/clock.ts";
import { Heap } from "../../utils/heap.ts";
import type { Write } from "../../utils/write.ts";
import { encodeEntry, type Entry } from "./entry.ts";
import type { Command, Effects, GuardOrder, Reply, RequestId, Run, SampledUse, SessionId } from "./events.ts";
import type { ManagerLink } from "./link.ts";

export const WORKER_TABLES = { meta: "meta", entries: "entries", removals: "removals" } as const;

export interface WorkerSettings {
  readonly portRange: readonly [number, number];
  /** Where published ports can be reached, and are published. */
  readonly publishAddress: string;
  /** Host paths that tasks may mount, with what is below them. */
  readonly allowedPaths: readonly string[];
  /** Results that no manager has taken are kept this long, and this many. */
  readonly resultsMs: number;
  readonly mostResults: number;
  /** The same while the disk of an engine is too full. */
  readonly mostResultsCrowded: number;
  /** News is sent at once, but not more often than this. */
  readonly coalesceMs: number;
  /** A result without a verdict is reported again after this. */
  readonly repeatMs: number;
}

export const DEFAULT_WORKER_SETTINGS: WorkerSettings = {
  portRange: [20_000, 32_000],
  publishAddress: "127.0.0.1",
  allowedPaths: [],
  resultsMs: 24 * 3_600_000,
  mostResults: 1000,
  mostResultsCrowded: 100,
  coalesceMs: 20,
  repeatMs: 5000,
};

/** The cluster this worker belongs to, kept on disk. */
export interface MembershipRecord {
  readonly clusterId: string;
  readonly epoch: number;
}

/** How long this worker may run what must not run twice, kept on disk while there is such a thing. */
export interface LeaseRecord extends GuardOrder {
  /** Of the start of the machine that the moment belongs to. */
  readonly bootId: string;
}

/** A forgotten run whose removal is not confirmed. */
export interface Removal {
  readonly run: Run;
  readonly runtime: RuntimeKind;
}

interface Wake {
  readonly atMono: number;
  readonly key: AttemptKey;
  /** The run it is meant for: of another one it is out of date. */
  readonly restart: number;
  readonly what: "restart" | "probe";
}

export class WorkerState {
  readonly settings: WorkerSettings;
  facts: NodeFacts;
  readonly instanceId: string;
  readonly bootId: string;
  readonly random: Random;
  readonly entries = new Map<AttemptKey, Entry>();
  /** By task, attempt and restart. */
  readonly removals = new Map<string, Removal>();
  /** Changed in what is worth keeping, but not worth a commit of its own: kept with the next one, or within a second. */
  readonly unsaved = new Set<Entry>();
  /** Confirmed, but still on disk: no reason for a commit of their own. */
  readonly confirmedRemovals = new Set<string>();
  readonly ledger: Ledger;
  readonly specs = new SpecTable();
  readonly wakes = new Heap<Wake>((a, b) => a.atMono < b.atMono);
  membership: MembershipRecord | undefined;
  /** The connection to the manager, while there is one. */
  link: ManagerLink | undefined;
  usage: SampledUse | undefined;
  /** What the manager said that a lease is worth. */
  leaseMs = 0;
  /** The lease ends at this moment; that of a worker which never had one is over. */
  leaseUntilMono = Number.NEGATIVE_INFINITY;
  /** The entries that run under the lease. */
  readonly leased = new Set<Entry>();
  /** Their runs, as the guard was told of them last; undefined when one of them has changed since. */
  leasedRuns: GuardOrder["runs"] | undefined;
  /** Runtimes whose engine does not answer, each with why. */
  readonly sick = new Map<RuntimeKind, string>();
  /** Runtimes whose engine's disk is too full. */
  readonly crowded = new Set<RuntimeKind>();
  /** Runtimes that have been listed since this process was started: what they have is known. */
  readonly listed = new Set<RuntimeKind>();
  isLeaving = false;

  constructor(options: WorkerStateOptions) {
    this.settings = options.settings;
    this.facts = options.facts;
    this.instanceId = options.instanceId;
    this.bootId = options.bootId;
    this.random = options.random;
    this.ledger = new Ledger(options.facts.capacity);
  }

  /** The newest attempt of a task that is here. */
  newestOf(task: TaskId): Entry | undefined {
    let newest: Entry | undefined;
    for (const entry of this.entries.values()) {
      if (entry.id === task && (newest === undefined || entry.attempt > newest.attempt)) newest = entry;
    }
    return newest;
  }
}

export interface WorkerStateOptions {
  readonly settings: WorkerSettings;
  readonly facts: NodeFacts;
  /** Of this process. */
  readonly instanceId: string;
  /** Of this start of the machine: what `mono` counts from. */
  readonly bootId: string;
  readonly random: Random;
}

/** True of what must not run twice, and could: a worker's own task is nobody else's. */
export function isLeased({ spec, local, phase }: Entry): boolean {
  return spec.reschedule.onDisconnect === "stop" && !local && phase.kind !== "ended";
}

export function runOf(entry: Entry): Run {
  return { task: entry.id, attempt: entry.attempt, restart: entry.restarts };
}

/** Gathers what a step does; the state is changed as it goes. */
export class Step {
  readonly state: WorkerState;
  readonly now: Now;
  readonly #stored = new Map<AttemptKey, Entry | undefined>();
  readonly #writes: Write[] = [];
  readonly #commands: Command[] = [];
  readonly #messages: { session: SessionId; message: WorkerMessage }[] = [];
  readonly #closes: { session: SessionId; reason: string }[] = [];
  readonly #replies: { request: RequestId; reply: Reply }[] = [];
  #isLeaseNews = false;
  #fatal: string | undefined;

  constructor(state: WorkerState, now: Now) {
    this.state = state;
    this.now = now;
  }

  /** Makes the entry durable as it is at the end of the step. */
  store(entry: Entry): void {
    this.#stored.set(entry.key, entry);
    const { leased } = this.state;
    const isUnderLease = isLeased(entry);
    if (isUnderLease || leased.has(entry)) this.#leasedChanged();
    if (isUnderLease) leased.add(entry);
    else leased.delete(entry);
  }

  /** Forgets the entry and frees what it held. */
  forget(entry: Entry): void {
    this.state.entries.delete(entry.key);
    this.state.ledger.release(entry.key);
    this.state.specs.release(entry.spec);
    this.#stored.set(entry.key, undefined);
    if (this.state.leased.delete(entry)) this.#leasedChanged();
  }

  /** The entry's run has begun. Whoever asks soon is told by the runtime, so that this need not be durable at once. */
  learned(entry: Entry): void {
    this.state.unsaved.add(entry);
    if (this.state.leased.has(entry)) this.#leasedChanged();
  }

  /** Keeps now what was not worth a commit of its own. */
  saveAll(): void {
    const { unsaved, entries } = this.state;
    for (const entry of unsaved) if (entries.get(entry.key) === entry) this.store(entry);
    unsaved.clear();
  }

  /** The lease ends at this moment. */
  lease(untilMono: number): void {
    this.state.leaseUntilMono = untilMono;
    if (this.state.leased.size > 0) this.#isLeaseNews = true;
  }

  /** The run is to be removed, which is kept until it is confirmed (undefined). */
  removal(key: string, removal: Removal | undefined): void {
    const { removals, confirmedRemovals } = this.state;
    if (removal === undefined) {
      if (removals.delete(key)) confirmedRemovals.add(key);
      return;
    }
    removals.set(key, removal);
    confirmedRemovals.delete(key);
    this.#writes.push({ table: WORKER_TABLES.removals, key, value: JSON.stringify(removal) });
  }

  /** The manager should hear of the entry. */
  report(entry: Entry): void {
    this.state.link?.markChanged(entry.key);
  }

  /** The manager should hear of the entry, but nobody waits for it: it may come along with what follows. */
  reportSoon(entry: Entry): void {
    this.state.link?.markChanged(entry.key, this.now.mono + this.state.settings.coalesceMs);
  }

  storeMembership(membership: MembershipRecord): void {
    this.state.membership = membership;
    this.#writes.push({ table: WORKER_TABLES.meta, key: "membership", value: JSON.stringify(membership) });
  }

  command(command: Command): void {
    this.#commands.push(command);
  }

  send(session: SessionId, message: WorkerMessage): void {
    this.#messages.push({ session, message });
  }

  close(session: SessionId, reason: string): void {
    this.#closes.push({ session, reason });
  }

  reply(request: RequestId, reply: Reply): void {
    this.#replies.push({ request, reply });
  }

  giveUp(reason: string): void {
    this.#fatal = reason;
  }

  finish(): Effects {
    if (this.#stored.size > 0 || this.#writes.length > 0) this.saveAll();
    for (const [key, entry] of this.#stored) {
      this.#writes.push({
        table: WORKER_TABLES.entries,
        key,
        value: entry === undefined ? null : encodeEntry(entry),
      });
    }
    if (this.#writes.length > 0) {
      const { confirmedRemovals } = this.state;
      for (const key of confirmedRemovals) this.#writes.push({ table: WORKER_TABLES.removals, key, value: null });
      confirmedRemovals.clear();
    }
    const guard = this.#isLeaseNews ? this.#guard() : undefined;
    if (guard !== undefined) {
      const record: LeaseRecord = { bootId: this.state.bootId, ...guard };
      this.#writes.push({ table: WORKER_TABLES.meta, key: "lease", value: JSON.stringify(record) });
    }
    return {
      guard,
      writes: this.#writes,
      commands: this.#commands,
      messages: this.#messages,
      closes: this.#closes,
      replies: this.#replies,
      fatal: this.#fatal,
    };
  }

  #leasedChanged(): void {
    this.#isLeaseNews = true;
    this.state.leasedRuns = undefined;
  }

  #guard(): GuardOrder {
    const { state } = this;
    state.leasedRuns ??= Array.from(state.leased, (entry) => {
      const { runtime, stopTimeoutMs } = entry.spec;
      return { run: runOf(entry), runtime, stopTimeoutMs, containerId: entry.containerId };
    });
    return { untilMono: state.leaseUntilMono, runs: state.leasedRuns };
  }
}
