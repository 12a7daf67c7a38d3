/**
 * The nodes as a scheduler knows them, in the order in which they joined: what a decision asks of each of them lies in
 * flat columns, an index into which is the node's position in that order.
 *
 * Whoever keeps something derived of a node follows the changes: at once (`follow`), or when it is asked again, by
 * reading the journal from where it left off.
 */
import { inUnits, RESOURCE_NAMES } from "../node/ledger.ts";
import type { Resources } from "../task/spec.ts";
import type { Candidate } from "./filter.ts";
import { copied, entry, grown, newColumns, write } from "./columns.ts";
import { KnownNode } from "./known-node.ts";
import type { NodeView, SchedulerMemory } from "./scheduler.ts";
import type { Positions } from "./positions.ts";
import { quantiseUse } from "./smoothing.ts";

/** What counts as use in a cost: the larger of reserved and measured, or reserved alone. */
export type CostUse = "measured" | "reserved";

/** Keeps something derived of each node. */
export interface Follower {
  changed(position: number): void;
  /** Positions, or what is the cluster's as a whole, have changed. */
  allChanged(): void;
}

/** How many changes the journal remembers. */
const JOURNAL = 1 << 14;
const FIRST_ROOM = 16;

export class Nodes {
  /** C and u of the formulas: what there is, and what counts as used. */
  capacity = newColumns(FIRST_ROOM);
  use = newColumns(FIRST_ROOM);
  /** What is not reserved; less than nothing where tasks were found rather than placed. */
  free = newColumns(FIRST_ROOM);
  /** No node has less left than this: a bound, which rises only when it is worked out anew. */
  readonly least = { cpu: 0, memory: 0, disk: 0 };
  /** k: the number of tasks. */
  tasks = new Int32Array(FIRST_ROOM);
  /** Which of the shapes its capacity is. */
  shape = new Int32Array(FIRST_ROOM);
  /** All capacities that there have been, in units. */
  readonly shapes: Resources[] = [];
  /** Number of nodes that are ready. */
  nodesUp = 0;
  /** Number of nodes that are held for a task. */
  nodesHeld = 0;
  /** Starts at 1 and doubles when a node has more tasks. */
  maxJobs = 1;
  /** Changes when positions, or figures that all costs ask for, have changed: what was derived before is void. */
  epoch = 0;
  /** Counts the changes to nodes. */
  version = 0;
  /** The version that last changed what is said of any node, besides amounts. */
  saidVersion = 0;

  readonly #costUse: CostUse;
  readonly #asksCluster: boolean;
  readonly #byId = new Map<string, KnownNode>();
  readonly #ordered: KnownNode[] = [];
  readonly #shapeNumbers = new Map<string, number>();
  readonly #followers: Follower[] = [];
  readonly #journal = new Int32Array(JOURNAL);
  /** By position: the version of the last change of any kind, and of the last one to what is said of the node. */
  #changedAt = new Float64Array(FIRST_ROOM);
  /** What `changedSince` answers. */
  #changed = { positions: new Int32Array(FIRST_ROOM), length: 0 };
  /** 0, 1, 2, … */
  #everyPosition = new Int32Array(FIRST_ROOM).map((_, position) => position);
  #saidAt = new Float64Array(FIRST_ROOM);
  /** The node picked last, by its place in the join order, which stays when the node goes. */
  #lastJoined = 0;
  #next: number | undefined;
  /** The node to resume from, until it is known. */
  #resumeId: string | undefined;
  /** By position, as long as none of them changes. */
  #names: readonly string[] | undefined;
  /** The node that was told of or picked last: it is the one that is told of next, more often than not. */
  #latest: KnownNode | undefined;

  /** `asksCluster`: whether costs change with the figures of the cluster as a whole, so that these begin an epoch. */
  constructor(costUse: CostUse, asksCluster: boolean) {
    this.#costUse = costUse;
    this.#asksCluster = asksCluster;
  }

  get count(): number {
    return this.#ordered.length;
  }

  get all(): Positions {
    return { positions: this.#everyPosition, length: this.count };
  }

  /** Names by position: another list when any of them is another one. */
  get names(): readonly string[] {
    return (this.#names ??= this.#ordered.map(({ view }) => view.name));
  }

  at(position: number): Candidate {
    return this.#ordered[position] as KnownNode;
  }

  /** Position of the first node that joined after the one picked last; `count` when there is none. */
  get next(): number {
    return (this.#next ??= this.#joinedUpTo(this.#lastJoined));
  }

  positionOf(id: string): number | undefined {
    return this.#byId.get(id)?.position;
  }

  follow(follower: Follower): void {
    this.#followers.push(follower);
  }

  update(view: NodeView): void {
    let known = this.#latest?.view === view ? this.#latest : this.#byId.get(view.id);
    if (known !== undefined && known.joined !== view.joined) {
      this.remove(view.id);
      known = undefined;
    }
    if (known === undefined) {
      this.#insert(view);
    } else {
      known.view = view;
      this.#change(known);
    }
    if (view.id === this.#resumeId) this.resume(view.id);
  }

  remove(id: string): void {
    const known = this.#byId.get(id);
    if (known === undefined) return;
    this.#latest = undefined;
    this.#byId.delete(id);
    this.nodesUp -= Number(known.status === "ready");
    this.nodesHeld -= Number(known.heldFor !== undefined);
    this.#ordered.splice(known.position, 1);
    this.#renumber(known.position);
  }

  /** The node at this position is given a task. */
  picked(position: number): void {
    this.#latest = this.#ordered[position] as KnownNode;
    this.#lastJoined = this.#latest.joined;
    this.#next = position + 1;
    this.#resumeId = undefined;
  }

  resume(id: string): void {
    this.#resumeId = id;
    const known = this.#byId.get(id);
    if (known !== undefined) this.picked(known.position);
  }

  get memory(): SchedulerMemory {
    return { lastJoined: this.#lastJoined, maxJobs: this.maxJobs };
  }

  recall({ lastJoined, maxJobs }: SchedulerMemory): void {
    this.#lastJoined = lastJoined;
    this.#next = undefined;
    this.#resumeId = undefined;
    this.maxJobs = Math.max(this.maxJobs, maxJobs);
    this.#beginEpoch();
  }

  /**
   * The nodes that have changed since the version: the same list each time. All of them when there are so many that it
   * makes no difference. Only within one epoch.
   */
  changedSince(version: number): Positions {
    const { count } = this;
    const changes = this.version - version;
    if (changes > JOURNAL || changes > count) return this.all;
    const { positions } = this.#changed;
    let length = 0;
    for (let at = version + 1; at <= this.version; at += 1) {
      const position = this.#journal[at % JOURNAL] as number;
      if (entry(this.#changedAt, position) !== at) continue;
      positions[length] = position;
      length += 1;
    }
    this.#changed.length = length;
    return this.#changed;
  }

  /** Whether anything that is said of the node, besides amounts, has changed since the version. */
  isSaidSince(version: number, position: number): boolean {
    return entry(this.#saidAt, position) > version;
  }

  /** Works out anew what all nodes have left at the least. */
  raiseLeast(): void {
    for (const what of RESOURCE_NAMES) this.least[what] = lowest(this.free[what].subarray(0, this.count));
  }

  #insert(view: NodeView): void {
    const position = this.#joinedUpTo(view.joined);
    const known = new KnownNode(this, view);
    this.nodesUp += Number(view.status === "ready");
    this.nodesHeld += Number(view.heldFor !== undefined);
    this.#byId.set(view.id, known);
    this.#ordered.splice(position, 0, known);
    if (this.#ordered.length > this.tasks.length) this.#makeRoom();
    this.#renumber(position);
  }

  /** From this position on, every node is another one than before. */
  #renumber(from: number): void {
    this.version += 1;
    this.saidVersion = this.version;
    this.#names = undefined;
    for (let position = from; position < this.#ordered.length; position += 1) {
      const known = this.#ordered[position] as KnownNode;
      known.position = position;
      this.#saidAt[position] = this.version;
      this.#writeCapacity(known);
      this.#writeAmounts(known);
    }
    this.#next = undefined;
    this.#beginEpoch();
  }

  #change(known: KnownNode): void {
    const { view, position } = known;
    const { nodesUp, maxJobs } = this;
    this.version += 1;
    this.#journal[this.version % JOURNAL] = position;
    this.#changedAt[position] = this.version;
    if (!known.isAsBefore()) {
      this.nodesUp += Number(view.status === "ready") - Number(known.status === "ready");
      this.nodesHeld += Number(view.heldFor !== undefined) - Number(known.heldFor !== undefined);
      if (known.name !== view.name) this.#names = undefined;
      known.remember();
      this.#said(position);
    }
    const isReshaped = known.capacityUnits !== view.ledger.capacityUnits && this.#isReshaped(known);
    if (isReshaped) {
      this.#writeCapacity(known);
      this.#said(position);
    }
    this.#writeAmounts(known);
    const isOther = this.#asksCluster && (nodesUp !== this.nodesUp || maxJobs !== this.maxJobs);
    if (isReshaped || isOther) this.#beginEpoch();
    else for (const follower of this.#followers) follower.changed(position);
  }

  #said(position: number): void {
    this.#saidAt[position] = this.version;
    this.saidVersion = this.version;
  }

  #beginEpoch(): void {
    this.epoch += 1;
    for (const follower of this.#followers) follower.allChanged();
  }

  #isReshaped(known: KnownNode): boolean {
    const { view, position } = known;
    const { cpu, memory, disk } = view.ledger.capacityUnits;
    const { capacity } = this;
    known.capacityUnits = view.ledger.capacityUnits;
    return cpu !== capacity.cpu[position] || memory !== capacity.memory[position] || disk !== capacity.disk[position];
  }

  #writeCapacity(known: KnownNode): void {
    const { view, position } = known;
    known.capacityUnits = view.ledger.capacityUnits;
    const { cpu, memory, disk } = known.capacityUnits;
    write(this.capacity, position, { cpu, memory, disk });
    const key = `${String(cpu)}/${String(memory)}/${String(disk)}`;
    let shape = this.#shapeNumbers.get(key);
    if (shape === undefined) {
      shape = this.shapes.push({ cpu, memory, disk }) - 1;
      this.#shapeNumbers.set(key, shape);
    }
    this.shape[position] = shape;
    known.used = undefined;
    known.measured = undefined;
  }

  #writeAmounts(known: KnownNode): void {
    const { view, position } = known;
    const { reservedUnits: R, count } = view.ledger;
    const { capacity: C, free, least, use, tasks } = this;
    const cpu = entry(C.cpu, position) - R.cpu;
    const memory = entry(C.memory, position) - R.memory;
    const disk = entry(C.disk, position) - R.disk;
    free.cpu[position] = cpu;
    free.memory[position] = memory;
    free.disk[position] = disk;
    if (cpu < least.cpu) least.cpu = cpu;
    if (memory < least.memory) least.memory = memory;
    if (disk < least.disk) least.disk = disk;
    if (this.#costUse === "measured" && known.used !== view.used) {
      known.used = view.used;
      known.measured = view.used && inUnits(quantiseUse(view.used, view.ledger.capacity));
    }
    const { measured } = known;
    use.cpu[position] = measured === undefined ? R.cpu : Math.max(R.cpu, measured.cpu);
    use.memory[position] = measured === undefined ? R.memory : Math.max(R.memory, measured.memory);
    use.disk[position] = measured === undefined ? R.disk : Math.max(R.disk, measured.disk);
    tasks[position] = count;
    while (count > this.maxJobs) this.maxJobs *= 2;
  }

  #makeRoom(): void {
    const room = this.tasks.length * 2;
    this.capacity = grown(this.capacity, room);
    this.use = grown(this.use, room);
    this.free = grown(this.free, room);
    this.tasks = copied(new Int32Array(room), this.tasks);
    this.shape = copied(new Int32Array(room), this.shape);
    this.#changed = { positions: new Int32Array(room), length: 0 };
    this.#everyPosition = new Int32Array(room).map((_, position) => position);
    this.#changedAt = copied(new Float64Array(room), this.#changedAt);
    this.#saidAt = copied(new Float64Array(room), this.#saidAt);
  }

  /** Number of nodes that joined at this place or before: binary search. */
  #joinedUpTo(joined: number): number {
    let low = 0;
    let high = this.#ordered.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ordered[middle] as KnownNode).joined <= joined) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function lowest(column: Float64Array): number {
  let found = Number.POSITIVE_INFINITY;
  for (let at = 0; at < column.length; at += 1) {
    const one = entry(column, at);
    if (one < found) found = one;
  }
  return found;
}
