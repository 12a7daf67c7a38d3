/**
 * What the manager's HTTP server asks of the manager: the door between the wire and the core. Everything it answers is
 * committed.
 */
import type { Readable } from "node:stream";
import type { WebSocket } from "ws";
import type { Availability, NodeStatus, NodeUse, TaskUse } from "../node/node.ts";
import type { Resources } from "../task/spec.ts";
import type { LogOptions } from "../protocol/messages.ts";
import type { EventNews, EventPage, EventQuery } from "./history.ts";
import type { ManagerSnapshot } from "./metrics/cluster-gauges.ts";
import type { Plan, PlanQuestion as PlannedQuestion } from "./plan/plan.ts";
import type { Decision } from "../scheduler/scheduler.ts";
import type { RuntimeKind, TaskDocument } from "../task/document.ts";
import type { HistoryEvent } from "../task/history.ts";
import type { TaskId } from "../task/id.ts";
import type { TaskState } from "../task/state.ts";
import type { Task } from "../task/task.ts";

/** A task with what is known of it but not kept: its node's name and its measured use. */
export interface TaskView {
  readonly task: Task;
  readonly nodeName: string | undefined;
  readonly used: TaskUse | undefined;
}

export interface NodeSummary {
  readonly id: string;
  readonly name: string;
  readonly status: NodeStatus;
  readonly availability: Availability;
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly runtimes: readonly RuntimeKind[];
  readonly version: string;
  readonly capacity: Resources;
  readonly reserved: Resources;
  readonly used: NodeUse | undefined;
  readonly tasks: { readonly scheduled: number; readonly running: number };
  readonly reason: string;
  /** While it is being drained. */
  readonly drain: { readonly left: number; readonly blocked: string | undefined } | undefined;
  /** How far its wall clock was ahead of ours when it last told, less the time on the way. Milliseconds. */
  readonly clockSkewMs?: number | undefined;
  /** Wall clock, milliseconds. */
  readonly joinedAt: number;
  readonly lastSeenAt: number;
}

export interface AvailabilityChange {
  readonly availability: Availability;
  /** Of a drain: how many tasks move at a time, else one. */
  readonly parallel: number | undefined;
}

/** What became of the removal of a node: it is up; or what must not run twice may still run there, for so long. */
export type RemovalOutcome = { readonly kind: "removed" } | { readonly kind: "up"; readonly leasedMs: number };

export interface Submission {
  /** Checked against the schema and against `api/submission.ts`. */
  readonly documents: readonly TaskDocument[];
  /** Of the `Idempotency-Key` header, with a digest of the body. */
  readonly idempotency?: IdempotencyKey;
}

/** What an `Idempotency-Key` stands for. */
export interface IdempotencyKey {
  readonly key: string;
  /** Of the request: the same key with another is refused. */
  readonly digest: string;
}

export type RestartOutcome =
  | { readonly kind: "accepted"; readonly task: TaskView }
  /** It has ended, or is being stopped: there is nothing to restart. */
  | { readonly kind: "ended"; readonly task: TaskView }
  | { readonly kind: "idempotencyMismatch" };

export type SubmitOutcome =
  | { readonly kind: "accepted"; readonly tasks: readonly TaskView[] }
  | { readonly kind: "idTaken"; readonly ids: readonly TaskId[] }
  | { readonly kind: "idempotencyMismatch" };

export interface TaskQuery {
  readonly state?: TaskState;
  /** Of the node. */
  readonly node?: string;
  readonly name?: string;
  /** `key=value`, or a key alone. */
  readonly label?: string;
  /** Only ids that begin with this. */
  readonly idPrefix?: string;
  readonly limit: number;
  /** As given by the page before. */
  readonly cursor?: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | undefined;
}

export interface ClusterStats {
  readonly tasks: Readonly<Record<TaskState, number>>;
  readonly nodes: { readonly ready: number; readonly unreachable: number; readonly lost: number };
  readonly capacity: Resources;
  readonly reserved: Resources;
  readonly used: Resources;
  readonly scheduler: string;
  readonly store: "memory" | "persistent";
  /** On while the manager suspects itself: since when (wall clock, milliseconds), and why. */
  readonly brake: { readonly since: number; readonly reason: string } | undefined;
  /** Milliseconds since this manager started. */
  readonly uptimeMs: number;
}

export interface PlacementView {
  readonly attempt: number;
  readonly decidedAt: number;
  readonly decision: Decision;
  readonly chosenName: string | undefined;
}

/** What if these nodes went and these tasks came. */
export interface PlanQuestion extends PlannedQuestion {
  /** Names of nodes. */
  readonly drain: readonly string[];
  readonly lose: readonly string[];
  /** Names of algorithms; none: the manager's own. */
  readonly schedulers: readonly string[];
}

export type PlanOutcome =
  | {
      readonly kind: "planned";
      /** Wall clock, milliseconds. */
      readonly at: number;
      /** What else would happen, in sentences. */
      readonly notes: readonly string[];
      /** One for each algorithm. */
      readonly plans: readonly Plan[];
    }
  | PlanRefusal
  | { readonly kind: "unknownScheduler"; readonly name: string; readonly known: readonly string[] };

/** Why there is no plan as the cluster is now. */
export type PlanRefusal =
  | { readonly kind: "unknownNode"; readonly name: string }
  | { readonly kind: "idTaken"; readonly ids: readonly TaskId[] }
  | { readonly kind: "tooLarge"; readonly detail: string };

export type LogOutcome =
  | {
      readonly kind: "stream";
      /** The output as it comes; destroying it ends the stream at the worker. */
      readonly output: Readable;
      /** What is not there, in words, where that is known from the start. */
      readonly missing?: string;
    }
  | { readonly kind: "unknown" }
  /** There is no output to be had now: never placed, or its node is away. */
  | { readonly kind: "unavailable"; readonly reason: string };

export type ExecOutcome =
  /** To its worker, who waits for the request; paused, so that nothing is lost before somebody listens. */
  | { readonly kind: "connected"; readonly socket: WebSocket }
  | { readonly kind: "unknown" }
  | { readonly kind: "unavailable"; readonly reason: string };

/** The store is full, or the manager is not ready: the HTTP status says which. */
export class ServiceError extends Error {
  override readonly name = "ServiceError";
  readonly code: "store_full" | "unavailable";

  constructor(code: "store_full" | "unavailable", message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export interface ManagerService {
  submit(submission: Submission): Promise<SubmitOutcome>;
  /** The task after the request, final ones unchanged; undefined when there is none of this id. */
  stop(id: TaskId, cause: string): Promise<TaskView | undefined>;
  /** Undefined when there is no task of this id. */
  restart(id: TaskId, idempotency?: IdempotencyKey): Promise<RestartOutcome | undefined>;
  setAvailability(nodeName: string, change: AvailabilityChange): Promise<NodeSummary | undefined>;
  /** Takes the brake off, if it is on. */
  releaseBrake(): Promise<void>;
  removeNode(nodeName: string): Promise<RemovalOutcome | undefined>;

  task(id: TaskId): Promise<TaskView | undefined>;
  tasks(query: TaskQuery): Promise<Page<TaskView>>;
  nodes(): Promise<readonly NodeSummary[]>;
  node(name: string): Promise<NodeSummary | undefined>;
  stats(): Promise<ClusterStats>;
  /** For the metrics. */
  snapshot(): Promise<ManagerSnapshot>;
  /** Changes nothing. */
  plan(question: PlanQuestion, signal: AbortSignal): Promise<PlanOutcome>;
  placement(id: TaskId): Promise<PlacementView | undefined>;
  taskEvents(id: TaskId): Promise<readonly HistoryEvent[] | undefined>;
  events(query: EventQuery): Promise<EventPage>;
  /** Until the signal; when nothing happens for `quietMs`, it says so. */
  followEvents(query: EventQuery, signal: AbortSignal, quietMs: number): AsyncIterable<EventNews>;
  logs(id: TaskId, options: LogOptions, signal: AbortSignal): Promise<LogOutcome>;
  exec(id: TaskId, signal: AbortSignal): Promise<ExecOutcome>;
  /** The bytes of the live feed's server-sent events, until the signal; it ends by itself for a reader that falls behind. */
  live(signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** True once the store is read and requests are served. */
  ready(): boolean;
}
