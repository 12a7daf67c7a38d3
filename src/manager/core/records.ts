/**
 * What the manager keeps on disk, and how. Records are plain JSON with full names, so that a later version can read
 * them; what can be worked out from them (indexes, ledgers, queues) is not kept.
 *
 * Tables: `meta` (`cluster`, `counters`), `nodes` by id, `tasks` (live) by id, `lists` (slices of long lists whose tasks
 * have no records of their own yet) by the sequence of the first, `ended` by sequence, `endedIds` (id → sequence), `events` (one row a batch, by its first number), `idempotency` by key, `outputs` (the last
 * lines of an ended attempt) by id and attempt.
 */
import type { Availability, NodeFacts } from "../../node/node.ts";
import type { HistoryEvent } from "../../task/history.ts";
import type { TaskId } from "../../task/id.ts";
import type { SpecDocument } from "../../task/document.ts";
import { accepted } from "../../task/lifecycle.ts";
import { documentText, type TaskSpec } from "../../task/spec.ts";
import type { Task } from "../../task/task.ts";

export const TABLES = {
  meta: "meta",
  nodes: "nodes",
  tasks: "tasks",
  lists: "lists",
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
  // Field by field, and the spec's text kept: this is written for each change of each task.
  const stored: Omit<StoredTask, "spec"> = {
    id: task.id,
    name: task.name,
    seq: task.seq,
    origin: task.origin,
    state: task.state,
    desired: task.desired,
    nodeId: task.nodeId,
    attempt: task.attempt,
    restarts: task.restarts,
    reschedules: task.reschedules,
    moving: task.moving,
    notBefore: task.notBefore,
    containerId: task.containerId,
    ports: task.ports,
    health: task.health,
    exitCode: task.exitCode,
    reason: task.reason,
    createdAt: task.createdAt,
    scheduledAt: task.scheduledAt,
    startedAt: task.startedAt,
    finishedAt: task.finishedAt,
    eventRows,
  };
  return `{"spec":${documentText(task.spec)},${JSON.stringify(stored).slice(1)}`;
}

/** `spec` gives the shared spec of a document. */
export function decodeTask(text: string, spec: (document: SpecDocument) => TaskSpec): TaskRecord {
  const { eventRows, spec: document, ...rest } = JSON.parse(text) as StoredTask;
  return { task: { ...ABSENT, ...rest, spec: spec(document) }, eventRows };
}

interface StoredSlice {
  readonly createdAt: number;
  readonly specs: readonly SpecDocument[];
  /** Numbered on from the key of the row; `spec` is an index into `specs`. */
  readonly tasks: readonly { readonly id: TaskId; readonly name: string; readonly spec: number }[];
}

/** Tasks accepted together that nothing has happened to: what they have in common is written once. */
export function encodeSlice(slice: readonly Task[]): string {
  const numbers = new Map<TaskSpec, number>();
  const tasks = slice.map(({ id, name, spec }) => {
    const number = numbers.get(spec) ?? numbers.size;
    numbers.set(spec, number);
    return { id, name, spec: number };
  });
  const specs = [...numbers.keys()].map(({ document }) => document);
  const record: StoredSlice = { createdAt: slice[0]?.createdAt ?? 0, specs, tasks };
  return JSON.stringify(record);
}

export function decodeSlice(
  { key, value }: { readonly key: string; readonly value: string },
  spec: (document: SpecDocument) => TaskSpec,
): Task[] {
  const { createdAt, specs, tasks } = JSON.parse(value) as StoredSlice;
  const firstSeq = Number(key);
  return tasks.flatMap(({ id, name, spec: number }, index) => {
    const document = specs[number];
    if (document === undefined) return []; // encodeSlice wrote one for each
    return accepted({ id, name, seq: firstSeq + index, spec: spec(document), at: createdAt });
  });
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

/** The number of the newest event, from the last row of the history; 0 where there is none. */
export function lastEventSeq(row: { readonly key: string; readonly value: string } | undefined): number {
  return row === undefined ? 0 : (decodeEvents(row.value).at(-1)?.seq ?? Number(row.key));
}

/** Key of an attempt's row in `outputs`: those of one task lie side by side, in order. */
export function outputKey(task: TaskId, attempt: number): string {
  return `${task}/${String(attempt).padStart(6, "0")}`;
}
