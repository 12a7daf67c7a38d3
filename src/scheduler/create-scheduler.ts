/**
 * The scheduler: asks every node what it would cost to place the task there, and takes the best. It looks at all of
 * them, so its answer is exact; a decision allocates nothing per node, and explains only what it shows.
 */
import type { Algorithm } from "./algorithm.ts";
import type { Candidate, Filter, Remedy } from "./filter.ts";
import { filteredTask } from "./filtered-task.ts";
import { FILTERS } from "./filters.ts";
import { NodeTable, type CostUse } from "./node-table.ts";
import { compareRanked, Ranking } from "./ranking.ts";
import type { Decision, NodeView, PlacementRequest, Scheduler } from "./scheduler.ts";
import { costOf, judge, type Question, type Rejected } from "./verdict.ts";

export interface SchedulerOptions {
  readonly costUse: CostUse;
}

/** Of a decision that found a node: how many costs, and how many rejected nodes, it lists. */
const MOST_COSTS = 5;
const MOST_REJECTED = 5;

export function createScheduler(algorithm: Algorithm, options: SchedulerOptions): Scheduler {
  return new ScanningScheduler(algorithm, options);
}

class ScanningScheduler implements Scheduler {
  readonly #algorithm: Algorithm;
  readonly #filters: readonly Filter[];
  readonly #nodes: NodeTable;

  constructor(algorithm: Algorithm, { costUse }: SchedulerOptions) {
    this.#algorithm = algorithm;
    this.#filters = [...FILTERS, ...algorithm.filters];
    this.#nodes = new NodeTable(costUse);
  }

  get name(): string {
    return this.#algorithm.name;
  }

  update(node: NodeView): void {
    this.#nodes.update(node);
  }

  remove(nodeId: string): void {
    this.#nodes.remove(nodeId);
  }

  resume(lastNodeId: string): void {
    this.#nodes.resume(lastNodeId);
  }

  decide(request: PlacementRequest): Decision {
    const question = this.#question(request);
    const ranking = new Ranking(MOST_COSTS);
    const rejected: Candidate[] = [];
    for (const candidate of this.#nodes.inJoinOrder) {
      const cost = costOf(question, candidate);
      if (!Number.isNaN(cost)) ranking.offer(candidate, cost);
      else if (rejected.length < MOST_REJECTED) rejected.push(candidate);
    }
    const chosen = ranking.best[0]?.candidate.view;
    if (chosen === undefined) return this.#explain(question);
    this.#nodes.picked(chosen);
    return {
      scheduler: this.name,
      considered: question.cluster.nodes,
      chosen: chosen.id,
      costs: ranking.best.map(({ candidate, cost }) => {
        const verdict = judge(question, candidate);
        return { node: candidate.view.name, cost, terms: verdict.kind === "costed" ? verdict.terms : {} };
      }),
      rejected: rejected
        .map((candidate) => judge(question, candidate))
        .filter((verdict) => verdict.kind === "rejected")
        .map(shownRejection),
      wouldFitIf: undefined,
    };
  }

  fits(request: PlacementRequest): boolean {
    const question = this.#question(request);
    return this.#nodes.inJoinOrder.some((candidate) => !Number.isNaN(costOf(question, candidate)));
  }

  explain(request: PlacementRequest): Decision {
    return this.#explain(this.#question(request));
  }

  #question(request: PlacementRequest): Question {
    const task = filteredTask(request);
    const filters = this.#filters.filter((filter) => filter.concerns(task));
    return { task, cluster: this.#nodes.cluster, filters, algorithm: this.#algorithm };
  }

  #explain(question: Question): Decision {
    const verdicts = this.#nodes.inJoinOrder.map((candidate) => judge(question, candidate));
    const costed = verdicts.filter((verdict) => verdict.kind === "costed").sort(compareRanked);
    const rejected = verdicts.filter((verdict) => verdict.kind === "rejected");
    return {
      scheduler: this.name,
      considered: question.cluster.nodes,
      chosen: undefined,
      costs: costed.map(({ candidate, cost, terms }) => ({ node: candidate.view.name, cost, terms })),
      rejected: rejected.map(shownRejection),
      wouldFitIf: costed.length === 0 ? smallestChange(rejected) : undefined,
    };
  }
}

function shownRejection({ candidate, filters }: Rejected): Decision["rejected"][number] {
  return { node: candidate.view.name, filters };
}

/** The smallest of the changes that alone would let the task in; of equal ones, on the node that joined first. */
function smallestChange(rejected: readonly Rejected[]): string | undefined {
  let smallest: Remedy | undefined;
  for (const { remedy } of rejected) {
    if (remedy !== undefined && (smallest === undefined || remedy.size < smallest.size)) smallest = remedy;
  }
  return smallest?.change;
}
