/**
 * Tasks that fit nowhere now. They wait by spec: tasks of one spec are alike to every filter, so when one of them fits
 * nowhere, none of the others does.
 *
 * Invariant: no waiting spec fits on any node. Room comes about only where a task has ended, so only that node has to be
 * looked at, and only for the specs that its free resources would hold.
 */
import type { TaskSpec } from "../../task/spec.ts";

/** A task of the workload, by its place there: a higher number came later. */
type TaskNumber = number;

interface Line {
  readonly spec: TaskSpec;
  /** In the order in which they came; those before `head` are gone. */
  readonly tasks: { readonly task: TaskNumber; readonly sinceMs: number }[];
  head: number;
}

export class WaitingTasks {
  readonly #patienceMs: number;
  readonly #lines = new Map<TaskSpec, Line>();
  #size = 0;

  /** `patienceMs`: how long a task waits before it gives up; infinity for as long as it takes. */
  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  get size(): number {
    return this.#size;
  }

  has(spec: TaskSpec): boolean {
    return this.#lines.has(spec);
  }

  /** Later ones come after earlier ones. */
  add(task: TaskNumber, spec: TaskSpec, sinceMs: number): void {
    if (this.#patienceMs === 0) return;
    const line = this.#lines.get(spec);
    if (line === undefined) this.#lines.set(spec, { spec, tasks: [{ task, sinceMs }], head: 0 });
    else line.tasks.push({ task, sinceMs });
    this.#size += 1;
  }

  /** The task that goes first of the specs let through: of the highest priority, the one that came first. */
  first(isPossible: (spec: TaskSpec) => boolean): TaskNumber | undefined {
    let best: Line | undefined;
    for (const line of this.#lines.values()) {
      if ((best === undefined || goesBefore(line, best)) && isPossible(line.spec)) best = line;
    }
    return best === undefined ? undefined : headOf(best);
  }

  /** Takes away the first task of its spec, which was placed. */
  takeFirst(spec: TaskSpec): void {
    const line = this.#lines.get(spec);
    if (line !== undefined) this.#drop(line);
  }

  /** Lets everybody go who has waited for too long. */
  giveUp(nowMs: number): void {
    if (this.#patienceMs === Number.POSITIVE_INFINITY) return;
    for (const line of this.#lines.values()) {
      let next = line.tasks[line.head];
      while (next !== undefined && next.sinceMs + this.#patienceMs <= nowMs) {
        this.#drop(line);
        next = line.tasks[line.head];
      }
    }
  }

  #drop(line: Line): void {
    line.head += 1;
    this.#size -= 1;
    if (line.head === line.tasks.length) this.#lines.delete(line.spec);
  }
}

function headOf({ tasks, head }: Line): TaskNumber {
  return tasks[head]?.task ?? Number.POSITIVE_INFINITY;
}

function goesBefore(a: Line, b: Line): boolean {
  const { priority: first } = a.spec;
  const { priority: second } = b.spec;
  return first === second ? headOf(a) < headOf(b) : first > second;
}
