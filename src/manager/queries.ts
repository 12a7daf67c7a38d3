/** What the API asks, answered from the core's tables and, for what has ended, from the store. Reads only. */
import type { NodeUse } from "../node/node.ts";
import { decodeEvents, decodeTask, outputKey, TABLES, type TaskRecord } from "./core/records.ts";
import type { ManagerCore } from "./core/core.ts";
import { sickSentence } from "./core/engines.ts";
import type { ManagedNode } from "./core/managed-node.ts";
import { placementRequest } from "./core/placement.ts";
import type { Store } from "../store/store.ts";
import { resolveSpec, type Resources } from "../task/spec.ts";
import type { HistoryEvent } from "../task/history.ts";
import { parseTaskId, type TaskId } from "../task/id.ts";
import { isFinal } from "../task/state.ts";
import type { Task } from "../task/task.ts";
import type { Now } from "../utils/clock.ts";
import { sequenceKey } from "../utils/write.ts";
import { clusterSnapshot, type ClusterSnapshot } from "./metrics/cluster-snapshot.ts";
import { copyCluster, type ClusterCopy } from "./plan/cluster-copy.ts";
import type {
  ClusterStats,
  NodeSummary,
  Page,
  PlacementView,
  PlanQuestion,
  PlanRefusal,
  TaskQuery,
  TaskView,
} from "./service.ts";

/** A page looks at no more than this many ended tasks, so that a rare match does not hold everything up. */
const MOST_SCANNED = 20_000;

/** A plan says so much and no more: tasks that are placed or moved, and nodes whose room is counted, under each algorithm. */
const MOST_PLANNED = 100_000;

/** What a plan is worked out on. */
export type PlanBase = { readonly kind: "copy"; readonly copy: ClusterCopy } | PlanRefusal;

export class Queries {
  readonly #core: ManagerCore;
  readonly #store: Store;

  constructor(core: ManagerCore, store: Store) {
    this.#core = core;
    this.#store = store;
  }

  task(id: TaskId): TaskView | undefined {
    const record = this.#record(id);
    return record === undefined ? undefined : this.#view(record.task);
  }

  /** Newest first; live and ended ones by their sequence. */
  tasks(query: TaskQuery): Page<TaskView> {
    const before = query.cursor === undefined ? Number.POSITIVE_INFINITY : Number(query.cursor);
    const found: Task[] = [];
    let scanned = 0;
    let last = before;
    for (const task of this.#newestFirst(before, query)) {
      if (found.length === query.limit || scanned > MOST_SCANNED) {
        return { items: found.map((each) => this.#view(each)), next: String(last) };
      }
      if (isFinal(task.state)) scanned += 1;
      last = task.seq;
      if (this.#matches(task, query)) found.push(task);
    }
    return { items: found.map((each) => this.#view(each)), next: undefined };
  }

  nodes(): readonly NodeSummary[] {
    return [...this.#core.state.nodes.values()].map((node) => this.#summary(node));
  }

  node(name: string): NodeSummary | undefined {
    const node = this.#core.state.nodeNamed(name);
    return node === undefined ? undefined : this.#summary(node);
  }

  /** What a scrape of the metrics shows. */
  snapshot(): ClusterSnapshot {
    return clusterSnapshot(this.#core);
  }

  /** Of what `stats` says, all but what the host knows better. */
  stats(): Omit<ClusterStats, "uptimeMs" | "store"> {
    const { state } = this.#core;
    const nodes = { ready: 0, unreachable: 0, lost: 0 };
    const capacity = { cpu: 0, memory: 0, disk: 0 };
    const reserved = { cpu: 0, memory: 0, disk: 0 };
    const used = { cpu: 0, memory: 0, disk: 0 };
    for (const node of state.nodes.values()) {
      if (node.status !== "left") nodes[node.status] += 1;
      add(reserved, node.ledger.reserved);
      if (node.status !== "ready") continue;
      add(capacity, node.facts.capacity);
      if (node.lastUse !== undefined) add(used, node.lastUse);
    }
    const { brake, scheduler } = state;
    return { tasks: { ...state.counts }, nodes, capacity, reserved, used, scheduler: scheduler.name, brake };
  }

  /** The last decision of a task that is placed; of one that waits, what a decision would say now. */
  placement(id: TaskId, now: Now): PlacementView | undefined {
    const { state } = this.#core;
    const task = this.#record(id)?.task;
    if (task === undefined) return undefined;
    if (task.state === "pending") {
      const decision = state.scheduler.explain(placementRequest(task, state.excluded(id, now)));
      return { attempt: task.attempt, decidedAt: now.wall, decision, chosenName: undefined };
    }
    const known = state.placement(id);
    const chosenName = this.#view(task).nodeName;
    if (known !== undefined) return { ...known, attempt: task.attempt, chosenName };
    const decision = {
      scheduler: state.scheduler.name,
      considered: 0,
      chosen: task.nodeId,
      costs: [],
      bestCosts: () => [],
      rejected: [],
      rejectedBy: {},
      wouldFitIf: undefined,
      isOnlyUpTo: () => false,
    };
    return { attempt: task.attempt, decidedAt: task.scheduledAt ?? task.createdAt, decision, chosenName };
  }

  /** The cluster as it is, copied, or why nothing can be planned. */
  planBase({ documents, wantsCapacity, drain, lose, schedulers }: PlanQuestion, now: Now): PlanBase {
    const { state } = this.#core;
    const unknown = [...drain, ...lose].find((name) => state.nodeNamed(name) === undefined);
    if (unknown !== undefined) return { kind: "unknownNode", name: unknown };
    const leaving = {
      drain: drain.flatMap((name) => state.nodeNamed(name) ?? []),
      lose: lose.flatMap((name) => state.nodeNamed(name) ?? []),
    };
    const moved = [...leaving.drain, ...leaving.lose].reduce((sum, { tasks }) => sum + tasks.size, 0);
    const asked = documents.length * (wantsCapacity ? state.nodes.size : 1);
    const size = (moved + asked) * schedulers.length;
    if (size > MOST_PLANNED) return { kind: "tooLarge", detail: tooLarge(size, wantsCapacity) };
    const ids = wantsCapacity ? [] : documents.flatMap(({ id }) => parseTaskId(id ?? "") ?? []);
    const ended = this.endedAmong(ids);
    const taken = ids.filter((id) => state.tasks.has(id) || ended.has(id));
    if (taken.length > 0) return { kind: "idTaken", ids: taken };
    return { kind: "copy", copy: copyCluster(state, now, leaving) };
  }

  taskEvents(id: TaskId): readonly HistoryEvent[] | undefined {
    const record = this.#record(id);
    return record?.eventRows.flatMap((row) => {
      const text = this.#store.get(TABLES.events, sequenceKey(row));
      return text === undefined ? [] : decodeEvents(text).filter((event) => event.task === id);
    });
  }

  /** The last lines of the task's newest attempt that has ended. */
  output(id: TaskId): string | undefined {
    const [newest] = this.#store.rows(TABLES.outputs, { prefix: `${id}/`, reverse: true, limit: 1 });
    return newest?.value;
  }

  /** The last lines of one attempt that has ended. */
  outputOf(id: TaskId, attempt: number): string | undefined {
    return this.#store.get(TABLES.outputs, outputKey(id, attempt));
  }

  /** Those of the ids that ended tasks bear. */
  endedAmong(ids: Iterable<TaskId>): ReadonlySet<TaskId> {
    const ended = new Set<TaskId>();
    for (const id of ids) {
      if (!this.#core.isLive(id) && this.#store.get(TABLES.endedIds, id) !== undefined) ended.add(id);
    }
    return ended;
  }

  #record(id: TaskId): TaskRecord | undefined {
    const { tasks, eventRows } = this.#core.state;
    const task = tasks.get(id);
    if (task !== undefined) return { task, eventRows: eventRows.get(id) ?? [] };
    const key = this.#store.get(TABLES.endedIds, id);
    const text = key === undefined ? undefined : this.#store.get(TABLES.ended, key);
    return text === undefined ? undefined : decodeTask(text, resolveSpec);
  }

  *#newestFirst(before: number, query: TaskQuery): Generator<Task> {
    const live = this.#live(query);
    let index = live.length - 1;
    const take = function* (downTo: number): Generator<Task> {
      for (let task = live[index]; task !== undefined && task.seq > downTo; task = live[index]) {
        index -= 1;
        if (task.seq < before) yield task;
      }
    };
    if (query.state === undefined || isFinal(query.state)) {
      const range = { reverse: true, ...(Number.isFinite(before) ? { after: sequenceKey(before) } : {}) };
      for (const { key, value } of this.#store.rows(TABLES.ended, range)) {
        yield* take(Number(key));
        yield decodeTask(value, resolveSpec).task;
      }
    }
    yield* take(0);
  }

  /** The live tasks that can match, in the order in which they were accepted. */
  #live(query: TaskQuery): readonly Task[] {
    const { state } = this.#core;
    if (query.state !== undefined && isFinal(query.state)) return [];
    const live = query.name === undefined ? [...state.tasks.values()] : state.tasksNamed(query.name);
    return live.sort((a, b) => a.seq - b.seq);
  }

  #matches(task: Task, { state, node, name, label, idPrefix }: TaskQuery): boolean {
    if (state !== undefined && task.state !== state) return false;
    if (name !== undefined && task.name !== name) return false;
    if (idPrefix !== undefined && !task.id.startsWith(idPrefix)) return false;
    if (node !== undefined && this.#core.state.nodeOf(task)?.name !== node) return false;
    return label === undefined || hasLabel(task, label);
  }

  #view(task: Task): TaskView {
    const nodeName = this.#core.state.nodeOf(task)?.name;
    const blocked = task.state === "pending" ? this.#core.state.pending.blockedBecause(task.spec) : undefined;
    const isWaiting = blocked !== undefined && task.notBefore === undefined;
    return { task: isWaiting ? { ...task, reason: blocked } : task, nodeName, used: this.#core.useOf(task) };
  }

  #summary(node: ManagedNode): NodeSummary {
    const tasks = { scheduled: 0, running: 0 };
    for (const id of node.tasks) {
      const state = this.#core.state.tasks.get(id)?.state;
      if (state === "scheduled" || state === "running") tasks[state] += 1;
    }
    const { address, labels, runtimes, version, capacity } = node.facts;
    const { id, name, status, availability, joinedAt, lastSeenAt } = node;
    const used: NodeUse | undefined = node.lastUse;
    const { reserved } = node.ledger;
    return {
      ...{ id, name, status, availability, address, labels, runtimes, version, capacity, reserved, used, tasks },
      ...{ reason: node.reason === "" ? sickSentence(node) : node.reason, joinedAt, lastSeenAt },
      drain: availability === "drain" ? { left: node.tasks.size, blocked: node.drainBlocked } : undefined,
      clockSkewMs: node.clockSkewMs,
    };
  }
}

function tooLarge(size: number, wantsCapacity: boolean): string {
  const most = String(MOST_PLANNED);
  const what = wantsCapacity ? "the room of nodes counted" : "tasks placed";
  return `this plan would have ${what} ${String(size)} times, under all algorithms together; one plan has at most ${most}`;
}

function add(total: { cpu: number; memory: number; disk: number }, { cpu, memory, disk }: Resources): void {
  total.cpu += cpu;
  total.memory += memory;
  total.disk += disk;
}

/** `key=value`, or a key alone. */
function hasLabel(task: Task, label: string): boolean {
  const labels = task.spec.document.labels ?? {};
  const equals = label.indexOf("=");
  if (equals === -1) return Object.hasOwn(labels, label);
  const key = label.slice(0, equals);
  return Object.hasOwn(labels, key) && labels[key] === label.slice(equals + 1);
}
