/** Places one task after the other in a planned cluster, and writes down what became of each. */
import type { Decision, PlacementRequest } from "../../scheduler/scheduler.ts";
import type { TaskSpec } from "../../task/spec.ts";
import { whyNowhere, whyThere } from "../core/placement.ts";
import { explanationOf, type Explanation } from "./explanation.ts";
import type { PlannedCluster } from "./planned-cluster.ts";
import type { PlannedTask } from "./planned-task.ts";

/**
 * What would become of a task. `placed`: on another node, or for the first time; `waits`: it fits nowhere and would be
 * pending; `stays`: a drain leaves it where it is; `ends`: it was to stop anyway.
 */
export type Outcome = "placed" | "waits" | "stays" | "ends";

export interface PlannedPlacement {
  readonly task: PlannedTask;
  readonly outcome: Outcome;
  /** Names of nodes. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** Of a task on a lost node: how long after the node fell silent, milliseconds. */
  readonly afterMs: number | undefined;
  /** A sentence. */
  readonly reason: string;
  readonly explanation: Explanation | undefined;
}

/** A task that is to find a place. */
export interface Wanted {
  readonly task: PlannedTask;
  readonly request: PlacementRequest;
  /** Name of the node that it comes from. */
  readonly from?: string;
  readonly afterMs?: number;
}

/** Why a task fits nowhere: a sentence, and in full. */
export interface Nowhere {
  readonly why: string;
  readonly explanation: Explanation;
}

/** So many of the tasks that fit, and of those that do not, are explained in full: a plan may be about very many. */
const MOST_EXPLAINED = 1000;

export class Placer {
  readonly cluster: PlannedCluster;
  readonly placements: PlannedPlacement[] = [];
  /** Why tasks of a spec fit nowhere: while a plan is made, nothing comes about that could let them in. */
  readonly #hopeless = new Map<TaskSpec, Nowhere>();
  #fitting = 0;
  #unfitting = 0;

  constructor(cluster: PlannedCluster) {
    this.cluster = cluster;
  }

  /** On the node that the scheduler picks, or nowhere. */
  place(wanted: Wanted): void {
    const { request } = wanted;
    const known = this.#whyHopeless(request);
    if (known !== undefined) {
      this.#waits(wanted, known);
      return;
    }
    const decision = this.cluster.place(request);
    if (decision.chosen === undefined) {
      this.#waits(wanted, this.#remember(request, decision));
      return;
    }
    this.#fitting += 1;
    const to = this.cluster.node(decision.chosen).name;
    const explanation = this.#fitting > MOST_EXPLAINED ? undefined : explanationOf(decision);
    this.#write(wanted, { outcome: "placed", to, reason: whyThere(to, decision), explanation });
  }

  /** Why the task fits on no node; undefined when it fits on some. */
  whyNowhere(request: PlacementRequest): Nowhere | undefined {
    const known = this.#whyHopeless(request);
    if (known !== undefined) return known;
    const patient = { ...request, acceptsDamped: true };
    const { cluster } = this;
    return cluster.scheduler.fits(patient) ? undefined : this.#remember(request, cluster.explain(patient));
  }

  stays(wanted: Wanted, reason: string, nowhere?: Nowhere): void {
    this.#unplaced(wanted, { outcome: "stays", reason, nowhere });
  }

  ends(wanted: Wanted, reason: string): void {
    this.#write(wanted, { outcome: "ends", reason });
  }

  #waits(wanted: Wanted, nowhere: Nowhere): void {
    this.#unplaced(wanted, { outcome: "waits", reason: nowhere.why, nowhere });
  }

  #unplaced(wanted: Wanted, { nowhere, ...found }: Found & { readonly nowhere: Nowhere | undefined }): void {
    this.#unfitting += 1;
    const explanation = this.#unfitting > MOST_EXPLAINED ? undefined : nowhere?.explanation;
    this.#write(wanted, { ...found, explanation });
  }

  /** A task with nodes of its own that are left out for it says nothing of others of its spec, nor they of it. */
  #whyHopeless({ spec, excluded }: PlacementRequest): Nowhere | undefined {
    return excluded === undefined ? this.#hopeless.get(spec) : undefined;
  }

  #remember({ spec, excluded }: PlacementRequest, decision: Decision): Nowhere {
    const nowhere = { why: whyNowhere(decision), explanation: explanationOf(decision) };
    if (excluded === undefined) this.#hopeless.set(spec, nowhere);
    return nowhere;
  }

  #write({ task, from, afterMs }: Wanted, { outcome, to, reason, explanation }: Found): void {
    this.placements.push({ task, outcome, from, to, afterMs, reason, explanation });
  }
}

interface Found {
  readonly outcome: Outcome;
  readonly to?: string;
  readonly reason: string;
  readonly explanation?: Explanation | undefined;
}
