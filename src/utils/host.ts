/**
 * Drives a core: gathers events while it is busy, steps them as one batch, commits, and only then lets the effects out.
 * No step starts while a commit is in flight, so between two turns everything that can be read is committed.
 *
 * Pure itself: it knows nothing of what the events mean, and is handed its way of waiting.
 */
export interface HostParts<Event, Effects> {
  step(events: readonly Event[]): Effects;
  /** Makes the effects' writes durable; undefined when there are none. */
  commit(effects: Effects): Promise<void> | undefined;
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
  /** A turn is under way or about to begin. */
  #isBusy = false;
  /** The end of that turn, where somebody waits for it: most turns are short, and nobody does. */
  #turnOver: PromiseWithResolvers<void> | undefined;
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
    do if (this.#isBusy) await (this.#turnOver ??= Promise.withResolvers()).promise;
    while (this.#posted - this.#waiting.length < posted);
  }

  /** Takes nothing more; resolves when what was under way is committed. */
  async stop(): Promise<void> {
    await this.settled();
    this.#isStopped = true;
    this.#waiting = [];
  }

  #schedule(): void {
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#parts.defer(() => this.#takeTurn());
  }

  #takeTurn(): void {
    const events = this.#waiting;
    this.#waiting = [];
    const committing = this.#take(events);
    if (committing === undefined) this.#endTurn();
    else void committing.then(() => this.#endTurn());
  }

  /** The readers are let in before the next turn, which is deferred. */
  #endTurn(): void {
    this.#isBusy = false;
    this.#turnOver?.resolve();
    this.#turnOver = undefined;
    if (this.#waiting.length > 0) this.#schedule();
  }

  /** Undefined when there was nothing to commit, so that all of it is done. Never rejects. */
  #take(events: readonly Event[]): Promise<void> | undefined {
    if (events.length === 0) return undefined;
    const parts = this.#parts;
    try {
      const effects = parts.step(events);
      const committing = parts.commit(effects);
      if (committing === undefined) {
        parts.carryOut(effects);
        return undefined;
      }
      return committing.then(() => parts.carryOut(effects)).catch((error: unknown) => this.#fail(error, events));
    } catch (error) {
      this.#fail(error, events);
      return undefined;
    }
  }

  #fail(error: unknown, events: readonly Event[]): void {
    const lost = [...events, ...this.#waiting];
    this.#waiting = [];
    this.#parts.failed(error, lost);
  }
}
