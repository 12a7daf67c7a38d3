/**
 * The applier: it alone turns what the concerns decided into changes of tables, ledgers, indexes, history and orders.
 *
 * The concerns hand it the next value of a task (made by `task/lifecycle`) or say what became of a node; it compares
 * with what was, and everything else follows from the difference. Orders to workers follow from the task too: one that
 * is placed and wanted is assigned, one that is placed and unwanted (or moving) is stopped.
 */
import { attemptKey, type TaskId } from "../../task/id.ts";
import type { HistoryEvent } from "../../task/history.ts";
import { isFinal } from "../../task/state.ts";
import type { Task } from "../../task/task.ts";
import type { ManagerMessage } from "../../protocol/messages.ts";
import type { Now } from "../../utils/clock.ts";
import { sequenceKey, type Write } from "../../utils/write.ts";
import type { Effects, Reply, RequestId, SessionId } from "./events.ts";
import type { ManagedNode } from "./managed-node.ts";
import {
  encode,
  encodeEvents,
  encodeTask,
  outputKey,
  TABLES,
  type ClusterRecord,
  type IdempotencyRecord,
} from "./records.ts";
import type { Session } from "./session.ts";
import type { ManagerState } from "./state.ts";

/** The rows of a task's history that its record names; the oldest are forgotten. */
const MOST_EVENT_ROWS = 200;

export class Applier {
  /** To read. */
  readonly state: ManagerState;
  readonly now: Now;
  readonly #firstEventSeq: number;
  readonly #changed = new Map<TaskId, Task>();
  readonly #changedNodes = new Set<ManagedNode>();
  readonly #writes: Write[] = [];
  readonly #replies: { request: RequestId; reply: Reply }[] = [];
  readonly #messages: { session: SessionId; message: ManagerMessage }[] = [];
  readonly #closes: SessionId[] = [];
  readonly #events: HistoryEvent[] = [];
  #countersChanged = false;

  constructor(state: ManagerState, now: Now) {
    this.state = state;
    this.now = now;
    this.#firstEventSeq = state.lastEventSeq + 1;
  }

  /** The task is this from now on. `tells`: its history does too, although its state is what it was. */
  task(next: Task, { tells = false }: { readonly tells?: boolean } = {}): void {
    const state = this.state;
    const before = state.tasks.get(next.id);
    if (before === undefined) this.#introduce(next);
    else state.counts[before.state] -= 1;
    state.counts[next.state] += 1;
    if (isFinal(next.state)) this.#retire(next);
    else state.tasks.set(next.id, next);

    this.#account(before, next);
    this.#recordTask(before, next, tells);
    if (next.state === "pending") this.#queue(next);
    else if (before?.state === "pending") state.pending.remove(next.id);
    this.#order(before, next);
  }

  /** Something of the node changed that the scheduler or the store should know. */
  node(node: ManagedNode, change?: { readonly durable?: boolean; readonly mayLetIn?: boolean }): void {
    this.state.scheduler.update(node);
    if (change?.durable === true) this.#changedNodes.add(node);
    if (change?.mayLetIn === true) this.state.pending.unblock();
  }

  removeNode(node: ManagedNode): void {
    const state = this.state;
    state.nodes.delete(node.id);
    state.nodeIds.delete(node.name);
    state.scheduler.remove(node.id);
    this.#changedNodes.delete(node);
    this.#writes.push({ table: TABLES.nodes, key: node.id, value: null });
  }

  cluster(cluster: ClusterRecord): void {
    this.state.cluster = cluster;
    this.#writes.push({ table: TABLES.meta, key: "cluster", value: encode(cluster) });
  }

  idempotency(key: string, record: IdempotencyRecord | undefined): void {
    if (record === undefined) this.state.idempotency.delete(key);
    else this.state.idempotency.set(key, record);
    this.#writes.push({ table: TABLES.idempotency, key, value: record === undefined ? null : encode(record) });
  }

  /** Keeps the last lines that an attempt printed, so that they outlive its container and its node. */
  output(task: TaskId, attempt: number, text: string): void {
    this.#writes.push({ table: TABLES.outputs, key: outputKey(task, attempt), value: text.toWellFormed() });
  }

  /** An entry of the history that is no task's change of state. */
  event(event: Omit<HistoryEvent, "seq" | "at">): void {
    this.state.lastEventSeq += 1;
    this.#events.push({ seq: this.state.lastEventSeq, at: this.now.wall, ...event });
  }

  reply(request: RequestId, reply: Reply): void {
    this.#replies.push({ request, reply });
  }

  send(session: SessionId, message: ManagerMessage): void {
    this.#messages.push({ session, message });
  }

  close(session: SessionId): void {
    this.#closes.push(session);
  }

  /** Everything that was gathered, records encoded. */
  finish(): Effects {
    const state = this.state;
    for (const task of this.#changed.values()) this.#write(task);
    for (const node of this.#changedNodes) {
      this.#writes.push({ table: TABLES.nodes, key: node.id, value: encode(node.record) });
    }
    if (this.#countersChanged) {
      this.#writes.push({ table: TABLES.meta, key: "counters", value: encode(state.counters) });
    }
    if (this.#events.length > 0) {
      const key = sequenceKey(this.#firstEventSeq);
      this.#writes.push({ table: TABLES.events, key, value: encodeEvents(this.#events) });
    }
    for (const session of state.dueSessions) {
      this.#messages.push({ session: session.id, message: session.takeFrame() });
    }
    return {
      writes: this.#writes,
      replies: this.#replies,
      messages: this.#messages,
      closes: this.#closes,
      events: this.#events,
    };
  }

  #introduce(task: Task): void {
    const { byName, eventRows } = this.state;
    eventRows.set(task.id, []);
    const namesakes = byName.get(task.name);
    if (namesakes === undefined) byName.set(task.name, new Set([task.id]));
    else namesakes.add(task.id);
  }

  /** A task that has ended leaves memory; its record moves to the ended ones. */
  #retire(task: Task): void {
    const state = this.state;
    state.tasks.delete(task.id);
    state.pending.remove(task.id);
    state.exclusions.delete(task.id);
    state.wakeMoments.delete(task.id);
    const namesakes = state.byName.get(task.name);
    namesakes?.delete(task.id);
    if (namesakes?.size === 0) state.byName.delete(task.name);
    state.rememberEnded(task.id);
    this.#countersChanged = true;
  }

  /** Ledger and counts of the node it was on and of the node it is on. */
  #account(before: Task | undefined, next: Task): void {
    const had = before !== undefined && isPlaced(before) ? this.state.nodeOf(before) : undefined;
    const has = isPlaced(next) ? this.state.nodeOf(next) : undefined;
    const isSameAttempt = had === has && before?.attempt === next.attempt;
    if (had !== undefined && before !== undefined && !isSameAttempt) {
      const key = attemptKey(before.id, before.attempt);
      if (!had.strays.has(key)) had.ledger.release(key);
      had.removeTask(before);
      had.taskUse.delete(key);
      this.node(had, { mayLetIn: true });
    }
    if (has === undefined) return;
    const key = attemptKey(next.id, next.attempt);
    if (!isSameAttempt) {
      has.ledger.reserve(key, { resources: next.spec.resources, ports: next.spec.ports });
      has.addTask(next);
      this.node(has);
    }
    if (before?.ports !== next.ports) for (const port of next.ports) has.ledger.holdPort(key, port.host, port.protocol);
  }

  #recordTask(before: Task | undefined, next: Task, tells: boolean): void {
    const hasNews = tells || isNews(before, next);
    if (hasNews) this.#taskEvent(before, next);
    const isDurable = hasNews || before?.containerId !== next.containerId || before?.ports !== next.ports;
    if (isDurable || this.#changed.has(next.id)) this.#changed.set(next.id, next);
  }

  #taskEvent(before: Task | undefined, next: Task): void {
    const node = this.state.nodeOf(next)?.name;
    this.event({
      kind: "task",
      task: next.id,
      ...(next.attempt > 0 ? { attempt: next.attempt } : {}),
      ...(node === undefined ? {} : { node }),
      ...(before === undefined ? {} : { from: before.state }),
      to: next.state,
      reason: next.reason,
    });
    const rows = this.state.eventRows.get(next.id);
    if (rows === undefined || rows.at(-1) === this.#firstEventSeq) return;
    rows.push(this.#firstEventSeq);
    if (rows.length > MOST_EVENT_ROWS) rows.shift();
  }

  #queue(task: Task): void {
    const { pending } = this.state;
    if (task.notBefore === undefined || task.notBefore <= this.now.wall) {
      pending.add(task);
      return;
    }
    pending.remove(task.id);
    this.state.wake(task.id, this.now.mono + (task.notBefore - this.now.wall));
  }

  #order(before: Task | undefined, next: Task): void {
    const order = orderOf(next);
    const isSame = before !== undefined && before.attempt === next.attempt && orderOf(before) === order;
    if (isSame) return;
    // An assignment that still waits to be sent must not follow what has overtaken it.
    if (before !== undefined && orderOf(before) === "assign") this.state.nodeOf(before)?.session?.withdraw(before);
    if (order === "none") return;
    const session = this.state.nodeOf(next)?.session;
    if (session !== undefined) giveOrder(session, next);
  }

  #write(task: Task): void {
    const { eventRows, specs } = this.state;
    const rows = eventRows.get(task.id) ?? [];
    const value = encodeTask({ task, eventRows: rows });
    if (!isFinal(task.state)) {
      this.#writes.push({ table: TABLES.tasks, key: task.id, value });
      return;
    }
    const key = sequenceKey(task.seq);
    this.#writes.push(
      { table: TABLES.tasks, key: task.id, value: null },
      { table: TABLES.ended, key, value },
      { table: TABLES.endedIds, key: task.id, value: key },
    );
    eventRows.delete(task.id);
    specs.release(task.spec);
  }
}

/** True of a change that the history tells. */
function isNews(before: Task | undefined, next: Task): boolean {
  return (
    before?.state !== next.state ||
    before.desired !== next.desired ||
    before.restarts !== next.restarts ||
    before.moving !== next.moving
  );
}

export function isPlaced(task: Task): boolean {
  return task.state === "scheduled" || task.state === "running";
}

export type Order = "none" | "assign" | "stop";

/** What the node of the task is to do with its current attempt. */
export function orderOf(task: Task): Order {
  if (!isPlaced(task)) return "none";
  return task.desired === "stop" || task.moving !== undefined ? "stop" : "assign";
}

/** Puts the task's order into the session's next frame. */
export function giveOrder(session: Session, task: Task): void {
  if (orderOf(task) === "assign") session.assign(task);
  else session.stop({ task: task.id, attempt: task.attempt, reason: task.reason });
}
