/**
 * The tasks that wait to be placed, the most urgent first. A point of priority is worth a minute of waiting, so that
 * nothing waits for ever: whoever has waited a hundred minutes goes before whatever comes new.
 *
 * Tasks of one spec are alike to every filter, so when one of them fits nowhere, none of the others does: its class is
 * blocked until a node changes that could let it in. A task that only fits where it was refused lately is put aside
 * until then, or until it is added again, and does not hold up its class.
 */
import type { TaskId } from "../../task/id.ts";
import type { TaskSpec } from "../../task/spec.ts";
import type { Task } from "../../task/task.ts";
import { Heap } from "../../utils/heap.ts";

const MINUTE_MS = 60_000;
/** When more nodes than this have changed, every class is tried rather than compared with each of them. */
const MOST_OPENED = 32;

interface Entry {
  readonly id: TaskId;
  readonly seq: number;
  /** Wall clock, milliseconds. */
  readonly createdAt: number;
}

interface TaskClass {
  readonly spec: TaskSpec;
  readonly entries: Heap<Entry>;
}

/** What became of a task that was tried: it left the queue; it alone has to wait; or its whole class fits nowhere, and why. */
export type Trial =
  | { readonly kind: "left" }
  | { readonly kind: "aside"; readonly task: Task }
  /** Asked for its reason only when somebody wants to know. */
  | { readonly kind: "blocked"; readonly reason: () => string };

export interface Trials {
  readonly attempt: (id: TaskId) => Trial;
  /** Whether the node could let the task in now. */
  readonly couldTake: (id: TaskId, nodeId: string) => boolean;
  /** So many tasks at most; the others stay open. */
  readonly most: number;
}

/** A class that fits nowhere now, and its most urgent task. */
export interface Blocked {
  readonly spec: TaskSpec;
  readonly id: TaskId;
}

/** How many tasks of the queue wait for what. */
export interface Census {
  /** For their turn. */
  readonly queued: number;
  /** For a node that could take their class. */
  readonly blocked: number;
  /** For a node that refused them lately. */
  readonly aside: number;
  /** When the oldest of them was accepted; wall clock, milliseconds. */
  readonly oldestAt: number | undefined;
}

export class PendingQueue {
  readonly #classes = new Map<TaskSpec, TaskClass>();
  readonly #waiting = new Map<TaskId, TaskClass>();
  readonly #blocked = new Map<TaskSpec, () => string>();
  /** Nodes that have changed so that they could let something in; undefined stands for any node. */
  readonly #opened = new Set<string | undefined>();
  /** Classes with a task that can be tried: those that wait and are not blocked. */
  readonly #open = new Set<TaskClass>();
  readonly #aside = new Map<TaskId, Task>();
  /** Counts the changes that could let something in. */
  openings = 0;

  get size(): number {
    return this.#waiting.size;
  }

  /** Whether there is something to try. */
  get isOpen(): boolean {
    return this.#open.size > 0 || (this.#opened.size > 0 && this.#blocked.size > 0);
  }

  census(): Census {
    let blocked = 0;
    for (const { spec } of this.#waiting.values()) if (this.#blocked.has(spec)) blocked += 1;
    let oldestAt = Number.POSITIVE_INFINITY;
    for (const of of this.#classes.values()) oldestAt = Math.min(oldestAt, this.#head(of)?.createdAt ?? oldestAt);
    for (const { createdAt } of this.#aside.values()) oldestAt = Math.min(oldestAt, createdAt);
    return {
      queued: this.#waiting.size - blocked,
      blocked,
      aside: this.#aside.size,
      oldestAt: Number.isFinite(oldestAt) ? oldestAt : undefined,
    };
  }

  add(task: Task): void {
    const { id, seq, spec, createdAt } = task;
    this.#aside.delete(id);
    if (this.#waiting.has(id)) return;
    let found = this.#classes.get(spec);
    if (found === undefined) {
      found = { spec, entries: new Heap<Entry>((a, b) => a.seq < b.seq) };
      this.#classes.set(spec, found);
      this.#open.add(found);
    }
    found.entries.push({ id, seq, createdAt });
    if (task.attempt > 0 && this.#blocked.delete(spec)) this.#open.add(found); // what ran before may fit where others may not
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
    return this.#blocked.get(spec)?.();
  }

  /** Whether tasks of this spec were tried, and fit nowhere. */
  isBlocked(spec: TaskSpec): boolean {
    return this.#blocked.has(spec);
  }

  /** The specs whose tasks fit nowhere now. */
  blocked(): MapIterator<TaskSpec> {
    return this.#blocked.keys();
  }

  isWaiting(spec: TaskSpec): boolean {
    return this.#classes.has(spec);
  }

  /** The most urgent of the blocked classes that will do. */
  mostUrgentBlocked(willDo: (spec: TaskSpec, since: number) => boolean): Blocked | undefined {
    let most: { readonly of: TaskClass; readonly head: Entry } | undefined;
    for (const spec of this.#blocked.keys()) {
      const of = this.#classes.get(spec);
      const head = of && this.#head(of);
      if (of === undefined || head === undefined || !willDo(spec, head.createdAt)) continue;
      if (most === undefined || isMoreUrgent({ of, head }, most)) most = { of, head };
    }
    return most && { spec: most.of.spec, id: most.head.id };
  }

  /** This node, or any, has changed so that it could let blocked tasks in. */
  unblock(nodeId?: string): void {
    this.openings += 1;
    this.#opened.add(nodeId);
    for (const task of this.#aside.values()) this.add(task);
  }

  /** Tries the tasks in order; each class until one of its tasks is blocked. */
  tryAll({ attempt, couldTake, most }: Trials): void {
    this.#reopen(couldTake);
    const heads = new Heap<{ of: TaskClass; head: Entry }>(isMoreUrgent);
    const enter = (of: TaskClass): void => {
      const head = this.#head(of);
      if (head !== undefined) heads.push({ of, head });
    };
    for (const of of this.#open) enter(of);
    let left = most;
    for (let next = heads.pop(); next !== undefined && left > 0; next = heads.pop()) {
      left -= 1;
      const trial = attempt(next.head.id);
      if (trial.kind === "blocked") {
        this.#blocked.set(next.of.spec, once(trial.reason));
        this.#open.delete(next.of);
        continue;
      }
      this.remove(next.head.id);
      if (trial.kind === "aside") this.#aside.set(trial.task.id, trial.task);
      enter(next.of);
    }
  }

  /** Opens the blocked classes that one of the changed nodes could take. */
  #reopen(couldTake: Trials["couldTake"]): void {
    if (this.#opened.size === 0) return;
    const nodes = [...this.#opened];
    this.#opened.clear();
    const isAny = nodes.length > MOST_OPENED;
    for (const spec of this.#blocked.keys()) {
      const found = this.#classes.get(spec);
      const head = found && this.#head(found);
      if (found === undefined || head === undefined) continue;
      if (!isAny && !nodes.some((node) => node === undefined || couldTake(head.id, node))) continue;
      this.#open.add(found);
      this.#blocked.delete(spec);
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

function isMoreUrgent(
  a: { readonly of: TaskClass; readonly head: Entry },
  b: { readonly of: TaskClass; readonly head: Entry },
): boolean {
  const urgencyA = a.of.spec.priority * MINUTE_MS - a.head.createdAt;
  const urgencyB = b.of.spec.priority * MINUTE_MS - b.head.createdAt;
  return urgencyA === urgencyB ? a.head.seq < b.head.seq : urgencyA > urgencyB;
}

/** Works the answer out when it is first asked for. */
function once(answer: () => string): () => string {
  let known: string | undefined;
  return () => (known ??= answer());
}
