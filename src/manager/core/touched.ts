/** What a step touched, gathered for those who show the cluster as it changes; the core itself has no use for it. */
import type { TaskId } from "../../task/id.ts";
import type { Task } from "../../task/task.ts";
import type { Slice } from "./lists.ts";
import type { ManagedNode } from "./managed-node.ts";

export interface Touched {
  /** As they are after the step; ended ones as they ended. */
  readonly tasks: ReadonlyMap<TaskId, Task>;
  /** Those of them that were not there before the step. */
  readonly born: ReadonlySet<TaskId>;
  /** Parts of lists whose tasks are there from now on. */
  readonly slices: readonly Slice[];
  /** Nodes that may look otherwise. Heartbeats are among it; what a drain waits for and a task's use are not. */
  readonly nodes: ReadonlySet<ManagedNode>;
  /** Places in the join order of nodes that are no more. */
  readonly forgotten: readonly number[];
}

export class TouchedRows implements Touched {
  readonly tasks = new Map<TaskId, Task>();
  readonly born = new Set<TaskId>();
  readonly slices: Slice[] = [];
  readonly nodes = new Set<ManagedNode>();
  readonly forgotten: number[] = [];

  task(task: Task, isBorn: boolean): void {
    this.tasks.set(task.id, task);
    if (isBorn) this.born.add(task.id);
  }
}
