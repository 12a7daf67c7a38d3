/** Building the core's tables from the records. */
import { attemptKey } from "../../task/id.ts";
import type { SpecDocument } from "../../task/document.ts";
import type { TaskSpec } from "../../task/spec.ts";
import type { Task } from "../../task/task.ts";
import type { Now } from "../../utils/clock.ts";
import { isPlaced, type Applier } from "./apply.ts";
import type { CoreOptions } from "./core.ts";
import { ManagedNode } from "./managed-node.ts";
import {
  decode,
  decodeSlice,
  decodeTask,
  lastEventSeq,
  TABLES,
  type ClusterRecord,
  type CountersRecord,
  type IdempotencyRecord,
  type NodeRecord,
} from "./records.ts";
import { ManagerState } from "./state.ts";

export interface Row {
  readonly key: string;
  readonly value: string;
}

/** The state as the records say it. */
export function recover(options: CoreOptions, now: Now): ManagerState {
  const meta = new Map([...options.rows(TABLES.meta)].map(({ key, value }) => [key, value]));
  const known = meta.get("cluster");
  const cluster = known === undefined ? { clusterId: options.newClusterId, epoch: 0 } : decode<ClusterRecord>(known);
  const counters = meta.get("counters");
  const totals = counters === undefined ? { completed: 0, failed: 0 } : decode<CountersRecord>(counters);
  const state = new ManagerState(cluster, totals, options);

  const answers = [...options.rows(TABLES.idempotency)].map(
    ({ key, value }) => [key, decode<IdempotencyRecord>(value)] as const,
  );
  for (const [key, answer] of answers.sort(([, a], [, b]) => a.at - b.at)) state.idempotency.set(key, answer);
  state.lastEventSeq = lastEventSeq(options.lastRow(TABLES.events));
  state.lastTaskSeq = Number(options.lastRow(TABLES.ended)?.key ?? 0);
  state.lastTickMono = now.mono;
  recoverNodes(state, options, now);
  recoverTasks(state, options, now);
  return state;
}

/** Each start of a manager on a store is a new epoch in it. */
export function beginEpoch(apply: Applier): void {
  const { clusterId, epoch } = apply.state.cluster;
  apply.cluster({ clusterId, epoch: epoch + 1 });
  apply.event({ kind: "manager", reason: `started, epoch ${String(epoch + 1)}` });
}

function recoverNodes(state: ManagerState, options: CoreOptions, now: Now): void {
  const records = [...options.rows(TABLES.nodes)].map(({ value }) => decode<NodeRecord>(value));
  for (const record of records.sort((a, b) => a.joined - b.joined)) {
    const node = record.left
      ? new ManagedNode(record, "left", "its worker was shut down; its tasks run on")
      : new ManagedNode(record, "unreachable", "not heard since this manager started");
    node.heardMono = now.mono;
    // Believed to have been there until this manager went; see the brake.
    if (!record.left) node.readyMono = now.mono;
    state.nodes.set(node.id, node);
    state.nodeIds.set(node.name, node.id);
    if (node.availability === "drain") state.drains.add(node);
    state.lastJoined = Math.max(state.lastJoined, record.joined);
  }
}

function recoverTasks(state: ManagerState, options: CoreOptions, now: Now): void {
  const specOf = (document: SpecDocument): TaskSpec => state.specs.acquire(document);
  const records: { task: Task; eventRows: readonly number[] | undefined }[] = [...options.rows(TABLES.tasks)].map(
    ({ value }) => decodeTask(value, specOf),
  );
  for (const row of options.rows(TABLES.lists)) {
    const slice = decodeSlice(row, specOf);
    state.slices.push(slice);
    for (const task of slice) records.push({ task, eventRows: undefined });
  }
  records.sort((a, b) => a.task.seq - b.task.seq);
  let newest: Task | undefined;
  for (const { task, eventRows } of records) {
    state.lastTaskSeq = Math.max(state.lastTaskSeq, task.seq);
    state.tasks.set(task.id, task);
    state.counts[task.state] += 1;
    if (eventRows === undefined) continue;
    state.eventRows.set(task.id, eventRows);
    state.byName.add(task.name, task.id);
    if (task.state === "pending") queue(state, task, now);
    if (!isPlaced(task)) continue;
    hold(state, task);
    if (newest === undefined || (task.scheduledAt ?? 0) >= (newest.scheduledAt ?? 0)) newest = task;
  }
  for (const node of state.nodes.values()) state.scheduler.update(node);
  if (newest?.nodeId !== undefined) state.scheduler.resume(newest.nodeId);
}

function hold(state: ManagerState, task: Task): void {
  const node = state.nodeOf(task);
  if (node === undefined) return;
  const key = attemptKey(task.id, task.attempt);
  node.ledger.reserve(key, task.spec);
  for (const port of task.ports) node.ledger.holdPort(key, port.host, port.protocol);
  node.addTask(task);
}

/** A delay that is longer than it can have been shows that the wall clock was set back; it is cut to what was meant. */
function queue(state: ManagerState, task: Task, now: Now): void {
  const waitMs = Math.min((task.notBefore ?? now.wall) - now.wall, task.spec.reschedule.delayMs);
  if (waitMs <= 0) state.pending.add(task);
  else state.wake(task.id, now.mono + waitMs);
}
