import { nearestFirst } from "../../scheduler/nearest.ts";
import type { CostedNode, Decision, RejectedNode } from "../../scheduler/scheduler.ts";

/** Why a task goes where it goes, or nowhere: as much of a decision as a plan keeps. */
export interface Explanation {
  readonly considered: number;
  /** The best few, the chosen one first. */
  readonly costs: readonly CostedNode[];
  /** Of a task that fits: a few. Of one that does not: those that come nearest to taking it, the nearest first. */
  readonly rejected: readonly RejectedNode[];
  /** How many nodes each filter rejected. */
  readonly rejectedBy: Decision["rejectedBy"];
  readonly wouldFitIf: string | undefined;
}

const MOST_NODES = 20;

/** A decision's words tell of the moment when they are read: to be called at once. */
export function explanationOf(decision: Decision): Explanation {
  const { considered, chosen, costs, rejected, rejectedBy, wouldFitIf } = decision;
  const shown = chosen === undefined ? nearestFirst(rejected) : rejected;
  return {
    considered,
    costs: costs.slice(0, MOST_NODES),
    rejected: shown.slice(0, MOST_NODES),
    rejectedBy,
    wouldFitIf,
  };
}
