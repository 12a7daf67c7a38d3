/**
 * What the manager keeps on disk, and how. Records are plain JSON with full names, so that a later version can read
 * them; what can be worked out from them (indexes, ledgers, queues) is not kept.
 *
 * Tables: `meta` (`cluster`, `counters`), `nodes` by id, `tasks` (live) by id, `ended` by sequence, `endedIds` (id →
 * sequence), `events` (one row a batch, by its first number), `idempotency` by key, `outputs` (the last
 * lines of an ended attempt) by id and attempt.
 */
import type { Availability, NodeFacts } from "../../node/node.ts";
import type { HistoryEvent } from "../../task/history.ts";
import type { TaskId } from "../../task/id.ts";
import type { SpecDocument } from "../../task/document.ts";
import type { TaskSpec } from "../../task/spec.ts";
import type { Task } from "../../task/task.ts";

export const TABLES = {
  meta: "meta",
  nodes: "nodes",
  tasks: "tasks",
  ended: "ended",
  endedIds: "endedIds",
  events: "events",
  idempotency: "idempotency",
  outputs: "outputs",
} as const;

export interface ClusterRecord {
  readonly clusterId: string;
  /** Counts the starts of a manager on this store. */
  readonly epoch: number;
}

/** Totals that would cost a scan of the ended tasks to work out. */
export interface CountersRecord {
  readonly completed: number;
  readonly failed: number;
}

export interface NodeRecord {
  readonly facts: NodeFacts;
  /** Place in the order of joining, from 1. */
  readonly joined: number;
  readonly availability: Availability;
  /** How many tasks a drain moves at a time; absent: one. */
  readonly drainParallel?: number;
  readonly joinedAt: number;
  readonly lastSeenAt: number;
  /** It said goodbye. */
  readonly left: boolean;
}

export interface IdempotencyRecord {
  readonly digest: string;
  readonly ids: readonly TaskId[];
  readonly at: number;
}

/** A task with the numbers of the event rows that speak of it. */
export interface TaskRecord {
  readonly task: Task;
  readonly eventRows: readonly number[];
}

type StoredTask = Omit<Task, "spec"> & { spec: SpecDocument; eventRows: readonly number[] };

export function encodeTask({ task, eventRows }: TaskRecord): string {
  return JSON.stringify({ ...task, spec: task.spec.document, eventRows });
}

/** `spec` gives the shared spec of a document. */
export function decodeTask(text: string, spec: (document: SpecDocument) => TaskSpec): TaskRecord {
  const { eventRows, spec: document, ...rest } = JSON.parse(text) as StoredTask;
  return { task: { ...ABSENT, ...rest, spec: spec(document) }, eventRows };
}

/** JSON leaves undefined fields out; every task has the same shape in memory. */
const ABSENT = {
  nodeId: undefined,
  moving: undefined,
  notBefore: undefined,
  containerId: undefined,
  exitCode: undefined,
  scheduledAt: undefined,
  startedAt: undefined,
  finishedAt: undefined,
};

export function encode(record: ClusterRecord | CountersRecord | NodeRecord | IdempotencyRecord): string {
  return JSON.stringify(record);
}

export function encodeEvents(events: readonly HistoryEvent[]): string {
  return JSON.stringify(events);
}

export function decode<T extends ClusterRecord | CountersRecord | NodeRecord | IdempotencyRecord>(text: string): T {
  return JSON.parse(text) as T;
}

export function decodeEvents(text: string): readonly HistoryEvent[] {
  return JSON.parse(text) as HistoryEvent[];
}

/** Key of an attempt's row in `outputs`: those of one task lie side by side, in order. */
export function outputKey(task: TaskId, attempt: number): string {
  return `${task}/${String(attempt).padStart(6, "0")}`;
}
