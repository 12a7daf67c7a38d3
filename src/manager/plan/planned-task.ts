import type { PlacementRequest } from "../../scheduler/scheduler.ts";
import type { TaskDocument } from "../../task/document.ts";
import type { TaskId } from "../../task/id.ts";
import { SpecTable, specOf } from "../../task/spec.ts";
import { UNNAMED } from "./planned-node.ts";

/** A task as a plan speaks of it. */
export interface PlannedTask {
  /** Of a task that there is, or that was given with one. */
  readonly id: TaskId | undefined;
  /** Undefined where it was given none. */
  readonly name: string | undefined;
  /** Place in the list that was asked about, from 0; undefined for a task that there is already. */
  readonly index: number | undefined;
}

/** A task that was asked about, and as what the scheduler is asked about it. */
export interface NewTask {
  readonly task: PlannedTask;
  readonly request: PlacementRequest;
}

/** Documents that are alike share their spec, as accepted tasks do. Ids are in canonical form. */
export function newTasks(documents: readonly TaskDocument[]): NewTask[] {
  const specs = new SpecTable();
  return documents.map((document, index) => {
    const { id, name } = document;
    const request = { name: name ?? UNNAMED, spec: specs.acquire(specOf(document)) };
    return { task: { id: id as TaskId | undefined, name, index }, request };
  });
}

/**
 * The order in which they would be placed if they were submitted together: the most urgent first, and of a long list,
 * which enters the queue in slices (`core/lists.ts`), the most urgent of each slice.
 */
export function inOrderOfPlacement(tasks: readonly NewTask[], sliceTasks: number): NewTask[] {
  const ordered: NewTask[] = [];
  for (let from = 0; from < tasks.length; from += sliceTasks) {
    const slice = tasks.slice(from, from + sliceTasks);
    for (const task of slice.sort((a, b) => b.request.spec.priority - a.request.spec.priority)) ordered.push(task);
  }
  return ordered;
}
