/**
 * The best few nodes, in the order of preference: the lower cost, then fewer tasks, then the earlier joined. They lie in
 * columns, as every decision asks for them: nothing is allocated when a node comes or goes.
 */

import type { Positions } from "./positions.ts";

/** For sorting. `tasks`: the number of tasks by position. */
export function compareRanked(a: Ranked, b: Ranked, tasks: Int32Array): number {
  return a.cost - b.cost || (tasks[a.position] as number) - (tasks[b.position] as number) || a.position - b.position;
}

/** A node, by its position, with what it costs to place the task there. */
interface Ranked {
  readonly position: number;
  readonly cost: number;
}

export class Podium implements Positions {
  length = 0;
  readonly positions: Int32Array;
  /** By place, as `positions`. One place more than there are is for whoever drops out. */
  readonly costs: Float64Array;
  readonly #tasks: Int32Array;
  #most = 0;

  /** `room`: as many as there ever are on it. */
  constructor(room: number) {
    this.positions = new Int32Array(room + 1);
    this.costs = new Float64Array(room + 1);
    this.#tasks = new Int32Array(room + 1);
  }

  /** Empties it, for so many. */
  clear(most: number): void {
    this.length = 0;
    this.#most = most;
  }

  /** Whoever costs more has no place. */
  get bar(): number {
    return this.length < this.#most ? Number.POSITIVE_INFINITY : (this.costs[this.length - 1] as number);
  }

  /** The node takes its place, if it is among the best of those that were offered. */
  offer(position: number, cost: number, tasks: number): void {
    const { positions, costs } = this;
    const tasksOf = this.#tasks;
    let place = this.length;
    for (; place > 0; place -= 1) {
      const otherCost = costs[place - 1] as number;
      const otherTasks = tasksOf[place - 1] as number;
      const other = positions[place - 1] as number;
      if (cost > otherCost) break;
      if (cost === otherCost && (tasks > otherTasks || (tasks === otherTasks && position > other))) break;
      costs[place] = otherCost;
      tasksOf[place] = otherTasks;
      positions[place] = other;
    }
    costs[place] = cost;
    tasksOf[place] = tasks;
    positions[place] = position;
    if (this.length < this.#most) this.length += 1;
  }

  /** Offers so many nodes, by position, to an empty podium. A cost of Infinity stands for a node that will not do. */
  offerAll(costs: Float64Array, tasks: Int32Array, count: number): void {
    let { bar } = this;
    for (let position = 0; position < count; position += 1) {
      const cost = costs[position] as number;
      if (cost > bar || cost === Number.POSITIVE_INFINITY) continue;
      this.offer(position, cost, tasks[position] as number);
      bar = this.bar;
    }
  }

  /**
   * The node has changed, and takes another place or leaves. Who is not on the podium comes after all who are, before
   * and after; so it gets shorter when it is not known who comes next.
   */
  move(position: number, cost: number, tasks: number): void {
    if (this.length === 0) return;
    this.#remove(position);
    this.offer(position, cost, tasks);
    if (this.positions[this.length - 1] === position) this.length -= 1;
  }

  #remove(position: number): void {
    const { positions, costs } = this;
    const tasks = this.#tasks;
    let place = 0;
    while (place < this.length && positions[place] !== position) place += 1;
    if (place === this.length) return;
    this.length -= 1;
    for (; place < this.length; place += 1) {
      positions[place] = positions[place + 1] as number;
      costs[place] = costs[place + 1] as number;
      tasks[place] = tasks[place + 1] as number;
    }
  }
}
