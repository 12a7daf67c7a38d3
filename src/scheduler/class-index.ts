/**
 * The nodes as they stand for one class of tasks: which of them will do, in order of preference, and what there is to
 * say of the first few. It catches up with the nodes when it is asked, and looks only at those that have changed.
 */
import type { Costs } from "./algorithm.ts";
import { NOT_NOTED, type CostNotes, type Page } from "./cost-notes.ts";
import { MOST_EXAMPLES } from "./decisions.ts";
import { bitsOf, FILTERS } from "./filters.ts";
import type { Nodes } from "./nodes.ts";
import type { Positions } from "./positions.ts";
import { RejectedNote, Rejections, Tally } from "./rejections.ts";
import type { Sheet } from "./sheet.ts";
import type { TaskClass } from "./task-class.ts";

/** The nodes in the order in which a class of tasks prefers them. A cost of Infinity stands for a node that will not do. */
export interface Preference {
  /** Takes the costs of these nodes, in the order in which they are listed: of all of them the first time. */
  set(costs: Float64Array, on: Positions): void;
  /** The best few nodes: so many, if there are, or more. */
  best(most: number): Positions;
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

export class ClassIndex {
  readonly #nodes: Nodes;
  readonly #taskClass: TaskClass;
  readonly #newParts: () => IndexParts;
  #parts: IndexParts;
  /** By position: the bits of the filters that reject the node. */
  #bits = new Uint16Array(0);
  readonly #tally = new Tally();
  readonly #notes: CostNotes;
  readonly #sheet: Sheet;
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

  constructor(
    nodes: Nodes,
    taskClass: TaskClass,
    { newParts, notes, sheet }: { newParts: () => IndexParts; notes: CostNotes; sheet: Sheet },
  ) {
    this.#nodes = nodes;
    this.#taskClass = taskClass;
    this.#notes = notes;
    this.#sheet = sheet;
    this.#newParts = newParts;
    this.#epoch = nodes.epoch;
    this.#parts = newParts();
  }

  /** The best few nodes: so many, if there are, or more. */
  best(most: number): Positions {
    this.#catchUp();
    return this.#parts.preference.best(most);
  }

  /** Notes what the task costs on the first few of these, as of the last `best`. */
  note(best: Positions, most: number): { notes: Page; list: number } {
    const { costs, areCostsKept } = this.#parts;
    const length = Math.min(most, best.length);
    const page = this.#notes.pageFor(length, costs);
    if (page !== this.#page || !areCostsKept) this.#places.fill(NOT_NOTED);
    this.#page = page;
    return { notes: page, list: page.addList(best, length, { costs, places: this.#places }) };
  }

  /** Those that will not do, as of the last `best`. */
  get rejections(): Rejections {
    return (this.#rejections ??= new Rejections(this.#tally.groups, this.#findExamples()));
  }

  #catchUp(): void {
    const nodes = this.#nodes;
    if (this.#version === nodes.version) return;
    this.#taskClass.suitability.catchUp();
    if (this.#version === undefined || this.#epoch !== nodes.epoch) this.#beginAnew();
    this.#look(this.#version === undefined ? nodes.all : nodes.changedSince(this.#version));
    this.#version = nodes.version;
  }

  #beginAnew(): void {
    const { count, epoch } = this.#nodes;
    this.#epoch = epoch;
    this.#version = undefined;
    this.#page = undefined;
    this.#sheet.fit(count);
    this.#parts = this.#newParts();
    this.#bits = new Uint16Array(count);
    this.#places = new Int32Array(count);
    this.#tally.reset();
    this.#examples.clear();
    this.#lastExample = Number.POSITIVE_INFINITY;
    this.#rejections = undefined;
  }

  #look(changed: Positions): void {
    const { costs, rejects } = this.#sheet;
    const { positions, length } = changed;
    this.#parts.costs.write(costs, changed);
    const isAnyRejected = this.#taskClass.writeRejects(rejects, changed);
    for (let at = 0; at < length; at += 1) this.#places[positions[at] as number] = NOT_NOTED;
    if (isAnyRejected || !this.#tally.isEmpty) {
      for (let at = 0; at < length; at += 1) {
        const bits = isAnyRejected ? (rejects[at] as number) : 0;
        if (bits !== 0) costs[at] = WILL_NOT_DO;
        this.#reject(positions[at] as number, bits);
      }
    }
    this.#parts.preference.set(costs, changed);
  }

  /** Takes note of the filters that reject a node: 0 when none does, or none does any more. */
  #reject(position: number, bits: number): void {
    const before = this.#bits[position] as number;
    if (bits === before && (bits === 0 || !this.#isToldAnew(position, bits))) return;
    this.#bits[position] = bits;
    this.#tally.remove(before);
    this.#tally.add(bits);
    this.#rejections = undefined;
    if (position <= this.#lastExample) this.#examples.delete(position);
  }

  /** Whether there is something else to say of why the node is rejected, by the same filters as before. */
  #isToldAnew(position: number, bits: number): boolean {
    if (position > this.#lastExample) return false;
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
