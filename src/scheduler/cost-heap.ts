/**
 * The nodes in order of what they cost a class of tasks: an indexed binary heap. A change to one node is O(log nodes),
 * the best few are at the top. A node that will not do costs Infinity.
 *
 * The keys are the heap's own: it stays a heap while nodes have changed that it has not been told of yet.
 */
import type { Preference } from "./class-index.ts";
import type { Nodes } from "./nodes.ts";

/** The most that are asked for at a time. */
const MOST_BEST = 16;

export class CostHeap implements Preference {
  readonly #nodes: Nodes;
  /** By place in the heap: the position of the node there, and its cost. */
  readonly #heap: Int32Array;
  readonly #costs: Float64Array;
  /** By position: the place in the heap, and the number of tasks. */
  readonly #places: Int32Array;
  readonly #tasks: Int32Array;
  /** Places in the heap, the best first: where `best` looks next. */
  readonly #frontier = new Int32Array(2 * MOST_BEST + 1);

  constructor(nodes: Nodes) {
    const { count } = nodes;
    this.#nodes = nodes;
    this.#heap = new Int32Array(count);
    this.#costs = new Float64Array(count);
    this.#places = new Int32Array(count);
    this.#tasks = new Int32Array(count);
  }

  setAll(column: Float64Array): void {
    const count = this.#heap.length;
    for (let position = 0; position < count; position += 1) {
      this.#tasks[position] = this.#nodes.tasks[position] as number;
      this.#put(position, position, column[position] as number);
    }
    for (let place = (count >> 1) - 1; place >= 0; place -= 1) this.#sink(place);
  }

  set(position: number, cost: number): void {
    const place = this.#places[position] as number;
    this.#costs[place] = cost;
    this.#tasks[position] = this.#nodes.tasks[position] as number;
    if (this.#rise(place) === place) this.#sink(place);
  }

  best(most: number, into: number[]): void {
    if (this.#heap.length === 0) return;
    const frontier = this.#frontier;
    frontier[0] = 0;
    let first = 0;
    let end = 1;
    while (first < end) {
      const place = frontier[first] as number;
      if (this.#costs[place] === Number.POSITIVE_INFINITY) return;
      if (into.push(this.#heap[place] as number) === most) return;
      first += 1;
      const left = 2 * place + 1;
      if (left < this.#heap.length) this.#look(left, first, end++);
      if (left + 1 < this.#heap.length) this.#look(left + 1, first, end++);
    }
  }

  /** Takes a place into the frontier, which stands from `first` to `end`, in order. */
  #look(place: number, first: number, end: number): void {
    const frontier = this.#frontier;
    let at = end;
    for (; at > first; at -= 1) {
      const before = frontier[at - 1] as number;
      if (!this.#isBefore(place, before)) break;
      frontier[at] = before;
    }
    frontier[at] = place;
  }

  /** Whether the node at place a comes before the one at place b. */
  #isBefore(a: number, b: number): boolean {
    const costA = this.#costs[a] as number;
    const costB = this.#costs[b] as number;
    return costA === costB ? this.#isBeforeOfEquals(this.#heap[a] as number, this.#heap[b] as number) : costA < costB;
  }

  #isBeforeOfEquals(positionA: number, positionB: number): boolean {
    const tasksA = this.#tasks[positionA] as number;
    const tasksB = this.#tasks[positionB] as number;
    return tasksA === tasksB ? positionA < positionB : tasksA < tasksB;
  }

  /** Moves the node at this place up to where it belongs; returns the place. */
  #rise(from: number): number {
    const position = this.#heap[from] as number;
    const cost = this.#costs[from] as number;
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const parentCost = this.#costs[parent] as number;
      if (parentCost < cost) break;
      const above = this.#heap[parent] as number;
      if (parentCost === cost && !this.#isBeforeOfEquals(position, above)) break;
      this.#put(place, above, parentCost);
      place = parent;
    }
    if (place !== from) this.#put(place, position, cost);
    return place;
  }

  /**
   * Moves the node at this place down to where it belongs. A node that was given a task belongs near the bottom: so it
   * goes all the way down, which takes one comparison a level instead of two, and from there up again.
   * Source: Wegener, Bottom-up-heapsort, Theoretical Computer Science 118, 1993.
   */
  #sink(from: number): void {
    const count = this.#heap.length;
    const first = this.#bestChild(from, count);
    if (first === undefined || this.#isBefore(from, first)) return;
    const position = this.#heap[from] as number;
    const cost = this.#costs[from] as number;
    let place = from;
    for (let child: number | undefined = first; child !== undefined; child = this.#bestChild(place, count)) {
      this.#put(place, this.#heap[child] as number, this.#costs[child] as number);
      place = child;
    }
    this.#put(place, position, cost);
    this.#rise(place);
  }

  #bestChild(place: number, count: number): number | undefined {
    const left = 2 * place + 1;
    if (left >= count) return undefined;
    const right = left + 1;
    return right < count && this.#isBefore(right, left) ? right : left;
  }

  #put(place: number, position: number, cost: number): void {
    this.#heap[place] = position;
    this.#costs[place] = cost;
    this.#places[position] = place;
  }
}
