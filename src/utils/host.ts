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
  /**
   * The commit failed, so none of this has happened, nor what was posted meanwhile; the core's state must not be used any
   * more.
   */
  failed(error: unknown, events: readonly Event[]): void;
  /** Runs the callback soon, after what is waiting to be read has been read. */
  defer(run: () => void): void;
}

/** A timer that is set to more than this, in milliseconds, goes off at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

export class Host<Event, Effects> {
  readonly #parts: HostParts<Event, Effects>;
  #waiting: Event[] = [];
  /** Number of events ever handed in. */
  #posted = 0;
  /** The turn that is under way or about to begin. */
  #turn: Promise<void> | undefined;
  #isStopped = false;

  constructor(parts: HostParts<Event, Effects>) {
    this.#parts = parts;
  }

  /** Hands in an event; it is taken with the next batch. */
  post(event: Event): void {
    if (this.#isStopped) return;
    this.#waiting.push(event);
    this.#posted += 1;
    this.#schedule();
  }

  /** Resolves between two turns, when what was posted before is committed. */
  async settled(): Promise<void> {
    const posted = this.#posted;
    do await this.#turn;
    while (this.#posted - this.#waiting.length < posted);
  }

  /** Takes nothing more; resolves when what was under way is committed. */
  async stop(): Promise<void> {
    await this.settled();
    this.#isStopped = true;
    this.#waiting = [];
  }

  /** A turn begins only after the one before has let its readers in. */
  #schedule(): void {
    this.#turn ??= new Promise((resolve) => {
      this.#parts.defer(() => {
        void this.#takeTurn().then(resolve);
      });
    });
  }

  async #takeTurn(): Promise<void> {
    const events = this.#waiting;
    this.#waiting = [];
    if (events.length > 0) await this.#take(events);
    this.#turn = undefined;
    if (this.#waiting.length > 0) this.#schedule();
  }

  async #take(events: readonly Event[]): Promise<void> {
    try {
      const effects = this.#parts.step(events);
      await this.#parts.commit(effects);
      this.#parts.carryOut(effects);
    } catch (error) {
      const lost = [...events, ...this.#waiting];
      this.#waiting = [];
      this.#parts.failed(error, lost);
    }
  }
}
