/**
 * What a scheduling algorithm is: a pure function that says what it costs to place a task on a node. Filters have said
 * before that the task can run there; the lowest cost wins, ties go to the node with fewer tasks, then to the one that
 * joined first.
 *
 * A formula works over the columns of the nodes (`nodes.ts`), and serves the index, the scan and the explanation alike:
 * all three give the very same numbers, to the last bit, also where the scan has a loop of its own.
 */
import { inUnits } from "../node/ledger.ts";
import type { Resources } from "../task/spec.ts";
import type { Filter, FilteredTask } from "./filter.ts";
import { entry, type Columns } from "./columns.ts";
import type { Nodes } from "./nodes.ts";
import type { Positions } from "./positions.ts";
import type { Cost, Rejection } from "./scheduler.ts";

/**
 * How the nodes are kept in order for tasks that are alike. `cost`: what the task costs on a node depends on that node
 * alone, for as long as `Nodes.epoch` stays what it is. `turn`: the nodes take turns in the order in which they joined.
 * `none`: nothing is known, and every node is asked each time.
 */
export type Order = "cost" | "turn" | "none";

export interface Algorithm {
  readonly name: string;
  /** Besides those of `filters.ts`. */
  readonly filters: readonly Filter[];
  readonly order: Order;
  /** True when tasks that differ in nothing but their names may differ in cost. */
  readonly asksName: boolean;
  /** True when a cost changes with the number of nodes up, or with the most tasks that a node has had. */
  readonly asksCluster: boolean;
  /** The algorithm at work on these nodes: from a task to its costs, which hold until `nodes.epoch` changes. */
  over(nodes: Nodes): (task: FilteredTask) => Costs;
}

/** What a task costs on the node at a position in the order of joining. */
export interface Costs {
  /** Lower is better; NaN where there is no telling, and the node is left out. Allocates nothing. */
  readonly cost: (position: number) => number;
  /** The costs on these nodes, in the order in which they are listed. */
  write(costs: Float64Array, on: Positions): void;
  /** Names of what the cost is made of; empty where every answer brings terms of its own. */
  readonly terms: readonly string[];
  /** Writes the cost, and after it the terms in their order, from a place on. Allocates nothing. */
  note(figures: Float64Array, place: number, position: number): void;
  /** The same cost with its terms, or why there is none. */
  explain(position: number): Cost | Rejection;
}

/** A formula at work, which explains itself by its note. `write` where it has a loop of its own. */
export function costsOf({ cost, terms, note, write = oneByOne(cost) }: Formula): Costs {
  return { cost, write, terms, note, explain: explained };

  function explained(position: number): Cost {
    const figures = new Float64Array(1 + terms.length);
    note(figures, 0, position);
    return costNoted(figures, 0, terms);
  }
}

/** What a cost and its terms were, from their note at a place. */
export function costNoted(figures: Float64Array, place: number, terms: readonly string[]): Cost {
  const noted: Record<string, number> = {};
  for (let index = 0; index < terms.length; index += 1)
    noted[terms[index] as string] = entry(figures, place + 1 + index);
  return { cost: entry(figures, place), terms: noted };
}

export function oneByOne(cost: Costs["cost"]): Costs["write"] {
  return (costs, { positions, length }) => {
    for (let at = 0; at < length; at += 1) costs[at] = cost(positions[at] as number);
  };
}

/** The note of a formula that has none of its own: the cost, and then each term, worked out by itself. */
export function oneAfterTheOther(...parts: readonly Costs["cost"][]): Costs["note"] {
  return (figures, place, position) => {
    for (const [index, part] of parts.entries()) figures[place + index] = part(position);
  };
}

type Formula = Pick<Costs, "cost" | "terms" | "note"> & Partial<Pick<Costs, "write">>;

/**
 * One summand, or the cost itself, from what it is made of (x): finite and not negative for every node that the filters
 * let through. A function of its module that is called by name: so it is compiled into the loops, and allocates nothing.
 */
export type Term<X> = (x: X, position: number) => number;

/** What most formulas are made of, in whole units: d is what the task asks for, u what is used, C what there is. */
export interface Figures {
  readonly d: Resources;
  readonly u: Columns;
  readonly C: Columns;
}

export function figuresOf({ resources }: FilteredTask, { use, capacity }: Nodes): Figures {
  return { d: inUnits(resources), u: use, C: capacity };
}

/** (u + d) / C: the share of a resource that is in use once the task is there; 0 of a resource that the node has not. */
export const shareAfter = {
  cpu: ({ d, u, C }: Figures, i: number): number => share(d.cpu + entry(u.cpu, i), entry(C.cpu, i)),
  memory: ({ d, u, C }: Figures, i: number): number => share(d.memory + entry(u.memory, i), entry(C.memory, i)),
  disk: ({ d, u, C }: Figures, i: number): number => share(d.disk + entry(u.disk, i), entry(C.disk, i)),
};

/** A cost, or a part of it, that is made of the shares in use of the three resources. */
export type OfShares = (cpu: number, memory: number, disk: number) => number;

export function ofShares(of: OfShares): Term<Figures> {
  return (x, i) => of(shareAfter.cpu(x, i), shareAfter.memory(x, i), shareAfter.disk(x, i));
}

/** The same as a loop, which takes its columns out first: the inner one of index and scan. */
export function writeOfShares({ d, u, C }: Figures, of: OfShares): Costs["write"] {
  return (costs, { positions, length }) => {
    const { cpu: dCpu, memory: dMemory, disk: dDisk } = d;
    const { cpu: uCpu, memory: uMemory, disk: uDisk } = u;
    const { cpu: cCpu, memory: cMemory, disk: cDisk } = C;
    for (let at = 0; at < length; at += 1) {
      const i = positions[at] as number;
      costs[at] = of(
        share(dCpu + entry(uCpu, i), entry(cCpu, i)),
        share(dMemory + entry(uMemory, i), entry(cMemory, i)),
        share(dDisk + entry(uDisk, i), entry(cDisk, i)),
      );
    }
  };
}

function share(amount: number, capacity: number): number {
  return capacity > 0 ? amount / capacity : 0;
}
