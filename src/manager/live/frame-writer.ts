/** Writes one frame of the live feed: rows in, columns out, and the tables of words that they point into. */
import type {
  Column,
  LiveFrame,
  LiveLoads,
  LiveNodes,
  LiveSpec,
  LiveTaskChanges,
  LiveTasks,
} from "../../api/live-json.ts";
import { LIVE_AVAILABILITIES, LIVE_HEALTH, LIVE_STATUSES, LIVE_WISHES } from "../../api/live-codes.ts";
import type { TaskSpec } from "../../task/spec.ts";
import { isFinal, STATE_CODE } from "../../task/state.ts";
import type { Task } from "../../task/task.ts";
import type { Measured, NodeImage, NodeLoad } from "./node-image.ts";

export interface TaskRow {
  readonly task: Task;
  /** Number of its node; 0: none. */
  readonly node: number;
  readonly use: Measured;
}

export type FrameHead = Pick<LiveFrame, "rev" | "at" | "snapshot" | "expected">;

export class FrameWriter {
  readonly tasks: TaskRow[] = [];
  readonly changes: TaskRow[] = [];
  readonly uses: { readonly n: number; readonly use: Measured }[] = [];
  readonly nodes: { readonly n: number; readonly image: NodeImage }[] = [];
  readonly loads: { readonly n: number; readonly load: NodeLoad }[] = [];
  /** Spec and sentence; without one, it is not so any more. */
  readonly waits: { readonly spec: TaskSpec; readonly reason: string }[] = [];
  readonly #head: FrameHead;
  readonly #specNumbers: SpecNumbers;
  readonly #words = new Places<string>();
  readonly #labels = new Places<Readonly<Record<string, string>>>();

  constructor(head: FrameHead, specNumbers: SpecNumbers) {
    this.#head = head;
    this.#specNumbers = specNumbers;
  }

  /** Number of tasks and nodes that it tells of. */
  get rows(): number {
    return this.tasks.length + this.changes.length + this.uses.length + this.nodes.length + this.loads.length;
  }

  frame(rest: Pick<LiveFrame, "forgotten" | "totals" | "rates"> = {}): LiveFrame {
    const parts = {
      ...(this.nodes.length > 0 ? { nodes: this.#nodeColumns() } : {}),
      ...(this.loads.length > 0 ? { loads: { n: this.loads.map(({ n }) => n), ...loadColumns(this.loads) } } : {}),
      ...(this.tasks.length > 0 ? { specs: this.#specRows(), tasks: this.#taskColumns() } : {}),
      ...(this.changes.length > 0 ? { changes: this.#changingColumns(this.changes) } : {}),
      ...(this.uses.length > 0 ? { uses: { n: this.uses.map(({ n }) => n), ...useColumns(this.uses) } } : {}),
      ...(this.waits.length > 0 ? { waits: this.#waitColumns() } : {}),
      ...rest,
    };
    // Last, when every row has its words.
    return {
      ...this.#head,
      ...(this.#words.values.length > 0 ? { words: this.#words.values } : {}),
      ...(this.#labels.values.length > 0 ? { labels: this.#labels.values.map((labels) => ({ ...labels })) } : {}),
      ...parts,
    };
  }

  #taskColumns(): LiveTasks {
    const rows = this.tasks;
    return {
      ...this.#changingColumns(rows),
      id: rows.map(({ task }) => task.id),
      name: rows.map(({ task }) => task.name),
      spec: column(rows, ({ task }) => this.#specNumbers.of(task.spec)),
      age: column(rows, ({ task }) => this.#ago(task.createdAt)),
    };
  }

  #changingColumns(rows: readonly TaskRow[]): LiveTaskChanges {
    return {
      n: rows.map(({ task }) => task.seq),
      state: column(rows, ({ task }) => STATE_CODE[task.state]),
      health: column(rows, ({ task }) => LIVE_HEALTH.indexOf(task.health)),
      wish: column(rows, ({ task }) => wishOf(task)),
      node: column(rows, ({ node }) => node),
      attempt: column(rows, ({ task }) => task.attempt),
      restarts: column(rows, ({ task }) => task.restarts),
      reason: column(rows, ({ task }) => this.#words.of(task.reason)),
      since: column(rows, ({ task }) => this.#ago(stateSince(task))),
      notBefore: column(rows, ({ task }) => Math.round(task.notBefore ?? 0)),
      ...useColumns(rows),
    };
  }

  #nodeColumns(): LiveNodes {
    const rows = this.nodes;
    return {
      n: rows.map(({ n }) => n),
      name: rows.map(({ image }) => image.facts.name),
      status: column(rows, ({ image }) => LIVE_STATUSES.indexOf(image.status)),
      availability: column(rows, ({ image }) => LIVE_AVAILABILITIES.indexOf(image.availability)),
      reason: column(rows, ({ image }) => this.#words.of(image.reason)),
      blocked: column(rows, ({ image }) => this.#words.of(image.blocked)),
      address: column(rows, ({ image }) => image.facts.address),
      version: column(rows, ({ image }) => image.facts.version),
      labels: column(rows, ({ image }) => this.#labels.of(image.facts.labels, JSON.stringify(image.facts.labels))),
      runtimes: column(rows, ({ image }) => image.facts.runtimes.join(" ")),
      cpu: column(rows, ({ image }) => image.facts.capacity.cpu),
      memory: column(rows, ({ image }) => image.facts.capacity.memory),
      disk: column(rows, ({ image }) => image.facts.capacity.disk),
      joinedAt: column(rows, ({ image }) => Math.round(image.joinedAt)),
      ...loadColumns(rows.map(({ image }) => image)),
    };
  }

  #specRows(): LiveSpec[] {
    const specs = new Set(this.tasks.map(({ task }) => task.spec));
    return [...specs].map((spec) => ({ n: this.#specNumbers.of(spec), ...shown(spec) }));
  }

  #waitColumns(): NonNullable<LiveFrame["waits"]> {
    const rows = this.waits;
    return {
      spec: rows.map(({ spec }) => this.#specNumbers.of(spec)),
      reason: column(rows, ({ reason }) => this.#words.of(reason)),
    };
  }

  #ago(wallMs: number): number {
    return Math.round(this.#head.at - wallMs);
  }
}

/** Specs have numbers for as long as somebody holds them. */
export class SpecNumbers {
  readonly #numbers = new WeakMap<TaskSpec, number>();
  #last = 0;

  of(spec: TaskSpec): number {
    let number = this.#numbers.get(spec);
    if (number === undefined) {
      this.#last += 1;
      number = this.#last;
      this.#numbers.set(spec, number);
    }
    return number;
  }
}

/** Values by their places, each once. */
class Places<T> {
  readonly values: T[] = [];
  readonly #places = new Map<unknown, number>();

  of(value: T, key: unknown = value): number {
    const place = this.#places.get(key) ?? this.values.push(value) - 1;
    this.#places.set(key, place);
    return place;
  }
}

/** Most columns have one value in all rows: they are looked through, and only the others are made. */
function column<R, V extends number | string>(rows: readonly R[], of: (row: R) => V): Column<V> {
  const [head] = rows;
  if (head === undefined) return [];
  const first = of(head);
  return rows.every((row) => of(row) === first) ? first : rows.map(of);
}

function useColumns(rows: readonly { readonly use: Measured }[]): { cpu: Column<number>; memory: Column<number> } {
  return { cpu: column(rows, ({ use }) => use.cpu), memory: column(rows, ({ use }) => use.memory) };
}

function loadColumns(rows: readonly { readonly load: NodeLoad }[]): Omit<LiveLoads, "n"> {
  return {
    reservedCpu: column(rows, ({ load }) => load.reserved.cpu),
    reservedMemory: column(rows, ({ load }) => load.reserved.memory),
    reservedDisk: column(rows, ({ load }) => load.reserved.disk),
    usedCpu: column(rows, ({ load }) => load.used?.cpu ?? -1),
    usedMemory: column(rows, ({ load }) => load.used?.memory ?? -1),
    usedDisk: column(rows, ({ load }) => load.used?.disk ?? -1),
  };
}

function wishOf({ desired, moving }: Task): number {
  if (desired === "stop") return LIVE_WISHES.indexOf("stop");
  return LIVE_WISHES.indexOf(moving === undefined ? "run" : "moving");
}

/** Of a task that waits, the moment when it was accepted. */
function stateSince({ state, createdAt, scheduledAt, startedAt, finishedAt }: Task): number {
  if (isFinal(state)) return finishedAt ?? createdAt;
  if (state === "running") return startedAt ?? scheduledAt ?? createdAt;
  return state === "scheduled" ? (scheduledAt ?? createdAt) : createdAt;
}

/** No part of a spec that could be a secret. */
function shown({ document, runtime, resources }: TaskSpec): Omit<LiveSpec, "n"> {
  const runs = document.image ?? (document.command ?? []).join(" ");
  const { cpu, memory, disk } = resources;
  return { runs, runtime, labels: { ...document.labels }, cpu, memory, disk };
}
