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
  readonly #hurried = new Line<Event>();
  readonly #waiting = new Line<Event>();
  #turn: "none" | "due" | "under way" = "none";
  /** The end of that turn, where somebody waits for it: most turns are short, and nobody does. */
  #turnOver: PromiseWithResolvers<void> | undefined;
  #isStopped = false;

  constructor(parts: HostParts<Event, Effects>) {
    this.#parts = parts;
  }

  /** Hands in an event; it is taken with the next batch. */
  post(event: Event): void {
    if (this.#isStopped) return;
    const line = this.#parts.isHurried?.(event) === true ? this.#hurried : this.#waiting;
    line.post(event);
    this.#schedule();
  }

  /** Resolves between two turns, when what was posted before is committed. */
  async settled(): Promise<void> {
    const hurried = this.#hurried.posted;
    const waiting = this.#waiting.posted;
    do if (this.#turn !== "none") await this.#endOfTurn();
    while (this.#hurried.taken < hurried || this.#waiting.taken < waiting);
  }

  /** Resolves between two turns, at once when none is under way: all that can be read then is committed. */
  async betweenTurns(): Promise<void> {
    if (this.#turn === "under way") await this.#endOfTurn();
  }

  /** Takes nothing more; resolves when what was under way is committed. */
  async stop(): Promise<void> {
    await this.settled();
    this.#isStopped = true;
    this.#takeEvents();
  }

  #schedule(): void {
    if (this.#turn !== "none") return;
    this.#turn = "due";
    this.#parts.defer(() => this.#takeTurn());
  }

  #takeTurn(): void {
    this.#turn = "under way";
    const committing = this.#take(this.#takeEvents(this.#parts.most));
    if (committing === undefined) this.#endTurn();
    else void committing.then(() => this.#endTurn());
  }

  /** The readers are let in before the next turn, which is deferred. */
  #endTurn(): void {
    this.#turn = "none";
    this.#turnOver?.resolve();
    this.#turnOver = undefined;
    if (this.#hurried.length > 0 || this.#waiting.length > 0) this.#schedule();
  }

  #endOfTurn(): Promise<void> {
    this.#turnOver ??= Promise.withResolvers();
    return this.#turnOver.promise;
  }

  #takeEvents(most?: number): Event[] {
    const hurried = this.#hurried.take();
    const waiting = this.#waiting.take(most);
    return hurried.length === 0 ? waiting : [...hurried, ...waiting];
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
    const lost = [...events, ...this.#takeEvents()];
    this.#parts.failed(error, lost);
  }
}

/** Events in the order in which they came. */
class Line<Event> {
  /** Number of events ever taken. */
  taken = 0;
  #events: Event[] = [];

  get length(): number {
    return this.#events.length;
  }

  /** Number of events ever handed in. */
  get posted(): number {
    return this.taken + this.#events.length;
  }

  post(event: Event): void {
    this.#events.push(event);
  }

  take(most = Number.POSITIVE_INFINITY): Event[] {
    let events = this.#events;
    if (events.length <= most) this.#events = [];
    else events = events.splice(0, most);
    this.taken += events.length;
    return events;
  }
}
