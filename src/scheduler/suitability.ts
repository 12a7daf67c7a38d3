/**
 * Which nodes suit a kind of task by what is said of them: availability, status, damping, runtime, constraints. Shared
 * by all classes that ask the same, and worked out again only where what is said has changed.
 */
import type { Filter, FilteredTask } from "./filter.ts";
import { FILTERS, rejecting } from "./filters.ts";
import type { Nodes } from "./nodes.ts";
import type { Rejection } from "./scheduler.ts";

export class Suitability {
  /** By position: the bits of the filters that reject the node. */
  rejects = new Uint16Array(0);
  /** Number of nodes that any of them rejects. */
  rejected = 0;
  readonly #nodes: Nodes;
  readonly #task: FilteredTask;
  readonly #filters: readonly Filter[];
  /** What was explained of late, by position. */
  readonly #words = new Map<number, readonly Rejection[]>();
  #version = -1;

  constructor(nodes: Nodes, task: FilteredTask) {
    this.#nodes = nodes;
    this.#task = task;
    this.#filters = FILTERS.filter((filter) => filter.asks === "description" && filter.concerns(task));
  }

  /** Whoever reads `rejects` and `rejected` calls this before. */
  catchUp(): void {
    const nodes = this.#nodes;
    if (this.#version === nodes.saidVersion) return;
    if (this.rejects.length < nodes.count) this.#makeRoom();
    this.rejected = 0;
    for (let position = 0; position < nodes.count; position += 1) {
      if (nodes.isSaidSince(this.#version, position))
        this.rejects[position] = rejecting(this.#filters, this.#task, nodes.at(position));
      if (this.rejects[position] !== 0) this.rejected += 1;
    }
    this.#version = nodes.saidVersion;
    this.#words.clear();
  }

  /** Why the node at this position does not suit; empty of one that does. */
  explain(position: number): readonly Rejection[] {
    let words = this.#words.get(position);
    if (words === undefined) {
      const node = this.#nodes.at(position);
      const failing = this.#filters.filter((filter) => !filter.passes(this.#task, node));
      words = failing.map((filter) => filter.explain(this.#task, node));
      this.#words.set(position, words);
    }
    return words;
  }

  #makeRoom(): void {
    const roomier = new Uint16Array(this.#nodes.tasks.length);
    roomier.set(this.rejects);
    this.rejects = roomier;
  }
}
