/** What there is to say of one node: what it costs, or every respect in which it will not do. */
import type { Algorithm, ClusterLoad } from "./algorithm.ts";
import type { Candidate, Filter, FilteredTask, Remedy } from "./filter.ts";
import type { Cost, Rejection } from "./scheduler.ts";

/** What is asked of every node. */
export interface Question {
  readonly task: FilteredTask;
  readonly cluster: ClusterLoad;
  readonly filters: readonly Filter[];
  readonly algorithm: Algorithm;
}

export interface Costed extends Cost {
  readonly kind: "costed";
  readonly candidate: Candidate;
}

export interface Rejected {
  readonly kind: "rejected";
  readonly candidate: Candidate;
  readonly filters: readonly Rejection[];
  /** The change that alone would let the task in, where there is one. */
  readonly remedy: Remedy | undefined;
}

/** What the node costs, NaN when it will not do. For the scan: allocates nothing. */
export function costOf({ task, cluster, filters, algorithm }: Question, candidate: Candidate): number {
  for (const filter of filters) if (!filter.passes(task, candidate)) return Number.NaN;
  return algorithm.cost(task, candidate.load, cluster);
}

/** The same, in full and in words. */
export function judge({ task, cluster, filters, algorithm }: Question, candidate: Candidate): Costed | Rejected {
  const failing = filters.filter((filter) => !filter.passes(task, candidate));
  const [first] = failing;
  if (first !== undefined) {
    const remedy = failing.length === 1 ? first.remedy(task, candidate) : undefined;
    return { kind: "rejected", candidate, filters: failing.map((filter) => filter.explain(task, candidate)), remedy };
  }
  const explained = algorithm.explain(task, candidate.load, cluster);
  if ("filter" in explained) return { kind: "rejected", candidate, filters: [explained], remedy: undefined };
  return { kind: "costed", candidate, ...explained };
}
