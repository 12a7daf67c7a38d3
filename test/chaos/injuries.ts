/** What the suite did to containers, so that an end by a signal is told from one that nobody can account for. */
export interface Injury {
  /** A task's id, or a node's name: all that runs there. */
  readonly to: string;
  /** Wall clock, milliseconds. */
  readonly from: number;
  readonly until: number;
}

/** From the deed until its trace is seen, and for clocks that are read at different moments. Milliseconds. */
const SLACK_MS = 2000;

export class Injuries {
  readonly #past: Injury[] = [];
  readonly #under = new Map<string, number>();
  readonly #outages: Injury[] = [];

  containerHurt(task: string): void {
    this.#past.push({ to: task, from: Date.now(), until: Date.now() });
  }

  /** How often its containers were killed, removed and the like by hand. */
  handsOn(task: string): number {
    // Each is written down before and after it.
    return this.#past.filter(({ to }) => to === task).length / 2;
  }

  /** With `endsAll` its containers end with it, or when it is back, whenever it gets to them. */
  engineKilled(node: string, { endsAll }: { readonly endsAll: boolean }): void {
    if (endsAll) this.#under.set(node, Date.now());
    this.#outages.push({ to: node, from: Date.now(), until: Number.POSITIVE_INFINITY });
  }

  engineBack(node: string): void {
    const from = this.#under.get(node);
    if (from !== undefined) this.#past.push({ to: node, from, until: Date.now() });
    this.#under.delete(node);
    const outage = this.#outages.findLast(({ to }) => to === node);
    if (outage !== undefined) this.#outages.splice(this.#outages.indexOf(outage), 1, { ...outage, until: Date.now() });
  }

  /** Whether something was done to the task, or to all on its node, between the two moments. */
  wasHurt({ id, node }: { readonly id: string; readonly node: string | null }, from: number, until: number): boolean {
    const under = [...this.#under].map(([to, since]) => ({ to, from: since, until: Number.POSITIVE_INFINITY }));
    return [...this.#past, ...under].some(
      (injury) => (injury.to === id || injury.to === node) && overlaps(injury, from, until),
    );
  }

  /** Whether the node's engine was killed, or was not back yet, between the two moments. */
  wasEngineAway(node: string, from: number, until: number): boolean {
    return this.#outages.some((outage) => outage.to === node && overlaps(outage, from, until));
  }
}

function overlaps(injury: Injury, from: number, until: number): boolean {
  return injury.from <= until + SLACK_MS && injury.until >= from - SLACK_MS;
}
