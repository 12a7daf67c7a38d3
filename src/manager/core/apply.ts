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
import type { Effects, ExpiredTask, Reply, RequestId, SessionId } from "./events.ts";
import type { ManagedNode } from "./managed-node.ts";
import type { Slice } from "./lists.ts";
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
import { TouchedRows } from "./touched.ts";

/** The rows of a task's history that its record names; the oldest are forgotten. */
const MOST_EVENT_ROWS = 200;
const NO_ROWS: readonly number[] = [];
/**
 * While long lists enter, a frame that nobody waits for waits for more to say, since thousands of workers cost by the
 * frame: for this part of a heartbeat, the least and what is spread on top of it. At the next heartbeat it would leave anyway.
 */
const FRAME_HOLD = { least: 0.75, spread: 0.2 } as const;
/** Of such frames, the most that leave in one step. */
const MOST_HELD_FRAMES = 200;
/** Its multiples, by their fractions, lie evenly however many there are. */
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

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
  readonly #touched = new TouchedRows();
  #countersChanged = false;
  /** The slice that has entered with this step. */
  #entered: Slice = [];

  constructor(state: ManagerState, now: Now) {
    this.state = state;
    this.now = now;
    this.#firstEventSeq = state.lastEventSeq + 1;
  }

  /** The task is this from now on. `tells`: its history does too, although its state is what it was. */
  task(next: Task, { tells = false }: { readonly tells?: boolean } = {}): void {
    const state = this.state;
    const before = state.tasks.get(next.id);
    if (before === undefined) {
      state.byName.add(next.name, next.id);
      state.eventRows.set(next.id, NO_ROWS);
    } else {
      state.counts[before.state] -= 1;
      if (!state.eventRows.has(next.id)) this.#enterWith(before);
    }
    this.#touched.task(next, before === undefined);
    state.counts[next.state] += 1;
    if (isFinal(next.state)) this.#retire(next);
    else state.tasks.set(next.id, next);

    this.#account(before, next);
    this.#recordTask(before, next, tells);
    if (next.state === "pending") this.#queue(next);
    else if (before?.state === "pending") state.pending.remove(next.id);
    this.#order(before, next);
  }

  /** The tasks are there from now on, and wait to enter the queue. */
  acceptSlice(slice: Slice, record: string): void {
    const { tasks, counts, slices } = this.state;
    for (const task of slice) {
      counts[task.state] += 1;
      tasks.set(task.id, task);
    }
    slices.push(slice);
    this.#touched.slices.push(slice);
    this.#writes.push({ table: TABLES.lists, key: sliceKey(slice), value: record });
  }

  /**
   * When a frame that nobody waits for is to leave, milliseconds on `mono`: with long lists under way, there will be more to
   * say. Sessions wait differently long, so that their frames do not leave together.
   */
  patientMono({ id }: Session): number {
    const { slices, settings } = this.state;
    if (slices.length === 0) return Number.NEGATIVE_INFINITY;
    return this.now.mono + settings.heartbeatMs * (FRAME_HOLD.least + FRAME_HOLD.spread * ((id * GOLDEN_RATIO) % 1));
  }

  /** The tasks enter the queue, with records and histories of their own. */
  enter(slice: Slice): void {
    const { slices, byName, eventRows } = this.state;
    slices.splice(slices.indexOf(slice), 1);
    this.#entered = slice;
    this.#writes.push({ table: TABLES.lists, key: sliceKey(slice), value: null });
    for (const task of slice) {
      byName.add(task.name, task.id);
      eventRows.set(task.id, NO_ROWS);
      this.#recordTask(undefined, task, false);
      this.#queue(task);
    }
  }

  /** Something of the node changed that the scheduler or the store should know. */
  node(node: ManagedNode, change?: { readonly durable?: boolean; readonly mayLetIn?: boolean }): void {
    this.state.scheduler.update(node);
    this.#touched.nodes.add(node);
    if (node.availability === "drain") this.state.drains.add(node);
    else this.state.drains.delete(node);
    if (change?.durable === true) this.#changedNodes.add(node);
    if (change?.mayLetIn === true) this.state.pending.unblock(node.id);
  }

  removeNode(node: ManagedNode): void {
    const state = this.state;
    state.nodes.delete(node.id);
    state.nodeIds.delete(node.name);
    state.scheduler.remove(node.id);
    state.drains.delete(node);
    this.#changedNodes.delete(node);
    this.#touched.nodes.delete(node);
    this.#touched.forgotten.push(node.joined);
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
    this.#events.push({ ...event, seq: this.#nextEventSeq(), at: this.now.wall });
  }

  #nextEventSeq(): number {
    this.state.lastEventSeq += 1;
    return this.state.lastEventSeq;
  }

  /** The task that ended is forgotten for good, and what its attempts printed with it. */
  forget({ task, outputs }: ExpiredTask): void {
    this.state.counts[task.state] -= 1;
    this.#countersChanged = true;
    this.#writes.push(
      { table: TABLES.ended, key: sequenceKey(task.seq), value: null },
      { table: TABLES.endedIds, key: task.id, value: null },
      ...outputs.map((key) => ({ table: TABLES.outputs, key, value: null })),
    );
  }

  /** The rows of the history are forgotten for good. */
  forgetEvents(keys: readonly string[]): void {
    for (const key of keys) this.#writes.push({ table: TABLES.events, key, value: null });
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
    this.#takeFrames();
    return {
      writes: this.#writes,
      replies: this.#replies,
      messages: this.#messages,
      closes: this.#closes,
      events: this.#events,
      touched: this.#touched,
    };
  }

  #enterWith(task: Task): void {
    const slice = this.state.slices.find((each) => task.seq <= (each.at(-1)?.seq ?? 0));
    if (slice !== undefined) this.enter(slice);
  }

  /** A task that has ended leaves memory; its record moves to the ended ones. */
  #retire(task: Task): void {
    const state = this.state;
    state.tasks.delete(task.id);
    state.pending.remove(task.id);
    state.exclusions.delete(task.id);
    state.wakeMoments.delete(task.id);
    state.byName.delete(task.name, task.id);
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
      had.endedMono = this.now.mono;
      this.node(had, { mayLetIn: true });
    }
    if (has === undefined || (isSameAttempt && before.ports === next.ports)) return;
    const key = attemptKey(next.id, next.attempt);
    if (!isSameAttempt) {
      has.ledger.reserve(key, next.spec);
      has.addTask(next);
      this.node(has);
    }
    for (const port of next.ports) has.ledger.holdPort(key, port.host, port.protocol);
  }

  #recordTask(before: Task | undefined, next: Task, tells: boolean): void {
    const hasNews = tells || isNews(before, next);
    if (hasNews) this.#taskEvent(before, next);
    const isDurable = hasNews || before?.containerId !== next.containerId || before?.ports !== next.ports;
    if (isDurable || this.#changed.has(next.id)) this.#changed.set(next.id, next);
  }

  #taskEvent(before: Task | undefined, next: Task): void {
    this.#events.push({
      seq: this.#nextEventSeq(),
      at: this.now.wall,
      kind: "task",
      task: next.id,
      attempt: next.attempt > 0 ? next.attempt : undefined,
      node: this.state.nodeOf(next)?.name,
      from: before?.state,
      to: next.state,
      reason: next.reason,
    });
    const { eventRows } = this.state;
    const rows = eventRows.get(next.id);
    if (rows === undefined || rows.at(-1) === this.#firstEventSeq) return;
    // A list of its very length: one that was spread or pushed to keeps room for many more, and there is one for each task.
    eventRows.set(next.id, rows.slice(1 - MOST_EVENT_ROWS).concat(this.#firstEventSeq));
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
    if (session !== undefined) giveOrder(session, next, this.#isOfList(next) ? this.patientMono(session) : undefined);
  }

  #isOfList({ seq }: Task): boolean {
    return seq >= (this.#entered[0]?.seq ?? Number.POSITIVE_INFINITY) && seq <= (this.#entered.at(-1)?.seq ?? 0);
  }

  /** Those that wait for more go when their time has come, or nothing more is to come, and not all at once. */
  #takeFrames(): void {
    const { dueSessions, slices } = this.state;
    const untilMono = slices.length > 0 ? this.now.mono : Number.POSITIVE_INFINITY;
    let held = 0;
    for (const session of dueSessions) {
      if (session.dueMono > untilMono) continue;
      if (Number.isFinite(session.dueMono)) held += 1;
      if (held > MOST_HELD_FRAMES && Number.isFinite(session.dueMono)) continue;
      this.#messages.push({ session: session.id, message: session.takeFrame() });
    }
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

/** Rows of slices lie in the order of their tasks' numbers. */
function sliceKey(slice: Slice): string {
  return sequenceKey(slice[0]?.seq ?? 0);
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

/** Puts the task's order into the session's next frame, which leaves at once or, for all that this is in it, then (`mono`). */
export function giveOrder(session: Session, task: Task, dueMono?: number): void {
  if (orderOf(task) === "assign") session.assign(task, dueMono);
  else session.stop({ task: task.id, attempt: task.attempt, reason: task.reason });
}
