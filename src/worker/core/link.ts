/** The connection to a manager, as the core sees it: numbers of frames, and what there is to say. */
import type { TaskUse } from "../../node/node.ts";
import { SPECS_REMEMBERED, type Report, type Usage } from "../../protocol/messages.ts";
import type { SpecDocument } from "../../task/document.ts";
import type { AttemptKey } from "../../task/id.ts";
import type { SampledUse, SessionId } from "./events.ts";

export class ManagerLink {
  readonly id: SessionId;
  /** True once the manager has welcomed this worker. */
  isWelcome = false;
  heartbeatMs = 2000;
  /** Number of the newest manager frame received. */
  received = 0;
  sent = 0;
  lastSentMono: number;
  /** When results without a verdict were last reported again. */
  lastRepeatMono: number;
  /** When each message that the manager has not acknowledged yet was sent, milliseconds on `mono`. */
  readonly #sentMono = new Map<number, number>();
  readonly changed = new Set<AttemptKey>();
  /** Started here directly since the hello. */
  readonly introduced = new Set<AttemptKey>();
  hasNewUsage = false;
  #taskUseSaid: SampledUse["tasks"] = new Map();
  /** When the news gathered so far is to be told, milliseconds on `mono`; infinity while there is none. */
  #newsDueMono = Number.POSITIVE_INFINITY;
  readonly #specs = new Map<number, SpecDocument>();
  #answers: Report[] = [];

  constructor(id: SessionId, nowMono: number) {
    this.id = id;
    this.lastSentMono = nowMono;
    this.lastRepeatMono = nowMono;
    this.#sentMono.set(0, nowMono);
  }

  /** When the next frame is due, milliseconds on `mono`: with news, but not sooner than `coalesceMs` after the last. */
  nextFrameMono(coalesceMs: number): number {
    const heartbeat = this.lastSentMono + this.heartbeatMs;
    return Math.min(heartbeat, Math.max(this.lastSentMono + coalesceMs, this.#newsDueMono));
  }

  /** There is news of the entry, to be told at this moment at the latest; absent: at once. */
  markChanged(key: AttemptKey, dueMono = Number.NEGATIVE_INFINITY): void {
    this.changed.add(key);
    this.#newsDueMono = Math.min(this.#newsDueMono, dueMono);
  }

  /** There is news of the worker itself, to be told at once. */
  hurry(): void {
    this.#newsDueMono = Number.NEGATIVE_INFINITY;
  }

  introduce(key: AttemptKey): void {
    this.introduced.add(key);
    this.hurry();
  }

  /** All there was to say is said. */
  told(nowMono: number): void {
    this.sent += 1;
    this.lastSentMono = nowMono;
    this.#sentMono.set(this.sent, nowMono);
    this.changed.clear();
    this.introduced.clear();
    this.hasNewUsage = false;
    this.#newsDueMono = Number.POSITIVE_INFINITY;
  }

  /** What is to be said of a measurement: of the tasks, those whose use has changed. */
  usageToSay({ node, tasks }: SampledUse): Usage {
    const said = this.#taskUseSaid;
    this.#taskUseSaid = tasks;
    const news: Record<AttemptKey, TaskUse | null> = {};
    for (const [key, use] of tasks) if (!isSameUse(use, said.get(key))) news[key] = use;
    for (const key of said.keys()) if (!tasks.has(key)) news[key] = null;
    return Object.keys(news).length === 0 ? { node } : { node, tasks: news };
  }

  /** Says something of an attempt that has no entry here: it was refused, or is not here. */
  answer(report: Report): void {
    this.#answers.push(report);
    this.hurry();
  }

  takeAnswers(): readonly Report[] {
    const answers = this.#answers;
    this.#answers = [];
    return answers;
  }

  /** The manager has this message and all before it: when it was sent; undefined when it was known. */
  acknowledged(rev: number): number | undefined {
    const sentMono = this.#sentMono.get(rev);
    for (const sent of this.#sentMono.keys()) {
      if (sent > rev) break;
      this.#sentMono.delete(sent);
    }
    return sentMono;
  }

  rememberSpec(number: number, document: SpecDocument): void {
    this.#specs.set(number, document);
    if (this.#specs.size <= SPECS_REMEMBERED) return;
    const [oldest] = this.#specs.keys();
    if (oldest !== undefined) this.#specs.delete(oldest);
  }

  spec(number: number): SpecDocument | undefined {
    return this.#specs.get(number);
  }
}

function isSameUse(use: TaskUse, other: TaskUse | undefined): boolean {
  return use.cpu === other?.cpu && use.memory === other.memory;
}
