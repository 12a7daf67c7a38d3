/**
 * What a plan is worked out on: all that it asks of the manager, copied at one moment. Whatever the plan does to it, and
 * whatever happens to the cluster meanwhile, neither notices the other.
 */
import type { SchedulerMemory } from "../../scheduler/scheduler.ts";
import type { Task } from "../../task/task.ts";
import type { Now } from "../../utils/clock.ts";
import { wouldBrake } from "../core/brake.ts";
import type { ManagedNode } from "../core/managed-node.ts";
import type { ManagerSettings, ManagerState } from "../core/state.ts";
import { PlannedNode } from "./planned-node.ts";

/** A task that its node will be without. */
export interface LeavingTask {
  readonly task: Task;
  /** The nodes that are left out for it, each with why. */
  readonly excluded: ReadonlyMap<string, string> | undefined;
}

export interface LeavingNode {
  readonly id: string;
  /** In the order in which they came. */
  readonly tasks: readonly LeavingTask[];
}

export interface ClusterCopy {
  /** In the order in which they joined. */
  readonly nodes: readonly PlannedNode[];
  /** The manager's scheduler's. */
  readonly memory: SchedulerMemory;
  readonly drained: readonly LeavingNode[];
  readonly lost: readonly LeavingNode[];
  /** Whether the manager would suspect itself if the lost nodes fell silent together. */
  readonly wouldBrake: boolean;
  readonly settings: ManagerSettings;
}

export interface Leaving {
  readonly drain: readonly ManagedNode[];
  readonly lose: readonly ManagedNode[];
}

export function copyCluster(state: ManagerState, now: Now, { drain, lose }: Leaving): ClusterCopy {
  const leaving = (node: ManagedNode): LeavingNode => ({ id: node.id, tasks: tasksOf(state, node, now) });
  return {
    nodes: [...state.nodes.values()].map((node) => new PlannedNode(node)),
    memory: state.scheduler.memory,
    drained: drain.map(leaving),
    lost: lose.map(leaving),
    wouldBrake: lose.length > 0 && wouldBrake({ state, now }, new Set(lose.map(({ id }) => id))),
    settings: state.settings,
  };
}

function tasksOf(state: ManagerState, node: ManagedNode, now: Now): LeavingTask[] {
  const tasks: LeavingTask[] = [];
  for (const id of node.tasks) {
    const task = state.tasks.get(id);
    if (task !== undefined) tasks.push({ task, excluded: state.excluded(id, now) });
  }
  return tasks;
}
