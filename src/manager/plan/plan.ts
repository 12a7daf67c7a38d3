/**
 * What if: where tasks would go, what would become of the tasks of nodes that are drained or lost, and how many more of
 * a task there is room for. Worked out by the very scheduler on a copy of the cluster; nothing of it happens.
 *
 * The order is that of events: the nodes go, the tasks of lost ones are placed again, drains move what they can, and
 * then come the new tasks, the most urgent first. A plan is a generator that rests after every task, so that whoever
 * drives it can give others their turn.
 */
import type { Scheduler } from "../../scheduler/scheduler.ts";
import type { TaskDocument } from "../../task/document.ts";
import type { Resources } from "../../task/spec.ts";
import { capacityFor, type Capacity } from "./capacity.ts";
import type { ClusterCopy } from "./cluster-copy.ts";
import { placeDrained, placeLost, takeAway } from "./moves.ts";
import { PlannedCluster } from "./planned-cluster.ts";
import { Placer, type PlannedPlacement } from "./placer.ts";
import { inOrderOfPlacement, newTasks } from "./planned-task.ts";

export interface NodeLoadBrief {
  readonly tasks: number;
  readonly reserved: Resources;
}

/** A node that tasks would come to, or go from. */
export interface NodeChange {
  readonly name: string;
  readonly capacity: Resources;
  readonly before: NodeLoadBrief;
  readonly after: NodeLoadBrief;
}

export interface Plan {
  readonly scheduler: string;
  /** No task would wait or stay, and there is room for what capacity was asked for. */
  readonly fits: boolean;
  /** In the order in which they would be placed. */
  readonly placements: readonly PlannedPlacement[];
  /** In the order in which they joined. */
  readonly nodes: readonly NodeChange[];
  /** For each task asked about, in their order; empty unless capacity was asked for. */
  readonly capacity: readonly Capacity[];
}

export interface PlanQuestion {
  readonly documents: readonly TaskDocument[];
  /** Not where the tasks would go, but how many more of each there is room for. */
  readonly wantsCapacity: boolean;
}

/** `newScheduler` makes one of the algorithm to plan with, which knows no node yet. */
export function* makePlan(
  copy: ClusterCopy,
  { documents, wantsCapacity }: PlanQuestion,
  newScheduler: () => Scheduler,
): Generator<undefined, Plan> {
  const cluster = yield* PlannedCluster.of(copy, newScheduler());
  yield* takeAway(cluster, copy, newScheduler);
  const placer = new Placer(cluster);
  yield* placeLost(placer, copy);
  yield* placeDrained(placer, copy);
  const tasks = newTasks(documents);
  const capacity: Capacity[] = [];
  if (wantsCapacity) {
    for (const task of tasks) capacity.push(yield* capacityFor(cluster, task, newScheduler));
  } else {
    for (const task of inOrderOfPlacement(tasks, copy.settings.sliceTasks)) {
      placer.place(task);
      yield;
    }
  }
  const { placements } = placer;
  return {
    scheduler: cluster.scheduler.name,
    fits: placements.every(isSettled) && capacity.every(({ total }) => total > 0),
    placements,
    nodes: changes(copy, cluster),
    capacity,
  };
}

function isSettled({ outcome }: PlannedPlacement): boolean {
  return outcome === "placed" || outcome === "ends";
}

function changes(copy: ClusterCopy, cluster: PlannedCluster): NodeChange[] {
  return copy.nodes
    .filter(({ id }) => cluster.touched.has(id))
    .map(({ id, name, ledger: before }) => {
      const { ledger: after } = cluster.node(id);
      return {
        name,
        capacity: before.capacity,
        before: { tasks: before.count, reserved: before.reserved },
        after: { tasks: after.count, reserved: after.reserved },
      };
    });
}
