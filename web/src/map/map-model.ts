/**
 * What the map shows: for each task its tile, for each node its place, and which of them have to be drawn anew. It hears
 * of every change of the cluster as that happens, so it only takes notes; tiles are packed when they are drawn.
 */
import { LIVE_HEALTH, LIVE_STATES, LIVE_WISHES } from "../../../src/api/live-codes.ts";
import type { Cluster, ClusterObserver } from "../live/cluster.ts";
import type { NodeRow } from "../live/node-table.ts";
import { NO_NODE } from "../live/task-table.ts";
import type { LiveTask, Resources } from "../live/values.ts";
import { LOOKS, type Look } from "./palette.ts";
import { pack, type Tiles } from "./packing.ts";

const SCHEDULED = LIVE_STATES.indexOf("scheduled");
const RUNNING = LIVE_STATES.indexOf("running");
const RUN = LIVE_WISHES.indexOf("run");
const NOT_LONG_AGO = Number.NEGATIVE_INFINITY;

/** Something on the map. */
export type Target =
  | { readonly kind: "task"; readonly slot: number; readonly node: NodeRow }
  | { readonly kind: "node"; readonly node: NodeRow };

/** Hears of what is to be seen moving. */
export interface Happenings {
  /** A task on this node looks otherwise than before. */
  changed(node: number): void;
  /** It is on a node now, and was on this one before (`NO_NODE`: on none). */
  placed(slot: number, from: number): void;
  /** Its tile is still where it was. */
  ended(slot: number, hasFailed: boolean): void;
}

export class MapModel implements ClusterObserver {
  readonly cluster: Cluster;
  readonly tiles: Tiles = {
    x: new Float32Array(0),
    y: new Float32Array(0),
    width: new Float32Array(0),
    height: new Float32Array(0),
  };
  /** By task slot: place in `LOOKS`. */
  look = new Uint8Array(0);
  /** By task slot: when it last changed, as `performance.now()` says. */
  changedMs = new Float64Array(0);
  /** By task slot: 1 for those that do not pass the filter. */
  faint = new Uint8Array(0);
  /** By task slot: 1 for those that stand out. */
  marked = new Uint8Array(0);
  /** Nodes in the order in which they are drawn; by node slot the place in it. */
  order: readonly NodeRow[] = [];
  readonly placeOf: number[] = [];
  /** Slots of nodes to be drawn anew. */
  readonly touched = new Set<number>();
  /** Nodes came or went: everything has another place. */
  isMoved = true;
  /** What moves is shown. */
  happenings: Happenings | undefined;
  #filter: ((task: LiveTask) => boolean) | undefined;
  #highlight: ReadonlySet<string> | undefined;
  #lastNode = new Int32Array(0);
  readonly #unpacked = new Set<number>();
  readonly #facts: (NodeRow["facts"] | undefined)[] = [];
  readonly #shares: number[] = [];
  readonly #now: () => number;

  constructor(cluster: Cluster, now: () => number) {
    this.cluster = cluster;
    this.#now = now;
    for (const slot of cluster.taskTable.slots()) {
      this.#enter(slot);
      this.#lastNode[slot] = cluster.taskTable.node[slot] ?? NO_NODE;
    }
    for (const row of cluster.nodeTable.inOrder()) {
      this.#facts[row.slot] = row.facts;
      this.#unpacked.add(row.slot);
    }
  }

  taskChanged(slot: number, fromNode: number, fromState: number): void {
    const node = this.cluster.taskTable.node[slot] ?? NO_NODE;
    const lookBefore = fromState === -1 ? 0 : this.look[slot];
    this.#enter(slot);
    const isShown = this.cluster.isComplete;
    if (node !== fromNode) {
      this.#unpack(fromNode);
      this.#unpack(node);
      const last = this.#lastNode[slot] ?? NO_NODE;
      if (node !== NO_NODE) this.#lastNode[slot] = node;
      if (isShown && node !== NO_NODE) this.happenings?.placed(slot, last);
    } else if (lookBefore === this.look[slot]) return;
    if (node === NO_NODE) return;
    this.touched.add(node);
    if (!isShown) return;
    this.changedMs[slot] = this.#now();
    this.happenings?.changed(node);
  }

  taskRemoved(slot: number, endState: number): void {
    const node = this.cluster.taskTable.node[slot] ?? NO_NODE;
    if (node !== NO_NODE && endState !== -1) this.happenings?.ended(slot, LIVE_STATES[endState] === "failed");
    this.#lastNode[slot] = NO_NODE;
    this.look[slot] = 0;
    this.#unpack(node);
  }

  nodeChanged(row: NodeRow): void {
    const before = this.#facts[row.slot];
    if (before === row.facts) return;
    this.#facts[row.slot] = row.facts;
    if (before === undefined) this.isMoved = true;
    this.#unpack(row.slot);
  }

  nodeRemoved({ slot }: NodeRow): void {
    this.#facts[slot] = undefined;
    this.isMoved = true;
  }

  /** Tasks that do not pass are faint. */
  setFilter(filter: ((task: LiveTask) => boolean) | undefined): void {
    if (filter === this.#filter) return;
    this.#filter = filter;
    for (const slot of this.cluster.taskTable.slots()) this.#judge(slot);
    this.touchAll();
  }

  /** Ids of tasks that stand out. */
  setHighlight(ids: ReadonlySet<string> | undefined): void {
    if (ids === this.#highlight) return;
    this.#highlight = ids === undefined || ids.size === 0 ? undefined : ids;
    for (const slot of this.cluster.taskTable.slots()) this.#judge(slot);
    this.touchAll();
  }

  get hasHighlight(): boolean {
    return this.#highlight !== undefined;
  }

  touchAll(): void {
    for (const { slot } of this.order) this.touched.add(slot);
  }

  /** The shape of boxes is another one: every box is packed anew when it is drawn. */
  unpackAll(): void {
    for (const { slot } of this.order) this.#unpack(slot);
  }

  /** Gives every node its place, in the order in which they joined. */
  arrange(): void {
    this.order = this.cluster.nodeTable.inOrder();
    this.placeOf.length = 0;
    for (const [place, { slot }] of this.order.entries()) this.placeOf[slot] = place;
    this.isMoved = false;
    this.touchAll();
  }

  /** Packs the node's tiles, where that has to be done. `ratio`: of its box. */
  packNode({ slot, tasks, facts }: NodeRow, ratio: number): void {
    if (!this.#unpacked.delete(slot)) return;
    const { specs, taskTable } = this.cluster;
    this.#shares.length = 0;
    for (const task of tasks) this.#shares.push(shareOf(specs.get(taskTable.spec[task] ?? 0).demand, facts.capacity));
    pack({ slots: tasks, shares: this.#shares, ratio }, this.tiles);
  }

  #unpack(node: number): void {
    if (node === NO_NODE) return;
    this.#unpacked.add(node);
    this.touched.add(node);
  }

  #enter(slot: number): void {
    if (slot >= this.look.length) this.#grow(Math.max(this.cluster.taskTable.n.length, slot + 1));
    this.look[slot] = LOOKS.indexOf(this.#lookOf(slot));
    this.#judge(slot);
  }

  #lookOf(slot: number): Look {
    const { state, health, wish } = this.cluster.taskTable;
    if (state[slot] === SCHEDULED) return "scheduled";
    if (state[slot] !== RUNNING) return "nothing";
    if (wish[slot] !== RUN) return "leaving";
    const word = LIVE_HEALTH[health[slot] ?? 0] ?? "none";
    return word === "none" ? "running" : word;
  }

  #judge(slot: number): void {
    const isFaint = this.#filter !== undefined && !this.#filter(this.cluster.taskAt(slot));
    this.faint[slot] = isFaint ? 1 : 0;
    this.marked[slot] = this.#highlight?.has(this.cluster.taskTable.id[slot] ?? "") === true ? 1 : 0;
  }

  #grow(length: number): void {
    const { tiles } = this;
    for (const side of ["x", "y", "width", "height"] as const)
      tiles[side] = longer(tiles[side], new Float32Array(length));
    this.look = longer(this.look, new Uint8Array(length));
    this.faint = longer(this.faint, new Uint8Array(length));
    this.marked = longer(this.marked, new Uint8Array(length));
    this.changedMs = longer(this.changedMs, new Float64Array(length).fill(NOT_LONG_AGO));
    this.#lastNode = longer(this.#lastNode, new Int32Array(length).fill(NO_NODE));
  }
}

/** What a task takes of a node: of the resource that it takes most of. */
export function shareOf(demand: Resources, capacity: Resources): number {
  return Math.max(
    of(demand.cpu, capacity.cpu),
    of(demand.memory, capacity.memory),
    of(demand.disk, capacity.disk),
    SMALLEST_SHARE,
  );
}

/** What takes next to nothing is to be seen all the same. */
const SMALLEST_SHARE = 0.0005;

function of(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}

function longer<T extends { set(from: ArrayLike<number>): void }>(from: ArrayLike<number>, to: T): T {
  to.set(from);
  return to;
}
