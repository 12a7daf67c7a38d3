/**
 * The nodes as a scheduler knows them: in the order in which they joined, each with what its cost depends on as of the
 * last update, and what a cost may know of the cluster as a whole.
 */
import type { Resources } from "../task/spec.ts";
import type { ClusterLoad, NodeLoad } from "./algorithm.ts";
import type { Candidate } from "./filter.ts";
import type { NodeView } from "./scheduler.ts";
import { quantiseUse } from "./smoothing.ts";

/** What counts as use in a cost: the larger of reserved and measured, or reserved alone. */
export type CostUse = "measured" | "reserved";

interface Entry extends Candidate {
  view: NodeView;
  load: NodeLoad;
  /** `view.joined` and whether it was ready, as of the last update. */
  readonly joined: number;
  isUp: boolean;
}

export class NodeTable {
  readonly #costUse: CostUse;
  readonly #byId = new Map<string, Entry>();
  readonly #ordered: Entry[] = [];
  #nodesUp = 0;
  #maxJobs = 1;
  /** The node picked last, by its place in the join order, which stays when the node goes. */
  #lastJoined = 0;
  /** The node to resume from, until it is known. */
  #resumeId: string | undefined;

  constructor(costUse: CostUse) {
    this.#costUse = costUse;
  }

  get inJoinOrder(): readonly Candidate[] {
    return this.#ordered;
  }

  get cluster(): ClusterLoad {
    return {
      nodes: this.#ordered.length,
      nodesUp: this.#nodesUp,
      next: this.#joinedUpTo(this.#lastJoined),
      maxJobs: this.#maxJobs,
    };
  }

  update(view: NodeView): void {
    const known = this.#byId.get(view.id);
    if (known !== undefined && known.joined !== view.joined) this.remove(view.id);
    const entry = this.#byId.get(view.id) ?? this.#insert(view);
    const isUp = view.status === "ready";
    this.#nodesUp += Number(isUp) - Number(entry.isUp);
    entry.isUp = isUp;
    entry.view = view;
    entry.load = this.#load(view, entry.load.position);
    while (entry.load.tasks > this.#maxJobs) this.#maxJobs *= 2;
    if (view.id === this.#resumeId) this.picked(view);
  }

  remove(id: string): void {
    const entry = this.#byId.get(id);
    if (entry === undefined) return;
    this.#byId.delete(id);
    this.#nodesUp -= Number(entry.isUp);
    this.#ordered.splice(entry.load.position, 1);
    this.#renumber(entry.load.position);
  }

  picked(view: NodeView): void {
    this.#lastJoined = view.joined;
    this.#resumeId = undefined;
  }

  resume(id: string): void {
    this.#resumeId = id;
    const entry = this.#byId.get(id);
    if (entry !== undefined) this.picked(entry.view);
  }

  #insert(view: NodeView): Entry {
    const position = this.#joinedUpTo(view.joined);
    const entry = { view, load: this.#load(view, position), joined: view.joined, isUp: false };
    this.#byId.set(view.id, entry);
    this.#ordered.splice(position, 0, entry);
    this.#renumber(position + 1);
    return entry;
  }

  #renumber(from: number): void {
    for (let position = from; position < this.#ordered.length; position += 1) {
      const entry = this.#ordered[position];
      if (entry !== undefined) entry.load = { ...entry.load, position };
    }
  }

  /** Number of nodes that joined at this place or before: binary search. */
  #joinedUpTo(joined: number): number {
    let low = 0;
    let high = this.#ordered.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ordered[middle]?.joined ?? 0) <= joined) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #load(view: NodeView, position: number): NodeLoad {
    const { ledger, name, labels, runtimes, taskNames, taskLabels } = view;
    const { capacity, reserved, count: tasks } = ledger;
    const use = this.#costUse === "reserved" ? reserved : larger(reserved, view.used, capacity);
    return { name, labels, runtimes, position, capacity, reserved, use, tasks, taskNames, taskLabels };
  }
}

function larger(reserved: Resources, used: Resources | undefined, capacity: Resources): Resources {
  if (used === undefined) return reserved;
  const measured = quantiseUse(used, capacity);
  return {
    cpu: Math.max(reserved.cpu, measured.cpu),
    memory: Math.max(reserved.memory, measured.memory),
    disk: Math.max(reserved.disk, measured.disk),
  };
}
