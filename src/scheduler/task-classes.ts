/** The classes of tasks that were asked for of late, so many that their indexes stay within bounds. */
import type { TaskSpec } from "../task/spec.ts";
import type { FilteredTask } from "./filter.ts";
import { filteredTask } from "./filtered-task.ts";
import type { Nodes } from "./nodes.ts";
import type { PlacementRequest } from "./scheduler.ts";
import { Suitability } from "./suitability.ts";
import { TaskClass } from "./task-class.ts";

/** Nodes times classes: about 30 bytes each. */
const MOST_ENTRIES = 2 ** 21;
const FEWEST_CLASSES = 16;
const MOST_CLASSES = 512;
const MOST_SUITABILITIES = 64;

export class TaskClasses {
  readonly #nodes: Nodes;
  readonly #asksName: boolean;
  /** The one asked for longest ago first. */
  readonly #classes = new Map<TaskSpec | string, TaskClass>();
  readonly #suitabilities = new Map<string, Suitability>();
  /** Where names matter: numbers for the specs. */
  readonly #specNumbers = new WeakMap<TaskSpec, number>();
  #lastSpecNumber = 0;
  #newest: { readonly key: TaskSpec | string; readonly taskClass: TaskClass } | undefined;

  constructor(nodes: Nodes, asksName: boolean) {
    this.#nodes = nodes;
    this.#asksName = asksName;
  }

  of(request: PlacementRequest): TaskClass {
    const key = this.#asksName ? this.#withName(request) : request.spec;
    if (this.#newest?.key === key) return this.#newest.taskClass;
    let taskClass = this.#classes.get(key);
    if (taskClass === undefined) {
      const task = filteredTask(request);
      taskClass = new TaskClass(this.#nodes, task, this.#suitabilityFor(task));
    } else {
      this.#classes.delete(key);
    }
    this.#classes.set(key, taskClass);
    this.#newest = { key, taskClass };
    this.#forgetOldest();
    return taskClass;
  }

  #suitabilityFor(task: FilteredTask): Suitability {
    const key = `${task.runtime} ${task.constraints.map(({ text }) => text).join(" and ")}`;
    let found = this.#suitabilities.get(key);
    if (found === undefined) {
      found = new Suitability(this.#nodes, task);
      this.#suitabilities.set(key, found);
      if (this.#suitabilities.size > MOST_SUITABILITIES) forgetFirst(this.#suitabilities);
    }
    return found;
  }

  #forgetOldest(): void {
    const most = Math.max(FEWEST_CLASSES, Math.min(MOST_CLASSES, Math.floor(MOST_ENTRIES / this.#nodes.count)));
    while (this.#classes.size > most) forgetFirst(this.#classes);
  }

  #withName({ name, spec }: PlacementRequest): string {
    let number = this.#specNumbers.get(spec);
    if (number === undefined) {
      this.#lastSpecNumber += 1;
      number = this.#lastSpecNumber;
      this.#specNumbers.set(spec, number);
    }
    return `${String(number)} ${name}`;
  }
}

function forgetFirst<Key>(map: Map<Key, unknown>): void {
  for (const key of map.keys()) {
    map.delete(key);
    return;
  }
}
