/**
 * What there is to be placed: tasks with the moment at which they come, how much work they have, and what they really
 * use, which may be more or less than they ask for.
 *
 * Tasks of one kind share one request, and so one spec: to the scheduler they are a class.
 */
import type { PlacementRequest } from "../../scheduler/scheduler.ts";
import type { Resources } from "../../task/spec.ts";
import type { MachineShape } from "./machines.ts";

/** What a task really uses while it runs unhindered: cores, whole bytes (so that their sums are exact). */
export interface RealUse {
  readonly cpu: number;
  readonly memory: number;
}

export interface ArrivingTask {
  /** The same object for all tasks of its kind. */
  readonly request: PlacementRequest;
  readonly arrivalMs: number;
  /** How long it runs where it gets all that it uses. Positive. */
  readonly workMs: number;
  readonly use: RealUse;
}

/** In the order in which they come. */
export type Workload = readonly ArrivingTask[];

/** A cluster and what it is given to do. */
export interface Scenario {
  readonly machines: readonly MachineShape[];
  readonly workload: Workload;
}

/** Of tasks that come at one moment, the earlier in the list comes first. */
export function inOrderOfArrival(tasks: readonly ArrivingTask[]): Workload {
  return tasks.toSorted((a, b) => a.arrivalMs - b.arrivalMs);
}

const LARGE = 0.95;

/** What 95 % of the tasks do not ask more than, resource by resource. */
export function largeTaskOf(workload: Workload): Resources {
  const counts = new Map<PlacementRequest, number>();
  for (const { request } of workload) counts.set(request, (counts.get(request) ?? 0) + 1);
  const large = (what: keyof Resources): number => {
    let left = Math.ceil(workload.length * LARGE);
    for (const [{ spec }, count] of [...counts].sort(([a], [b]) => a.spec.resources[what] - b.spec.resources[what])) {
      left -= count;
      if (left <= 0) return spec.resources[what];
    }
    return 0;
  };
  return { cpu: large("cpu"), memory: large("memory"), disk: large("disk") };
}
