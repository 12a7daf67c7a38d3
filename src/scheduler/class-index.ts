/**
 * The nodes as they stand for one class of tasks: which of them will do, in order of preference, and what there is to
 * say of the first few. It catches up with the nodes when it is asked, and looks only at those that have changed.
 */
import type { Costs } from "./algorithm.ts";
import type { CostNotes, Page } from "./cost-notes.ts";
import { MOST_EXAMPLES } from "./decisions.ts";
import { bitsOf, FILTERS } from "./filters.ts";
import type { Nodes } from "./nodes.ts";
import { RejectedNote, Rejections, Tally } from "./rejections.ts";
import type { TaskClass } from "./task-class.ts";

/** The nodes in the order in which a class of tasks prefers them. A cost of Infinity stands for a node that will not do. */
export interface Preference {
  /** Takes the costs of all of them. */
  setAll(column: Float64Array): void;
  set(position: number, cost: number): void;
  /** Adds positions of the best few nodes to an empty list, the best first. */
  best(most: number, into: number[]): void;
}

/** What an index is made with, anew in each epoch. */
export interface IndexParts {
  readonly costs: Costs;
  readonly preference: Preference;
  /** False where a cost is another one at each decision. */
  readonly areCostsKept: boolean;
}

/** Filters whose answer changes when a node's amounts do. */
const ASKING_AMOUNTS = bitsOf(FILTERS.filter(({ asks }) => asks !== "description"));
const WILL_NOT_DO = Number.POSITIVE_INFINITY;
const NOT_NOTED = -1;

export class ClassIndex {
  readonly #nodes: Nodes;
  readonly #taskClass: TaskClass;
  readonly #newParts: () => IndexParts;
  #parts: IndexParts;
  /** By position: the bits of the filters that reject the node. */
  #bits = new Uint16Array(0);
  readonly #tally = new Tally();
  readonly #notes: CostNotes;
  /** By position: where on the page it is noted what the task costs there. */
  #places = new Int32Array(0);
  #page: Page | undefined;
  #rejections: Rejections | undefined;
  /** The rejected nodes that are named, by position: the first ones, the last of which stands there. */
  #examples = new Map<number, RejectedNote>();
  #lastExample = Number.POSITIVE_INFINITY;
  #epoch: number;
  /** The version of the nodes that was looked at last; undefined before the first time. */
  #version: number | undefined;
  readonly #best: number[] = [];

  constructor(
    nodes: Nodes,
    taskClass: TaskClass,
    { newParts, notes }: { newParts: () => IndexParts; notes: CostNotes },
  ) {
    this.#nodes = nodes;
    this.#taskClass = taskClass;
    this.#notes = notes;
    this.#newParts = newParts;
    this.#epoch = nodes.epoch;
    this.#parts = newParts();
  }

  /** Positions of the best few nodes, the best first; the same list each time. */
  best(most: number): readonly number[] {
    this.#catchUp();
    this.#best.length = 0;
    this.#parts.preference.best(most, this.#best);
    return this.#best;
  }

  /** Notes what the task costs on the first few of these positions, as of the last `best`. */
  note(positions: readonly number[], most: number): { notes: Page; list: number } {
    const { costs, areCostsKept } = this.#parts;
    const length = Math.min(most, positions.length);
    const page = this.#notes.pageFor(length, costs);
    if (page !== this.#page || !areCostsKept) this.#places.fill(NOT_NOTED);
    this.#page = page;
    const list = page.beginList(length);
    for (let at = 0; at < length; at += 1) page.addToList(this.#placeOf(positions[at] as number, page));
    return { notes: page, list };
  }

  #placeOf(position: number, page: Page): number {
    const known = this.#places[position] as number;
    if (known !== NOT_NOTED) return known;
    const place = page.write(position, this.#parts.costs);
    this.#places[position] = place;
    return place;
  }

  /** Those that will not do, as of the last `best`. */
  get rejections(): Rejections {
    return (this.#rejections ??= new Rejections(this.#tally.groups, this.#findExamples()));
  }

  #catchUp(): void {
    const nodes = this.#nodes;
    if (this.#version === nodes.version) return;
    this.#taskClass.suitability.catchUp();
    if (this.#epoch !== nodes.epoch) {
      this.#epoch = nodes.epoch;
      this.#parts = this.#newParts();
      this.#version = undefined;
    }
    if (this.#version === undefined || !nodes.changedSince(this.#version, this.#look)) this.#lookAtAll();
    this.#version = nodes.version;
  }

  #lookAtAll(): void {
    const { costs, preference } = this.#parts;
    this.#tally.reset();
    this.#examples.clear();
    this.#lastExample = Number.POSITIVE_INFINITY;
    this.#rejections = undefined;
    const { count } = this.#nodes;
    if (this.#bits.length !== count) {
      this.#bits = new Uint16Array(count);
      this.#places = new Int32Array(count);
    }
    this.#places.fill(NOT_NOTED);
    const column = new Float64Array(count);
    costs.writeAll(column);
    if (this.#taskClass.writeRejects(this.#bits)) {
      for (let position = 0; position < count; position += 1) {
        const bits = this.#bits[position] as number;
        this.#tally.add(bits);
        if (bits !== 0) column[position] = WILL_NOT_DO;
      }
    }
    preference.setAll(column);
  }

  readonly #look = (position: number): void => {
    const before = this.#bits[position] as number;
    const bits = this.#taskClass.rejects(position);
    if (bits !== before) {
      this.#bits[position] = bits;
      this.#tally.remove(before);
      this.#tally.add(bits);
    }
    this.#places[position] = NOT_NOTED;
    if (bits !== before || this.#isToldAnew(position, bits)) {
      this.#rejections = undefined;
      if (position <= this.#lastExample) this.#examples.delete(position);
    }
    this.#parts.preference.set(position, bits === 0 ? this.#parts.costs.cost(position) : WILL_NOT_DO);
  };

  /** Whether there is something else to say of why the node is rejected, by the same filters as before. */
  #isToldAnew(position: number, bits: number): boolean {
    if (bits === 0 || position > this.#lastExample) return false;
    return (bits & ASKING_AMOUNTS) !== 0 || this.#nodes.isSaidSince(this.#version ?? 0, position);
  }

  #findExamples(): RejectedNote[] {
    const examples = new Map<number, RejectedNote>();
    for (let position = 0; position < this.#bits.length && examples.size < MOST_EXAMPLES; position += 1) {
      const bits = this.#bits[position] as number;
      if (bits === 0) continue;
      const known = this.#examples.get(position);
      examples.set(position, known ?? new RejectedNote(this.#nodes, this.#taskClass, { position, bits }));
      this.#lastExample = position;
    }
    if (examples.size < MOST_EXAMPLES) this.#lastExample = Number.POSITIVE_INFINITY;
    this.#examples = examples;
    return [...examples.values()];
  }
}
