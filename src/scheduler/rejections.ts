/**
 * Which nodes were turned down, and why: counted by the filters that reject them, with the first few as examples. Kept
 * as numbers, since hardly any explanation is ever read; the words are made when it is.
 */
import { fromUnits, RESOURCE_NAMES } from "../node/ledger.ts";
import { bitOf, bitsOf, FILTERS } from "./filters.ts";
import { entry } from "./columns.ts";
import type { Nodes } from "./nodes.ts";
import { shortOf } from "./resource-filters.ts";
import type { TurnedDown } from "./decisions.ts";
import type { FilterName, RejectedNode, Rejection } from "./scheduler.ts";
import type { TaskClass } from "./task-class.ts";

const FILTERS_ASKING_TASKS = FILTERS.filter(({ asks }) => asks === "tasks");
const ASKING_TASKS = bitsOf(FILTERS_ASKING_TASKS);

/** Counts nodes by the bits of the filters that reject them; 0 stands for those that will do. */
export class Tally {
  readonly #counts = new Int32Array(1 << FILTERS.length);
  /** The bits that were counted since the last reset. */
  readonly #seen: number[] = [];
  #total = 0;

  /** Whether no node is rejected. */
  get isEmpty(): boolean {
    return this.#total === 0;
  }

  add(bits: number): void {
    if (bits === 0) return;
    if (this.#counts[bits] === 0 && !this.#seen.includes(bits)) this.#seen.push(bits);
    this.#counts[bits] = (this.#counts[bits] as number) + 1;
    this.#total += 1;
  }

  remove(bits: number): void {
    if (bits === 0) return;
    this.#counts[bits] = (this.#counts[bits] as number) - 1;
    this.#total -= 1;
  }

  reset(): void {
    for (const bits of this.#seen) this.#counts[bits] = 0;
    this.#seen.length = 0;
    this.#total = 0;
  }

  /** Pairs of bits and how many nodes are rejected by just these. */
  get groups(): readonly (readonly [bits: number, nodes: number])[] {
    const groups: [number, number][] = [];
    for (const bits of this.#seen) {
      const nodes = this.#counts[bits] as number;
      if (nodes > 0) groups.push([bits, nodes]);
    }
    return groups;
  }
}

/** A node that was turned down, as it was then. */
export class RejectedNote implements RejectedNode {
  readonly node: string;
  readonly #bits: number;
  readonly #needs: TaskClass["task"]["resources"];
  readonly #free: { readonly cpu: number; readonly memory: number; readonly disk: number };
  /** Of the filters that ask for anything but resources. */
  readonly #others: readonly Rejection[];

  constructor(nodes: Nodes, { task, suitability }: TaskClass, { position, bits }: { position: number; bits: number }) {
    const { free } = nodes;
    const candidate = nodes.at(position);
    this.node = candidate.view.name;
    this.#bits = bits;
    this.#needs = task.resources;
    this.#free = {
      cpu: entry(free.cpu, position),
      memory: entry(free.memory, position),
      disk: entry(free.disk, position),
    };
    const said = suitability.explain(position);
    const failing = (bits & ASKING_TASKS) === 0 ? [] : FILTERS_ASKING_TASKS.filter((one) => (bits & bitOf(one)) !== 0);
    this.#others = failing.length === 0 ? said : [...said, ...failing.map((filter) => filter.explain(task, candidate))];
  }

  /** In the order of FILTERS. */
  get filters(): readonly Rejection[] {
    const free = fromUnits(this.#free);
    return FILTERS.flatMap(({ name }, index): readonly Rejection[] => {
      if ((this.#bits & (1 << index)) === 0) return [];
      const resource = RESOURCE_NAMES.find((one) => one === name);
      if (resource !== undefined) return [shortOf(resource, this.#needs[resource], free[resource])];
      return this.#others.filter(({ filter }) => filter === name);
    });
  }
}

/** The nodes that were turned down in one decision. */
export class Rejections implements TurnedDown {
  readonly #groups: Tally["groups"];
  readonly #examples: readonly RejectedNote[];

  constructor(groups: Tally["groups"], examples: readonly RejectedNote[]) {
    this.#groups = groups;
    this.#examples = examples;
  }

  get examples(): readonly RejectedNode[] {
    return this.#examples.map(({ node, filters }) => ({ node, filters }));
  }

  get by(): Readonly<Partial<Record<FilterName, number>>> {
    const by: Partial<Record<FilterName, number>> = {};
    for (const [index, { name }] of FILTERS.entries()) {
      let rejected = 0;
      for (const [bits, nodes] of this.#groups) if ((bits & (1 << index)) !== 0) rejected += nodes;
      if (rejected > 0) by[name] = rejected;
    }
    return by;
  }

  /** Whether there is a node that is rejected by this filter alone. */
  isOnlyUpTo(filter: FilterName): boolean {
    return this.#groups.some(([bits]) => FILTERS[31 - Math.clz32(bits)]?.name === filter && (bits & (bits - 1)) === 0);
  }
}
