/** The connection to a manager, as the core sees it: numbers of frames, and what there is to say. */
import { SPECS_REMEMBERED, type Report } from "../../protocol/messages.ts";
import type { SpecDocument } from "../../task/document.ts";
import type { AttemptKey } from "../../task/id.ts";
import type { SessionId } from "./events.ts";

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
  readonly changed = new Set<AttemptKey>();
  /** Started here directly since the hello. */
  readonly introduced = new Set<AttemptKey>();
  hasNewUsage = false;
  readonly #specs = new Map<number, SpecDocument>();
  #answers: Report[] = [];

  constructor(id: SessionId, nowMono: number) {
    this.id = id;
    this.lastSentMono = nowMono;
    this.lastRepeatMono = nowMono;
  }

  get hasNews(): boolean {
    return this.changed.size > 0 || this.introduced.size > 0 || this.#answers.length > 0;
  }

  markChanged(key: AttemptKey): void {
    this.changed.add(key);
  }

  introduce(key: AttemptKey): void {
    this.introduced.add(key);
  }

  /** Says something of an attempt that has no entry here: it was refused, or is not here. */
  answer(report: Report): void {
    this.#answers.push(report);
  }

  takeAnswers(): readonly Report[] {
    const answers = this.#answers;
    this.#answers = [];
    return answers;
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
