/**
 * One worker's connection, as the core sees it: the numbers of its frames and what is to be said in the next one. What
 * is waiting here is a hint that makes things fast; what is true is in the tasks, and the next hello says it all again.
 */
import {
  SPECS_REMEMBERED,
  type Assignment,
  type ManagerFrame,
  type StopOrder,
  type StreamRequest,
  type Verdict,
} from "../../protocol/messages.ts";
import type { SpecDocument } from "../../task/document.ts";
import type { TaskId } from "../../task/id.ts";
import type { TaskSpec } from "../../task/spec.ts";
import type { Task } from "../../task/task.ts";
import type { SessionId } from "./events.ts";

export interface SessionKey {
  readonly id: SessionId;
  readonly nodeId: string;
  readonly instanceId: string;
}

/** The moment of what is to be said at once. */
const AT_ONCE = Number.NEGATIVE_INFINITY;

export class Session {
  readonly id: SessionId;
  readonly nodeId: string;
  readonly instanceId: string;
  /** Number of the newest frame received; the hello is 0. */
  received = 0;
  /** When the next frame is to leave at the latest, milliseconds on `mono`; what nobody waits for may wait for more. */
  dueMono = Number.POSITIVE_INFINITY;
  #sent = 0;
  readonly #due: Set<Session>;
  #nextSpec = 0;
  readonly #specNumbers = new Map<TaskSpec, number>();
  #specs: { number: number; document: SpecDocument }[] = [];
  #stop: StopOrder[] = [];
  #verdicts: Verdict[] = [];
  /** Each of the task's current attempt. */
  readonly #assign = new Map<TaskId, Assignment>();
  #streams: StreamRequest[] = [];

  /** `due` gathers the sessions that have something to say. */
  constructor({ id, nodeId, instanceId }: SessionKey, due: Set<Session>) {
    this.id = id;
    this.nodeId = nodeId;
    this.instanceId = instanceId;
    this.#due = due;
  }

  stop(order: StopOrder): void {
    this.#stop.push(order);
    this.#isDue(AT_ONCE);
  }

  verdict(verdict: Verdict): void {
    this.#verdicts.push(verdict);
    this.#isDue(AT_ONCE);
  }

  assign(task: Task, dueMono = AT_ONCE): void {
    let number = this.#specNumbers.get(task.spec);
    if (number === undefined) {
      if (this.#specNumbers.size >= SPECS_REMEMBERED) this.#specNumbers.clear();
      number = this.#nextSpec;
      this.#nextSpec += 1;
      this.#specNumbers.set(task.spec, number);
      this.#specs.push({ number, document: task.spec.document });
    }
    const { id, attempt, name, createdAt } = task;
    this.#assign.set(id, { task: id, attempt, name, spec: number, createdAt });
    this.#isDue(dueMono);
  }

  /** The assignment is void; where it was sent already, the worker will be told otherwise. */
  withdraw({ id }: Task): void {
    this.#assign.delete(id);
  }

  stream(request: StreamRequest): void {
    this.#streams.push(request);
    this.#isDue(AT_ONCE);
  }

  /** The worker has spoken; it is owed a frame that names its number. */
  acknowledge(rev: number, dueMono = AT_ONCE): void {
    this.received = rev;
    this.#isDue(dueMono);
  }

  /** The next frame, with everything that waits. */
  takeFrame(): ManagerFrame {
    this.#due.delete(this);
    this.dueMono = Number.POSITIVE_INFINITY;
    this.#sent += 1;
    const frame: ManagerFrame = {
      kind: "frame",
      rev: this.#sent,
      ack: this.received,
      specs: this.#specs,
      stop: this.#stop,
      verdicts: this.#verdicts,
      assign: [...this.#assign.values()],
      ...(this.#streams.length > 0 ? { streams: this.#streams } : {}),
    };
    this.#specs = [];
    this.#stop = [];
    this.#verdicts = [];
    this.#assign.clear();
    this.#streams = [];
    return frame;
  }

  #isDue(mono: number): void {
    this.dueMono = Math.min(this.dueMono, mono);
    this.#due.add(this);
  }
}
