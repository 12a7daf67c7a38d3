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
  /** So many of those events that are in no hurry are taken in a turn; all that there are where nothing is said. */
  readonly most?: number;
  /** Whether the event goes before those that are in no hurry; among the hurried the order stays. None is by default. */
  isHurried?(event: Event): boolean;
}

/** A timer that is set to more than this, in milliseconds, goes off at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

export class Host<Event, Effects> {
  readonly #parts: HostParts<Event, Effects>;
  #waiting: Event[] = [];
  /** They go before those that wait. */
  #hurried: Event[] = [];
  /** Number of events ever handed in. */
  #posted = 0;
  /** A turn is under way or about to begin. */
  #isBusy = false;
  #isUnderWay = false;
  /** The end of that turn, where somebody waits for it: most turns are short, and nobody does. */
  #turnOver: PromiseWithResolvers<void> | undefined;
  #isStopped = false;

  constructor(parts: HostParts<Event, Effects>) {
    this.#parts = parts;
  }

  /** Hands in an event; it is taken with the next batch. */
  post(event: Event): void {
    if (this.#isStopped) return;
    const list = this.#parts.isHurried?.(event) === true ? this.#hurried : this.#waiting;
    list.push(event);
    this.#posted += 1;
    this.#schedule();
  }

  /** Resolves between two turns, when what was posted before is committed. */
  async settled(): Promise<void> {
    const posted = this.#posted;
    do if (this.#isBusy) await (this.#turnOver ??= Promise.withResolvers()).promise;
    while (this.#posted - this.#left < posted);
  }

  /** Resolves between two turns, at once when none is under way: all that can be read then is committed. */
  async betweenTurns(): Promise<void> {
    if (this.#isUnderWay) await (this.#turnOver ??= Promise.withResolvers()).promise;
  }

  /** Takes nothing more; resolves when what was under way is committed. */
  async stop(): Promise<void> {
    await this.settled();
    this.#isStopped = true;
    this.#takeAll();
  }

  #schedule(): void {
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#parts.defer(() => this.#takeTurn());
  }

  #takeTurn(): void {
    this.#isUnderWay = true;
    const committing = this.#take(this.#nextEvents());
    if (committing === undefined) this.#endTurn();
    else void committing.then(() => this.#endTurn());
  }

  /** The readers are let in before the next turn, which is deferred. */
  #endTurn(): void {
    this.#isBusy = false;
    this.#isUnderWay = false;
    this.#turnOver?.resolve();
    this.#turnOver = undefined;
    if (this.#left > 0) this.#schedule();
  }

  /** Number of events that no turn has taken yet. */
  get #left(): number {
    return this.#hurried.length + this.#waiting.length;
  }

  #nextEvents(): Event[] {
    const { most = Number.POSITIVE_INFINITY } = this.#parts;
    if (this.#waiting.length <= most) return this.#takeAll();
    const hurried = this.#hurried;
    this.#hurried = [];
    return [...hurried, ...this.#waiting.splice(0, most)];
  }

  #takeAll(): Event[] {
    const all = this.#hurried.length === 0 ? this.#waiting : [...this.#hurried, ...this.#waiting];
    this.#hurried = [];
    this.#waiting = [];
    return all;
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
    const lost = [...events, ...this.#takeAll()];
    this.#parts.failed(error, lost);
  }
}
