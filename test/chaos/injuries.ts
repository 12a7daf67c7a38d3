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

  containerHurt(task: string): void {
    this.#past.push({ to: task, from: Date.now(), until: Date.now() });
  }

  /** Its containers end with it, or when it is back, whenever it gets to them. */
  engineKilled(node: string): void {
    this.#under.set(node, Date.now());
  }

  engineBack(node: string): void {
    const from = this.#under.get(node) ?? Date.now();
    this.#under.delete(node);
    this.#past.push({ to: node, from, until: Date.now() });
  }

  /** Whether something was done to the task, or to all on its node, between the two moments. */
  wasHurt({ id, node }: { readonly id: string; readonly node: string | null }, from: number, until: number): boolean {
    const under = [...this.#under].map(([to, since]) => ({ to, from: since, until: Number.POSITIVE_INFINITY }));
    return [...this.#past, ...under].some(
      (injury) =>
        (injury.to === id || injury.to === node) && injury.from <= until + SLACK_MS && injury.until >= from - SLACK_MS,
    );
  }
}
