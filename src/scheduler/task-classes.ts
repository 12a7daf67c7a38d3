/** The classes of tasks that were asked for of late, so many that their indexes stay within bounds. */
import type { TaskSpec } from "../task/spec.ts";
import type { FilteredTask } from "./filter.ts";
import { filteredTask } from "./filtered-task.ts";
import type { Nodes } from "./nodes.ts";
import type { PlacementRequest } from "./scheduler.ts";
import { Suitability } from "./suitability.ts";
import { TaskClass } from "./task-class.ts";

/** Nodes times classes: about 35 bytes each. */
const MOST_ENTRIES = 2 ** 21;
const FEWEST_CLASSES = 16;
const MOST_CLASSES = 512;
const MOST_SUITABILITIES = 64;

export class TaskClasses {
  readonly #nodes: Nodes;
  readonly #asksName: boolean;
  /** Those asked for of late, and those asked for before them: these are forgotten together. */
  #recent = new Map<TaskSpec | string, TaskClass>();
  #older: ReadonlyMap<TaskSpec | string, TaskClass> = new Map();
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
    let taskClass = this.#recent.get(key);
    if (taskClass === undefined) {
      taskClass = this.#older.get(key) ?? this.#newClass(request);
      this.#recent.set(key, taskClass);
      this.#forgetOldest();
    }
    this.#newest = { key, taskClass };
    return taskClass;
  }

  #newClass(request: PlacementRequest): TaskClass {
    const task = filteredTask(request);
    return new TaskClass(this.#nodes, task, this.#suitabilityFor(task));
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
    if (this.#recent.size < most / 2) return;
    this.#older = this.#recent;
    this.#recent = new Map();
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
