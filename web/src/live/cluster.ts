/**
 * The cluster as the live feed tells of it: tables that are written in place, and values made from them for whoever asks.
 *
 * Invariant: after the end of a snapshot, and after every frame from then on, the tables hold what the manager has told
 * and nothing else. Frames may be taken twice; what is told of a row that is not there is passed over, since it comes whole.
 */
import { LIVE_HEALTH, LIVE_STATES, LIVE_WISHES } from "../../../src/api/live-codes.ts";
import type { LiveFrame, LiveRates, LiveTaskChanges, LiveTasks, LiveUses } from "../../../src/api/live-json.ts";
import { valueAt } from "./columns.ts";
import { type NodeRow, NodeTable, nodeValue } from "./node-table.ts";
import { SpecTable } from "./spec-table.ts";
import { NO_NODE, TaskTable } from "./task-table.ts";
import { NO_TOTALS, sumUp } from "./totals.ts";
import type { LiveNode, LiveTask, Rates, Totals } from "./values.ts";

const MOST_ENDED = 200;
const MOST_SECONDS = 300;
const COMPLETED = LIVE_STATES.indexOf("completed");
const PENDING = LIVE_STATES.indexOf("pending");

/** Hears of every row that changes, as it changes: for those who draw. Slots are those of the tables. */
export interface ClusterObserver {
  /** It is new (`fromNode` and `fromState` are -1), or otherwise than it was. */
  taskChanged(slot: number, fromNode: number, fromState: number): void;
  /** It has ended in this state, or is not there any more (-1). Its row is still there to be read. */
  taskRemoved(slot: number, endState: number): void;
  nodeChanged(row: NodeRow): void;
  nodeRemoved(row: NodeRow): void;
}

export class Cluster {
  readonly taskTable = new TaskTable();
  readonly nodeTable = new NodeTable();
  /** Grows with every frame. */
  version = 0;
  /** True once a snapshot has been taken in whole. */
  isComplete = false;
  /** How many tasks the snapshot that is being taken in has, about. */
  expected: number | undefined;
  readonly specs = new SpecTable();
  readonly #waits = new Map<number, string>();
  /** Changes with the reasons why tasks wait. */
  #waitsVersion = 0;
  readonly #ended = new Map<number, LiveTask>();
  #rates: readonly Rates[] = [];
  #told: LiveFrame["totals"];
  #totals: { readonly version: number; readonly value: Totals } = { version: -1, value: NO_TOTALS };
  #snapshot = 0;
  #rev: number | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #observers = new Set<ClusterObserver>();

  /** Called after every frame, and so up to ten times a second. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  observe(observer: ClusterObserver): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  get taskCount(): number {
    return this.taskTable.size;
  }

  get nodeCount(): number {
    return this.nodeTable.size;
  }

  task(id: string): LiveTask | undefined {
    const slot = this.taskTable.slotOfId(id);
    return slot === undefined ? undefined : this.taskAt(slot);
  }

  /** The task in a slot that is in use. */
  taskAt(slot: number): LiveTask {
    const table = this.taskTable;
    const { runs, runtime, labels, demand } = this.specs.get(table.spec[slot] ?? 0);
    const cpu = table.cpu[slot] ?? -1;
    return {
      id: table.id[slot] ?? "",
      name: table.name[slot] ?? "",
      state: LIVE_STATES[table.state[slot] ?? 0] ?? "pending",
      health: LIVE_HEALTH[table.health[slot] ?? 0] ?? "none",
      wish: LIVE_WISHES[table.wish[slot] ?? 0] ?? "run",
      node: this.nodeTable.rows[table.node[slot] ?? NO_NODE]?.facts.name,
      attempt: table.attempt[slot] ?? 0,
      restarts: table.restarts[slot] ?? 0,
      reason: this.#reasonAt(slot),
      ...{ runs, runtime, labels, demand },
      used: usedOf(cpu, table.memory[slot] ?? -1),
      createdAt: table.createdAt[slot] ?? 0,
      since: table.since[slot] ?? 0,
    };
  }

  /** Grows with every change of what `task` answers; 0 while there is none. */
  taskVersion(id: string): number {
    const slot = this.taskTable.slotOfId(id);
    if (slot === undefined) return 0;
    const version = this.taskTable.version[slot] ?? 0;
    return this.taskTable.state[slot] === PENDING ? Math.max(version, this.#waitsVersion) : version;
  }

  /** The live tasks, in no order. */
  *tasks(): Generator<LiveTask> {
    for (const slot of this.taskTable.slots()) yield this.taskAt(slot);
  }

  /** The first so many that pass the test. */
  findTasks(test: (task: LiveTask) => boolean, { limit = Number.POSITIVE_INFINITY } = {}): readonly LiveTask[] {
    const found: LiveTask[] = [];
    for (const task of this.tasks()) {
      if (found.length >= limit) break;
      if (test(task)) found.push(task);
    }
    return found;
  }

  /** Tasks whose id begins with the text, or whose name has it in it. */
  searchTasks(text: string, limit: number): readonly LiveTask[] {
    return this.searchSlots(text, limit).map((slot) => this.taskAt(slot));
  }

  searchSlots(text: string, limit = Number.POSITIVE_INFINITY): readonly number[] {
    const wanted = text.trim().toLowerCase();
    const { id, name } = this.taskTable;
    const found: number[] = [];
    if (wanted === "") return found;
    for (const slot of this.taskTable.slots()) {
      if (found.length >= limit) break;
      if (id[slot]?.startsWith(wanted) === true || name[slot]?.toLowerCase().includes(wanted) === true)
        found.push(slot);
    }
    return found;
  }

  node(name: string): LiveNode | undefined {
    const row = this.nodeTable.named(name);
    return row === undefined ? undefined : nodeValue(row);
  }

  /** Grows with every change of what `node` and `tasksOf` answer; 0 while there is none. */
  nodeVersion(name: string): number {
    return this.nodeTable.named(name)?.version ?? 0;
  }

  /** In the order in which they joined. */
  nodes(): readonly LiveNode[] {
    return this.nodeTable.inOrder().map(nodeValue);
  }

  /** Live tasks placed on the node, in the order in which they came. */
  tasksOf(nodeName: string): readonly LiveTask[] {
    return (this.nodeTable.named(nodeName)?.tasks ?? []).map((slot) => this.taskAt(slot));
  }

  searchNodes(text: string, limit: number): readonly LiveNode[] {
    const wanted = text.trim().toLowerCase();
    if (wanted === "") return [];
    const found = this.nodeTable.inOrder().filter(({ facts }) => facts.name.toLowerCase().includes(wanted));
    return found.slice(0, limit).map(nodeValue);
  }

  /** The newest of the tasks that have ended, the last one first. */
  get ended(): readonly LiveTask[] {
    return [...this.#ended.values()].reverse();
  }

  /** The seconds that are over, oldest first, of the last minutes. */
  get rates(): readonly Rates[] {
    return this.#rates;
  }

  get totals(): Totals {
    if (this.#totals.version !== this.version) {
      this.#totals = { version: this.version, value: sumUp(this.nodeTable, this.#told) };
    }
    return this.#totals.value;
  }

  /** Takes a frame in. False: something was missed, and a new snapshot is needed. */
  take(frame: LiveFrame): boolean {
    if (frame.snapshot === undefined) {
      if (this.#rev === undefined || frame.rev !== this.#rev + 1) return false;
      this.#rev = frame.rev;
    } else if (frame.snapshot === "begin") this.#beginSnapshot(frame);
    this.version += 1;
    for (const spec of frame.specs ?? []) this.specs.learn(spec);
    this.#takeWaits(frame);
    this.#takeNodes(frame);
    this.#takeTasks(frame);
    if (frame.totals !== undefined) this.#told = frame.totals;
    if (frame.rates !== undefined) this.#takeRates(frame.rates);
    if (frame.snapshot === "end") this.#endSnapshot();
    for (const listener of this.#listeners) listener();
    return true;
  }

  #beginSnapshot({ rev, expected }: LiveFrame): void {
    this.#snapshot += 1;
    this.#rev = rev;
    this.expected = expected?.tasks;
    this.taskTable.reserve(expected?.tasks ?? 0);
    this.#waits.clear();
    this.#waitsVersion = this.version + 1;
    this.#ended.clear();
    this.#rates = [];
  }

  /** What was there before and was not told of is not there any more. */
  #endSnapshot(): void {
    for (const slot of this.taskTable.slots()) {
      if (this.taskTable.snapshot[slot] !== this.#snapshot) this.#removeTask(slot, -1);
    }
    for (const row of this.nodeTable.inOrder()) if (row.snapshot !== this.#snapshot) this.#removeNode(row);
    this.isComplete = true;
    this.expected = undefined;
  }

  #takeWaits({ waits, words = [] }: LiveFrame): void {
    if (waits === undefined) return;
    this.#waitsVersion = this.version;
    for (const [row, spec] of waits.spec.entries()) {
      const reason = words[valueAt(waits.reason, row)] ?? "";
      if (reason === "") this.#waits.delete(spec);
      else this.#waits.set(spec, reason);
    }
  }

  #takeNodes(frame: LiveFrame): void {
    const { nodes, loads, forgotten = [] } = frame;
    if (nodes !== undefined) {
      for (let row = 0; row < nodes.n.length; row += 1) this.#nodeChanged(this.nodeTable.take(nodes, row, frame));
    }
    if (loads !== undefined) {
      for (let row = 0; row < loads.n.length; row += 1) {
        const known = this.nodeTable.takeLoad(loads, row);
        if (known !== undefined) this.#nodeChanged(known);
      }
    }
    for (const n of forgotten) {
      const known = this.nodeTable.numbered(n);
      if (known !== undefined) this.#removeNode(known);
    }
  }

  #nodeChanged(node: NodeRow): void {
    node.snapshot = this.#snapshot;
    node.version = this.version;
    for (const observer of this.#observers) observer.nodeChanged(node);
  }

  #removeNode(node: NodeRow): void {
    for (const slot of [...node.tasks]) this.#place(slot, undefined);
    this.nodeTable.remove(node);
    for (const observer of this.#observers) observer.nodeRemoved(node);
  }

  #takeTasks(frame: LiveFrame): void {
    const { tasks, changes, uses } = frame;
    if (tasks !== undefined) {
      for (let row = 0; row < tasks.n.length; row += 1) this.#takeTask(frame, tasks, row);
    }
    if (changes !== undefined) {
      for (let row = 0; row < changes.n.length; row += 1) {
        const slot = this.taskTable.slot(changes.n[row] ?? 0);
        if (slot !== undefined) this.#change(slot, { frame, rows: changes, row, isNew: false });
      }
    }
    if (uses !== undefined) this.#takeUses(uses);
  }

  #takeTask(frame: LiveFrame, tasks: LiveTasks, row: number): void {
    const table = this.taskTable;
    const n = tasks.n[row] ?? 0;
    const known = table.slot(n);
    const slot = known ?? table.add(n, tasks.id[row] ?? "", tasks.name[row] ?? "");
    this.specs.hold(valueAt(tasks.spec, row));
    if (known !== undefined) this.specs.release(table.spec[slot] ?? 0);
    table.spec[slot] = valueAt(tasks.spec, row);
    table.createdAt[slot] = frame.at - valueAt(tasks.age, row);
    this.#change(slot, { frame, rows: tasks, row, isNew: known === undefined });
  }

  #change(slot: number, { frame, rows, row, isNew }: TaskChange): void {
    const table = this.taskTable;
    const state = valueAt(rows.state, row);
    const fromState = isNew ? -1 : (table.state[slot] ?? -1);
    const fromNode = isNew ? NO_NODE : (table.node[slot] ?? NO_NODE);
    table.state[slot] = state;
    table.health[slot] = valueAt(rows.health, row);
    table.wish[slot] = valueAt(rows.wish, row);
    table.attempt[slot] = valueAt(rows.attempt, row);
    table.restarts[slot] = valueAt(rows.restarts, row);
    table.reason[slot] = frame.words?.[valueAt(rows.reason, row)] ?? "";
    table.since[slot] = frame.at - valueAt(rows.since, row);
    table.notBefore[slot] = valueAt(rows.notBefore, row);
    table.cpu[slot] = valueAt(rows.cpu, row);
    table.memory[slot] = valueAt(rows.memory, row);
    table.version[slot] = this.version;
    table.snapshot[slot] = this.#snapshot;
    const node = this.nodeTable.numbered(valueAt(rows.node, row));
    if (state >= COMPLETED) {
      this.#rememberEnded(slot, node);
      this.#removeTask(slot, state);
      return;
    }
    // One that waits to be placed again is on no node, though its last one is known.
    this.#place(slot, state === PENDING ? undefined : node);
    for (const observer of this.#observers) observer.taskChanged(slot, fromNode, fromState);
  }

  #takeUses({ n, cpu, memory }: LiveUses): void {
    const table = this.taskTable;
    for (let row = 0; row < n.length; row += 1) {
      const slot = table.slot(n[row] ?? 0);
      if (slot === undefined) continue;
      table.cpu[slot] = valueAt(cpu, row);
      table.memory[slot] = valueAt(memory, row);
      table.version[slot] = this.version;
      const node = this.nodeTable.rows[table.node[slot] ?? NO_NODE];
      if (node !== undefined) node.version = this.version;
    }
  }

  #place(slot: number, node: NodeRow | undefined): void {
    const table = this.taskTable;
    const before = this.nodeTable.rows[table.node[slot] ?? NO_NODE];
    if (before !== undefined) before.version = this.version;
    if (node !== undefined) node.version = this.version;
    if (before === node) return;
    if (before !== undefined) before.tasks.splice(before.tasks.indexOf(slot), 1);
    node?.tasks.push(slot);
    table.node[slot] = node?.slot ?? NO_NODE;
  }

  #removeTask(slot: number, endState: number): void {
    for (const observer of this.#observers) observer.taskRemoved(slot, endState);
    this.#place(slot, undefined);
    this.specs.release(this.taskTable.spec[slot] ?? 0);
    this.taskTable.remove(slot);
  }

  #rememberEnded(slot: number, node: NodeRow | undefined): void {
    const n = this.taskTable.n[slot] ?? 0;
    if (this.#ended.has(n)) return;
    this.#ended.set(n, { ...this.taskAt(slot), node: node?.facts.name });
    const [oldest] = this.#ended.keys();
    if (this.#ended.size > MOST_ENDED && oldest !== undefined) this.#ended.delete(oldest);
  }

  #takeRates(rates: readonly LiveRates[]): void {
    const told = rates.map(({ placementMs, startMs, ...counts }) => ({
      ...counts,
      placementMs: placementMs ?? undefined,
      startMs: startMs ?? undefined,
    }));
    this.#rates = [...this.#rates, ...told].slice(-MOST_SECONDS);
  }

  #reasonAt(slot: number): string {
    const { state, notBefore, reason, spec } = this.taskTable;
    const isWaiting = state[slot] === PENDING && notBefore[slot] === 0;
    return (isWaiting ? this.#waits.get(spec[slot] ?? 0) : undefined) ?? reason[slot] ?? "";
  }
}

/** One row of a frame that tells how a task is now. */
interface TaskChange {
  readonly frame: LiveFrame;
  readonly rows: LiveTaskChanges;
  readonly row: number;
  readonly isNew: boolean;
}

const MIB = 2 ** 20;

function usedOf(cpu: number, memory: number): LiveTask["used"] {
  return cpu < 0 ? undefined : { cpu: cpu / 100, memory: memory * MIB };
}
