/**
 * The manager's tables in memory, with the indexes for the questions it is asked. Live tasks only: what has ended is in
 * the store. `apply.ts` alone writes tasks here; the concerns read, and answer with intents.
 */
import type { TaskId } from "../../task/id.ts";
import { SpecTable } from "../../task/spec.ts";
import type { TaskState } from "../../task/state.ts";
import type { Task } from "../../task/task.ts";
import type { Decision, Scheduler } from "../../scheduler/scheduler.ts";
import type { Now, Random } from "../../utils/clock.ts";
import { Heap } from "../../utils/heap.ts";
import type { SessionId } from "./events.ts";
import type { Brake } from "./brake.ts";
import type { ListReading, Slice } from "./lists.ts";
import type { ManagedNode } from "./managed-node.ts";
import { NameIndex } from "./name-index.ts";
import { Holds } from "./holds.ts";
import { PendingQueue } from "./pending.ts";
import { Recent } from "./recent.ts";
import type { ClusterRecord, CountersRecord, IdempotencyRecord } from "./records.ts";
import type { Session } from "./session.ts";

export interface ManagerSettings {
  /** How often a worker is to send a frame. */
  readonly heartbeatMs: number;
  /** What a worker's lease is worth (`node/lease.ts`). */
  readonly leaseMs: number;
  /** Silence after which a node is unreachable and gets no new tasks. */
  readonly unreachableMs: number;
  /** Silence after which a node is lost, and its tasks are placed elsewhere. */
  readonly lostMs: number;
  /** How long a worker that said goodbye may stay away before its node is lost. */
  readonly leftMs: number;
  /** With the brake on, the silence after which a node is lost. */
  readonly brakeMs: number;
  /** How long a task that fits nowhere waits before a node is held for it. */
  readonly patienceMs: number;
  /** How long a node that has come back gets no new tasks, the first time; doubled with each time. */
  readonly calmMs: number;
  /** The longest of that; and a node that stayed for so long has a clean slate. */
  readonly calmMaxMs: number;
  /** The most tasks of a list that one step takes; a longer list is taken in slices. */
  readonly sliceTasks: number;
  /** How long the answer to an idempotency key is kept. */
  readonly idempotencyMs: number;
  /** Time constant of the smoothing of measured use. */
  readonly useSmoothingMs: number;
}

export const DEFAULT_SETTINGS: ManagerSettings = {
  heartbeatMs: 2000,
  leaseMs: 10_000,
  unreachableMs: 6000,
  lostMs: 15_000,
  leftMs: 300_000,
  brakeMs: 60_000,
  patienceMs: 60_000,
  calmMs: 5000,
  calmMaxMs: 600_000,
  sliceTasks: 500,
  idempotencyMs: 24 * 3_600_000,
  useSmoothingMs: 30_000,
};

export interface PlacementRecord {
  readonly attempt: number;
  /** Wall clock, milliseconds. */
  readonly decidedAt: number;
  readonly decision: Decision;
}

/** A node that refused a task, or failed it, and is left out for a while. */
export interface Exclusion {
  readonly times: number;
  readonly untilMono: number;
  readonly reason: string;
}

/** A task to be looked at again at a moment of the clock that never jumps. */
interface Wake {
  readonly atMono: number;
  readonly task: TaskId;
}

/** Explanations kept in memory; older ones are forgotten. */
const MOST_PLACEMENTS = 10_000;
/** Ended tasks remembered in memory, for reports that cross their ending in the same batch. */
const MOST_RECENTLY_ENDED = 20_000;

export class ManagerState {
  readonly settings: ManagerSettings;
  readonly scheduler: Scheduler;
  readonly random: Random;
  cluster: ClusterRecord;

  readonly tasks = new Map<TaskId, Task>();
  /** Numbers of the event rows that speak of a task; none yet for one that waits in `slices`. */
  readonly eventRows = new Map<TaskId, readonly number[]>();
  /** None yet for one that waits in `slices`: to accept a long list takes long enough. */
  readonly byName = new NameIndex();
  readonly specs = new SpecTable();
  readonly pending = new PendingQueue();
  readonly holds = new Holds();
  /** Lists that are being read, and slices of lists that have not entered the queue; the first is gone on with. */
  readonly readings: ListReading[] = [];
  readonly slices: Slice[] = [];
  readonly wakes = new Heap<Wake>((a, b) => a.atMono < b.atMono);
  /** The one moment at which each task is to be woken: any other wake of it is out of date. */
  readonly wakeMoments = new Map<TaskId, number>();
  readonly exclusions = new Map<TaskId, Map<string, Exclusion>>();
  readonly counts: Record<TaskState, number> = { pending: 0, scheduled: 0, running: 0, completed: 0, failed: 0 };

  readonly nodes = new Map<string, ManagedNode>();
  readonly nodeIds = new Map<string, string>();
  /** Nodes whose availability is drain. */
  readonly drains = new Set<ManagedNode>();
  readonly sessions = new Map<SessionId, Session>();
  /** Sessions whose next frame has something to say. */
  readonly dueSessions = new Set<Session>();
  readonly idempotency = new Map<string, IdempotencyRecord>();

  readonly #placements = new Recent<TaskId, PlacementRecord>(MOST_PLACEMENTS);
  readonly #recentlyEnded = new Recent<TaskId, true>(MOST_RECENTLY_ENDED);

  /** On while this manager suspects itself: too many nodes fell silent together. */
  brake: Brake | undefined;
  /** When it last looked at the clock: what is later than a second is not the nodes' fault. */
  lastTickMono: number | undefined;

  lastTaskSeq = 0;
  lastEventSeq = 0;
  lastJoined = 0;

  constructor(cluster: ClusterRecord, counters: CountersRecord, options: StateOptions) {
    this.cluster = cluster;
    this.settings = options.settings;
    this.scheduler = options.scheduler;
    this.random = options.random;
    this.counts.completed = counters.completed;
    this.counts.failed = counters.failed;
  }

  nodeNamed(name: string): ManagedNode | undefined {
    const id = this.nodeIds.get(name);
    return id === undefined ? undefined : this.nodes.get(id);
  }

  tasksNamed(name: string): Task[] {
    const entered = [...this.byName.of(name)].flatMap((id) => this.tasks.get(id) ?? []);
    return [...entered, ...this.slices.flatMap((slice) => slice.filter((task) => task.name === name))];
  }

  nodeOf(task: Task): ManagedNode | undefined {
    return task.nodeId === undefined ? undefined : this.nodes.get(task.nodeId);
  }

  get counters(): CountersRecord {
    return { completed: this.counts.completed, failed: this.counts.failed };
  }

  placement(task: TaskId): PlacementRecord | undefined {
    return this.#placements.get(task);
  }

  rememberPlacement(task: TaskId, record: PlacementRecord): void {
    this.#placements.set(task, record);
  }

  endedRecently(task: TaskId): boolean {
    return this.#recentlyEnded.has(task);
  }

  rememberEnded(task: TaskId): void {
    this.#recentlyEnded.set(task, true);
  }

  /** Has the task looked at again at this moment, and at no other. */
  wake(task: TaskId, atMono: number): void {
    if (this.wakeMoments.get(task) === atMono) return;
    this.wakeMoments.set(task, atMono);
    this.wakes.push({ atMono, task });
  }

  /** The nodes left out for this task, with why; undefined when there are none. */
  excluded(task: TaskId, now: Now): ReadonlyMap<string, string> | undefined {
    const all = this.exclusions.get(task);
    if (all === undefined) return undefined;
    const active = new Map<string, string>();
    for (const [nodeId, { untilMono, reason }] of all) if (untilMono > now.mono) active.set(nodeId, reason);
    return active.size === 0 ? undefined : active;
  }
}

export interface StateOptions {
  readonly settings: ManagerSettings;
  readonly scheduler: Scheduler;
  readonly random: Random;
}
