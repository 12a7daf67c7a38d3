/**
 * What a scheduling algorithm is: a pure function that says what it costs to place a task on a node. Filters have said
 * before that the task can run there; the lowest cost wins, ties go to the node with fewer tasks, then to the one that
 * joined first.
 *
 * A cost is made of named terms, so that it can be explained: an algorithm is written as its terms and how they come
 * together.
 */
import { shareOf, type ResourceName } from "../node/ledger.ts";
import type { RuntimeKind } from "../task/document.ts";
import type { Resources } from "../task/spec.ts";
import type { Filter } from "./filter.ts";
import type { Cost, Rejection } from "./scheduler.ts";

/** What a cost may know of the task. */
export interface TaskDemand {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** What it would reserve: cores, bytes, bytes. */
  readonly resources: Resources;
}

/** What a cost may know of a node. Cores, bytes, bytes. */
export interface NodeLoad {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly runtimes: readonly RuntimeKind[];
  /** Place in the order of joining, from 0, without gaps. */
  readonly position: number;
  readonly capacity: Resources;
  readonly reserved: Resources;
  /** u of the formulas: the larger of reserved and measured use, or reserved alone, as `--cost-use` says. */
  readonly use: Resources;
  /** Number of tasks on the node: in all, by name, and by label written `key=value`. */
  readonly tasks: number;
  readonly taskNames: ReadonlyMap<string, number>;
  readonly taskLabels: ReadonlyMap<string, number>;
}

/** What a cost may know of the cluster. */
export interface ClusterLoad {
  /** Number of nodes known, whatever their status. */
  readonly nodes: number;
  /** Number of nodes that are ready. */
  readonly nodesUp: number;
  /** Position of the first node that joined after the one picked last; `nodes` when there is none. */
  readonly next: number;
  /** Starts at 1 and doubles when a node has more tasks. */
  readonly maxJobs: number;
}

/** One summand, or one of the numbers compared: finite and not negative for every node that the filters let through. */
export type Term = (demand: TaskDemand, node: NodeLoad, cluster: ClusterLoad) => number;

export interface Algorithm {
  readonly name: string;
  /** Besides those of `filters.ts`. */
  readonly filters: readonly Filter[];
  /** Lower is better; NaN where there is no telling, and the node is left out. For the scan: no allocation. */
  cost(demand: TaskDemand, node: NodeLoad, cluster: ClusterLoad): number;
  /** The same cost with its terms, or why there is none. */
  explain(demand: TaskDemand, node: NodeLoad, cluster: ClusterLoad): Cost | Rejection;
}

/** The algorithm whose cost is the sum of the terms. */
export function sumOf(name: string, terms: Readonly<Record<string, Term>>): Algorithm {
  return algorithm(name, terms, (sum, term) => sum + term);
}

/** The algorithm whose cost is the largest of the terms. */
export function largestOf(name: string, terms: Readonly<Record<string, Term>>): Algorithm {
  return algorithm(name, terms, Math.max);
}

/** (u + d) / C: the share of a resource that is in use once the task is there; 0 of a resource that the node has not. */
export function shareAfter(what: ResourceName, demand: TaskDemand, node: NodeLoad): number {
  const capacity = node.capacity[what];
  return capacity > 0 ? shareOf(what, node.use[what] + demand.resources[what], capacity) : 0;
}

function algorithm(
  name: string,
  terms: Readonly<Record<string, Term>>,
  combine: (a: number, b: number) => number,
): Algorithm {
  const functions = Object.values(terms);
  return {
    name,
    filters: [],
    cost(demand, node, cluster) {
      let cost = 0;
      for (const term of functions) cost = combine(cost, term(demand, node, cluster));
      return cost;
    },
    explain(demand, node, cluster) {
      const values = Object.entries(terms).map(([key, term]) => [key, term(demand, node, cluster)] as const);
      return { cost: values.reduce((cost, [, value]) => combine(cost, value), 0), terms: Object.fromEntries(values) };
    },
  };
}
