/** What there is to say of one node, in full and in words: what it costs, or every respect in which it will not do. */
import type { Costs } from "./algorithm.ts";
import type { Filter, FilteredTask, Remedy } from "./filter.ts";
import type { Nodes } from "./nodes.ts";
import { isRejection, type CostedNode, type Rejection } from "./scheduler.ts";

/** What is asked of every node. */
export interface Question {
  readonly task: FilteredTask;
  readonly nodes: Nodes;
  readonly filters: readonly Filter[];
  readonly costs: Costs;
}

export interface Costed extends CostedNode {
  readonly kind: "costed";
  readonly position: number;
}

export interface Rejected {
  readonly kind: "rejected";
  readonly node: string;
  readonly filters: readonly Rejection[];
  /** The change that alone would let the task in, where there is one. */
  readonly remedy: Remedy | undefined;
}

/** What the node costs, NaN when it will not do. For the scan: allocates nothing. */
export function costOf({ task, nodes, filters, costs }: Question, position: number): number {
  const candidate = nodes.at(position);
  for (const filter of filters) if (!filter.passes(task, candidate)) return Number.NaN;
  return costs.cost(position);
}

export function judge({ task, nodes, filters, costs }: Question, position: number): Costed | Rejected {
  const candidate = nodes.at(position);
  const node = candidate.view.name;
  const failing = filters.filter((filter) => !filter.passes(task, candidate));
  const [first] = failing;
  if (first !== undefined) {
    const remedy = failing.length === 1 ? first.remedy(task, candidate) : undefined;
    return { kind: "rejected", node, filters: failing.map((filter) => filter.explain(task, candidate)), remedy };
  }
  const explained = costs.explain(position);
  if (isRejection(explained)) return { kind: "rejected", node, filters: [explained], remedy: undefined };
  return { kind: "costed", node, position, cost: explained.cost, terms: explained.terms };
}
