/**
 * The tasks that wait to be placed: the most urgent first, among equals the one accepted first.
 *
 * Tasks of one spec are alike to every filter, so when one of them fits nowhere, none of the others does: its class is
 * blocked until something changed that could let it in. A task that only fits where it was refused lately is put aside
 * until then, or until it is added again, and does not hold up its class.
 */
import type { TaskId } from "../../task/id.ts";
import type { TaskSpec } from "../../task/spec.ts";
import type { Task } from "../../task/task.ts";
import { Heap } from "../../utils/heap.ts";

interface Entry {
  readonly id: TaskId;
  readonly seq: number;
}

interface TaskClass {
  readonly spec: TaskSpec;
  readonly entries: Heap<Entry>;
}

/** What became of a task that was tried: it left the queue; it alone has to wait; or its whole class fits nowhere, and why. */
export type Trial =
  | { readonly kind: "left" }
  | { readonly kind: "aside"; readonly task: Task }
  | { readonly kind: "blocked"; readonly reason: string };

export class PendingQueue {
  readonly #classes = new Map<TaskSpec, TaskClass>();
  readonly #waiting = new Map<TaskId, TaskClass>();
  readonly #blocked = new Map<TaskSpec, string>();
  /** Classes with a task that can be tried: those that wait and are not blocked. */
  readonly #open = new Set<TaskClass>();
  readonly #aside = new Map<TaskId, Task>();
  /** Counts the changes that could let something in. */
  openings = 0;

  get size(): number {
    return this.#waiting.size;
  }

  add(task: Task): void {
    const { id, seq, spec } = task;
    this.#aside.delete(id);
    if (this.#waiting.has(id)) return;
    let found = this.#classes.get(spec);
    if (found === undefined) {
      found = { spec, entries: new Heap<Entry>((a, b) => a.seq < b.seq) };
      this.#classes.set(spec, found);
      this.#open.add(found);
    }
    found.entries.push({ id, seq });
    this.#waiting.set(id, found);
  }

  remove(id: TaskId): void {
    this.#aside.delete(id);
    const found = this.#waiting.get(id);
    if (found === undefined) return;
    this.#waiting.delete(id);
    this.#head(found);
  }

  /** Why tasks of this spec wait, when they were tried. */
  blockedBecause(spec: TaskSpec): string | undefined {
    return this.#blocked.get(spec);
  }

  /** Something changed that could let blocked tasks in. */
  unblock(): void {
    this.openings += 1;
    for (const spec of this.#blocked.keys()) {
      const found = this.#classes.get(spec);
      if (found !== undefined) this.#open.add(found);
    }
    this.#blocked.clear();
    for (const task of this.#aside.values()) this.add(task);
  }

  /** Tries the tasks in order; each class until one of its tasks is blocked. */
  tryAll(attempt: (id: TaskId) => Trial): void {
    const heads = new Heap<{ of: TaskClass; head: Entry }>(
      (a, b) =>
        a.of.spec.priority > b.of.spec.priority ||
        (a.of.spec.priority === b.of.spec.priority && a.head.seq < b.head.seq),
    );
    const enter = (of: TaskClass): void => {
      const head = this.#head(of);
      if (head !== undefined) heads.push({ of, head });
    };
    for (const of of this.#open) enter(of);
    for (let next = heads.pop(); next !== undefined; next = heads.pop()) {
      const trial = attempt(next.head.id);
      if (trial.kind === "blocked") {
        this.#blocked.set(next.of.spec, trial.reason);
        this.#open.delete(next.of);
        continue;
      }
      this.remove(next.head.id);
      if (trial.kind === "aside") this.#aside.set(trial.task.id, trial.task);
      enter(next.of);
    }
  }

  /** The first entry that still waits; forgets the class when there is none. */
  #head(of: TaskClass): Entry | undefined {
    for (let entry = of.entries.peek(); entry !== undefined; entry = of.entries.peek()) {
      if (this.#waiting.get(entry.id) === of) return entry;
      of.entries.pop();
    }
    this.#classes.delete(of.spec);
    this.#open.delete(of);
    this.#blocked.delete(of.spec);
    return undefined;
  }
}
