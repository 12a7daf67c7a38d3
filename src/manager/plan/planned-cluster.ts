import type { Decision, PlacementRequest, Scheduler } from "../../scheduler/scheduler.ts";
import { attemptKey, type AttemptKey } from "../../task/id.ts";
import type { Task } from "../../task/task.ts";
import { assert } from "../../utils/assert.ts";
import { decide } from "../core/placement.ts";
import type { ClusterCopy } from "./cluster-copy.ts";
import { PlannedNode } from "./planned-node.ts";

/** Nodes are copied so many at a time: a millisecond's work. */
export const NODES_A_STEP = 100;

/** The nodes as they would be, and a scheduler that knows them so. */
export class PlannedCluster {
  readonly scheduler: Scheduler;
  /** Knows only the nodes that do not go, so that nobody is told that it would help not to let them go. */
  #remaining: Scheduler | undefined;
  /** Nodes that tasks have come to or gone from, by id. */
  readonly touched = new Set<string>();
  readonly #nodes = new Map<string, PlannedNode>();
  readonly #gone = new Set<string>();
  #lastKey = 0;

  private constructor(scheduler: Scheduler) {
    this.scheduler = scheduler;
  }

  /** Copies the copy once more, step by step, so that several plans can begin with it. */
  static *of({ nodes, memory }: ClusterCopy, scheduler: Scheduler): Generator<undefined, PlannedCluster> {
    const cluster = new PlannedCluster(scheduler);
    for (const [index, node] of nodes.entries()) {
      if (index % NODES_A_STEP === 0) yield;
      const own = new PlannedNode(node);
      cluster.#nodes.set(own.id, own);
      scheduler.update(own);
    }
    scheduler.recall(memory);
    return cluster;
  }

  /** In the order in which they joined. */
  get nodes(): Iterable<PlannedNode> {
    return this.#nodes.values();
  }

  node(id: string): PlannedNode {
    const node = this.#nodes.get(id);
    assert(node !== undefined, `there is no node ${id} in the plan`);
    return node;
  }

  /** Changes a node, and lets the scheduler know. */
  change(id: string, change: (node: PlannedNode) => void): void {
    const node = this.node(id);
    change(node);
    this.scheduler.update(node);
    if (!this.#gone.has(id)) this.#remaining?.update(node);
  }

  /** These nodes go. `scheduler` knows no node yet. */
  *letGo(ids: ReadonlySet<string>, scheduler: Scheduler): Generator<undefined, void> {
    if (ids.size === 0 || ids.size === this.#nodes.size) return;
    for (const id of ids) this.#gone.add(id);
    this.#remaining = scheduler;
    let count = 0;
    for (const node of this.#nodes.values()) {
      if ((count += 1) % NODES_A_STEP === 0) yield;
      if (!this.#gone.has(node.id)) scheduler.update(node);
    }
  }

  /** What keeps a task that fits nowhere from each of the nodes that do not go. */
  explain(request: PlacementRequest): Decision {
    return (this.#remaining ?? this.scheduler).explain(request);
  }

  /** Places a task as the manager would, where it fits at all. */
  place(request: PlacementRequest): Decision {
    const decision = decide(this, request);
    if (decision.chosen === undefined) return this.explain(request);
    this.#lastKey += 1;
    const key = `planned/${String(this.#lastKey)}` as AttemptKey;
    this.change(decision.chosen, (node) => node.add(key, request));
    this.touched.add(decision.chosen);
    return decision;
  }

  /** Takes the task's attempt off its node. */
  takeOff(task: Task, nodeId: string): void {
    this.change(nodeId, (node) => node.remove(attemptKey(task.id, task.attempt), task));
    this.touched.add(nodeId);
  }
}
