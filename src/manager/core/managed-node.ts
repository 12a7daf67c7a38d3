import type { Availability, NodeFacts, NodeStatus, NodeUse, TaskUse } from "../../node/node.ts";
import { Ledger } from "../../node/ledger.ts";
import type { SickRuntimes } from "../../protocol/messages.ts";
import type { NodeView } from "../../scheduler/scheduler.ts";
import type { RuntimeKind } from "../../task/document.ts";
import type { AttemptKey, TaskId } from "../../task/id.ts";
import type { Resources, TaskSpec } from "../../task/spec.ts";
import type { Task } from "../../task/task.ts";
import type { NodeRecord } from "./records.ts";
import type { Session } from "./session.ts";

/**
 * A node as the manager knows it: what is on disk (the record), what the scheduler sees (the view) and what only this
 * process knows. The applier and the concern `sessions` write it; everybody else reads.
 */
export class ManagedNode implements NodeView {
  facts: NodeFacts;
  readonly joined: number;
  readonly joinedAt: number;
  availability: Availability;
  status: NodeStatus;
  /** Why it is in this status, in a sentence; empty where there is nothing to say. */
  reason: string;
  /** When it was last heard: on the clock that never jumps, and for people. */
  heardMono = 0;
  lastSeenAt: number;
  /** When it was last ready, and since when it has been. */
  readyMono = Number.NEGATIVE_INFINITY;
  readySinceMono = 0;
  /** How often it came back of late, and until when it gets no new tasks for that. */
  flaps = 0;
  calmUntilMono: number | undefined;
  session: Session | undefined;
  /** Instances of this node that were superseded: one that comes back shows a cloned data directory. */
  readonly superseded = new Set<string>();

  readonly ledger: Ledger;
  /** Live tasks whose current attempt is placed here. */
  readonly tasks = new Set<TaskId>();
  readonly taskNames = new Map<string, number>();
  readonly taskLabels = new Map<string, number>();
  /** Of the attempts that are placed here, by task, as the node measured it last. */
  taskUse: ReadonlyMap<TaskId, TaskUse> = new Map();
  used: Resources | undefined;
  lastUse: NodeUse | undefined;
  lastUseMono = 0;
  /** How far its wall clock was ahead of ours, less the time on the way, when it last told. Milliseconds. */
  clockSkewMs: number | undefined;
  /** Runtimes whose engine does not answer, each with why. */
  sick: SickRuntimes = {};
  /** For which task it is held, and why, in a sentence. */
  heldFor: string | undefined;
  /** It is held for nobody before this moment: holding it did not help. */
  noHoldUntilMono = Number.NEGATIVE_INFINITY;
  /** When something last ended on it. */
  endedMono = Number.NEGATIVE_INFINITY;
  /** How many tasks a drain moves at a time. */
  drainParallel: number;
  /** The tasks that a drain is moving away now. */
  readonly draining = new Set<TaskId>();
  /** What is in the way of the drain, in a sentence. */
  drainBlocked: string | undefined;
  /** What `PendingQueue.openings` was when a drain found nothing that it could move. */
  drainTriedAt: number | undefined;
  /** Attempts that it runs although it should not: held in the ledger until it reports their end, or no longer reports them. */
  readonly strays = new Set<AttemptKey>();

  constructor(record: NodeRecord, status: NodeStatus, reason: string) {
    this.facts = record.facts;
    this.joined = record.joined;
    this.joinedAt = record.joinedAt;
    this.availability = record.availability;
    this.drainParallel = record.drainParallel ?? 1;
    this.lastSeenAt = record.lastSeenAt;
    this.status = status;
    this.reason = reason;
    this.ledger = new Ledger(record.facts.capacity);
  }

  get id(): string {
    return this.facts.nodeId;
  }

  get name(): string {
    return this.facts.name;
  }

  get labels(): Readonly<Record<string, string>> {
    return this.facts.labels;
  }

  get runtimes(): readonly RuntimeKind[] {
    return this.facts.runtimes;
  }

  /** It came back, and has to show that it stays. */
  get isDamped(): boolean {
    return this.calmUntilMono !== undefined;
  }

  get record(): NodeRecord {
    return {
      facts: this.facts,
      joined: this.joined,
      availability: this.availability,
      drainParallel: this.drainParallel,
      joinedAt: this.joinedAt,
      lastSeenAt: this.lastSeenAt,
      left: this.status === "left",
    };
  }

  addTask(task: Task): void {
    this.tasks.add(task.id);
    this.drainTriedAt = undefined;
    this.#count(task, 1);
  }

  removeTask(task: Task): void {
    if (this.taskUse.has(task.id)) this.taskUse = without(this.taskUse, task.id);
    if (this.tasks.delete(task.id)) this.#count(task, -1);
  }

  #count(task: Task, by: 1 | -1): void {
    bump(this.taskNames, task.name, by);
    for (const label of labelsOf(task.spec)) bump(this.taskLabels, label, by);
  }
}

const labels = new WeakMap<TaskSpec, readonly string[]>();

/** The labels of a spec as `key=value`; kept, since many tasks share the spec. */
function labelsOf(spec: TaskSpec): readonly string[] {
  const known = labels.get(spec) ?? Object.entries(spec.document.labels ?? {}).map(([key, value]) => `${key}=${value}`);
  labels.set(spec, known);
  return known;
}

function without(uses: ReadonlyMap<TaskId, TaskUse>, id: TaskId): ReadonlyMap<TaskId, TaskUse> {
  const rest = new Map(uses);
  rest.delete(id);
  return rest;
}

export function bump(counts: Map<string, number>, key: string, by: 1 | -1): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
