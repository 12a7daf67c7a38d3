/**
 * What tasks cost on nodes at the moment of a decision, as numbers on pages: hardly any explanation is ever read, and
 * so it is written down without an object, and read back in words. A page lives as long as a decision refers to it.
 */
import { costNoted, type Costs } from "./algorithm.ts";
import { entry } from "./columns.ts";
import type { Notes } from "./decisions.ts";
import type { Nodes } from "./nodes.ts";
import type { Positions } from "./positions.ts";
import type { CostedNode } from "./scheduler.ts";

const NOTES_A_PAGE = 1024;
/** Stands for a place where nothing is noted. */
export const NOT_NOTED = -1;

/** Notes on nodes whose names and positions do not change, and lists of them. */
export class Page implements Notes {
  readonly scheduler: string;
  /** By position. */
  readonly #names: readonly string[];
  readonly #terms: readonly string[];
  readonly #figuresANote: number;
  /** Of each note the node's position, its cost, and the terms. */
  readonly #figures: Float64Array;
  /** Of each list its length, and the places of its notes. */
  readonly #lists = new Int32Array(4 * NOTES_A_PAGE);
  #end = 0;
  #endOfLists = 0;

  constructor(scheduler: string, names: readonly string[], terms: readonly string[]) {
    this.scheduler = scheduler;
    this.#names = names;
    this.#terms = terms;
    this.#figuresANote = 2 + terms.length;
    this.#figures = new Float64Array(NOTES_A_PAGE * this.#figuresANote);
  }

  get considered(): number {
    return this.#names.length;
  }

  /** Whether a list of so many notes finds room, on nodes of these names. */
  takes(notes: number, names: readonly string[]): boolean {
    const isRoom = this.#figures.length - this.#end >= notes * this.#figuresANote;
    return isRoom && this.#lists.length - this.#endOfLists > notes && this.#names === names;
  }

  /**
   * Lists the first few of these nodes, and returns where the list begins. `places`, by position, tells where on this
   * page it is noted already what a node costs, and is told of what is noted now.
   */
  addList({ positions }: Positions, length: number, { costs, places }: { costs: Costs; places?: Int32Array }): number {
    const lists = this.#lists;
    const at = this.#endOfLists;
    lists[at] = length;
    for (let rank = 0; rank < length; rank += 1) {
      const position = positions[rank] as number;
      let place = places === undefined ? NOT_NOTED : (places[position] as number);
      if (place === NOT_NOTED) {
        place = this.#write(position, costs);
        if (places !== undefined) places[position] = place;
      }
      lists[at + 1 + rank] = place;
    }
    this.#endOfLists = at + 1 + length;
    return at;
  }

  readList(at: number, most = Number.POSITIVE_INFINITY): CostedNode[] {
    const length = Math.min(most, this.#lists[at] as number);
    return Array.from({ length }, (_, rank) => this.#read(this.#lists[at + 1 + rank] as number));
  }

  /** Returns the place of the note. */
  #write(position: number, costs: Costs): number {
    const figures = this.#figures;
    const place = this.#end;
    this.#end = place + this.#figuresANote;
    figures[place] = position;
    costs.note(figures, place + 1, position);
    return place;
  }

  #read(place: number): CostedNode {
    const node = this.#names[entry(this.#figures, place)] as string;
    const { cost, terms } = costNoted(this.#figures, place + 1, this.#terms);
    return { node, cost, terms };
  }
}

/** Where all classes of tasks write. */
export class CostNotes {
  readonly #scheduler: string;
  readonly #nodes: Nodes;
  #page: Page;

  constructor(scheduler: string, nodes: Nodes) {
    this.#scheduler = scheduler;
    this.#nodes = nodes;
    this.#page = new Page(scheduler, [], []);
  }

  /** A page with room for a list of so many notes on these costs. */
  pageFor(notes: number, { terms }: Costs): Page {
    const { names } = this.#nodes;
    if (!this.#page.takes(notes, names)) {
      this.#page = new Page(this.#scheduler, names, terms);
    }
    return this.#page;
  }
}
