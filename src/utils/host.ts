/**
 * Drives a core: gathers events while it is busy, steps them as one batch, commits, and only then lets the effects out.
 * No step starts while a commit is in flight, so between two turns everything that can be read is committed.
 *
 * Pure itself: it knows nothing of what the events mean, and is handed its way of waiting.
 */
export interface HostParts<Event, Effects> {
  step(events: readonly Event[]): Effects;
  /** Makes the effects' writes durable. */
  commit(effects: Effects): Promise<void>;
  /** Lets the effects out. */
  carryOut(effects: Effects): void;
  /** The commit failed, so none of this has happened; the core's state must not be used any more. */
  failed(error: unknown, events: readonly Event[]): void;
  /** Runs the callback soon, after what is waiting to be read has been read. */
  defer(run: () => void): void;
}

export class Host<Event, Effects> {
  readonly #parts: HostParts<Event, Effects>;
  #waiting: Event[] = [];
  #turn: Promise<void> | undefined;
  #isStopped = false;

  constructor(parts: HostParts<Event, Effects>) {
    this.#parts = parts;
  }

  /** Hands in an event; it is taken with the next batch. */
  post(event: Event): void {
    if (this.#isStopped) return;
    this.#waiting.push(event);
    this.#turn ??= new Promise((resolve) => {
      this.#parts.defer(() => {
        void this.#takeTurns().then(resolve);
      });
    });
  }

  /** Resolves when what was posted before is committed. */
  async settled(): Promise<void> {
    await this.#turn;
  }

  /** Takes nothing more; resolves when what was under way is committed. */
  async stop(): Promise<void> {
    await this.#turn;
    this.#isStopped = true;
    this.#waiting = [];
  }

  async #takeTurns(): Promise<void> {
    while (this.#waiting.length > 0) {
      const events = this.#waiting;
      this.#waiting = [];
      try {
        const effects = this.#parts.step(events);
        await this.#parts.commit(effects);
        this.#parts.carryOut(effects);
      } catch (error) {
        this.#parts.failed(error, events);
      }
    }
    this.#turn = undefined;
  }
}
