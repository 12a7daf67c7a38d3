/** What a scheduler answers: a node that was found, with what spoke for it; or none, with all that is in the way. */
import type { Remedy } from "./filter.ts";
import { countByFilter } from "./nearest.ts";
import { compareRanked } from "./podium.ts";
import type { CostedNode, Decision, FilterName, RejectedNode } from "./scheduler.ts";
import { judge, type Costed, type Question, type Rejected } from "./verdict.ts";

/** How many rejected nodes a decision that found a node names. */
export const MOST_EXAMPLES = 5;

/** Which nodes were turned down: how many by each filter, and a few of them by name. */
export interface TurnedDown {
  readonly by: Decision["rejectedBy"];
  readonly examples: readonly RejectedNode[];
  isOnlyUpTo(filter: FilterName): boolean;
}

/** Where it is noted what the best few nodes cost in a decision. */
export interface Notes {
  readonly scheduler: string;
  readonly considered: number;
  /** So many of the list at most; all of it where nothing is said. */
  readList(at: number, most?: number): readonly CostedNode[];
}

/** A node was found: all that this tells is of the moment of the decision. Many are kept, so each of them is small. */
export class Found implements Decision {
  readonly chosen: string;
  readonly #notes: Notes;
  readonly #list: number;
  readonly #turnedDown: TurnedDown;

  /** `list`: where in the notes the list of the best few begins. */
  constructor(chosen: string, { notes, list }: { notes: Notes; list: number }, turnedDown: TurnedDown) {
    this.chosen = chosen;
    this.#notes = notes;
    this.#list = list;
    this.#turnedDown = turnedDown;
  }

  get scheduler(): string {
    return this.#notes.scheduler;
  }

  get considered(): number {
    return this.#notes.considered;
  }

  /** The best few. */
  get costs(): readonly CostedNode[] {
    return this.#notes.readList(this.#list);
  }

  bestCosts(most: number): readonly CostedNode[] {
    return this.#notes.readList(this.#list, most);
  }

  get wouldFitIf(): undefined {
    return undefined;
  }

  /** The first few. */
  get rejected(): readonly RejectedNode[] {
    return this.#turnedDown.examples;
  }

  get rejectedBy(): Decision["rejectedBy"] {
    return this.#turnedDown.by;
  }

  isOnlyUpTo(): boolean {
    return false;
  }
}

/** Every node in full: why the task fits nowhere, or would fit where. Worked out when it is first read. */
export class Judged implements Decision {
  readonly scheduler: string;
  readonly considered: number;
  readonly chosen = undefined;
  readonly #ask: () => Question;
  readonly #turnedDown: TurnedDown | undefined;
  #verdicts: { readonly costed: readonly Costed[]; readonly rejected: readonly Rejected[] } | undefined;

  /** `turnedDown` where that much is known already. */
  constructor(facts: Pick<Judged, "scheduler" | "considered">, ask: () => Question, turnedDown?: TurnedDown) {
    this.scheduler = facts.scheduler;
    this.considered = facts.considered;
    this.#ask = ask;
    this.#turnedDown = turnedDown;
  }

  get costs(): readonly CostedNode[] {
    return this.#judged.costed.map(({ node, cost, terms }) => ({ node, cost, terms }));
  }

  bestCosts(most: number): readonly CostedNode[] {
    return this.costs.slice(0, most);
  }

  get rejected(): readonly RejectedNode[] {
    return this.#judged.rejected.map(({ node, filters }) => ({ node, filters }));
  }

  get rejectedBy(): Decision["rejectedBy"] {
    return this.#turnedDown?.by ?? countByFilter(this.#judged.rejected);
  }

  get wouldFitIf(): string | undefined {
    const { costed, rejected } = this.#judged;
    return costed.length === 0 ? smallestChange(rejected) : undefined;
  }

  isOnlyUpTo(filter: FilterName): boolean {
    if (this.#turnedDown !== undefined) return this.#turnedDown.isOnlyUpTo(filter);
    return this.#judged.rejected.some(({ filters }) => filters.every((one) => one.filter === filter));
  }

  get #judged(): { readonly costed: readonly Costed[]; readonly rejected: readonly Rejected[] } {
    if (this.#verdicts === undefined) {
      const question = this.#ask();
      const { count, tasks } = question.nodes;
      const costed: Costed[] = [];
      const rejected: Rejected[] = [];
      for (let position = 0; position < count; position += 1) {
        const verdict = judge(question, position);
        if (verdict.kind === "costed") costed.push(verdict);
        else rejected.push(verdict);
      }
      costed.sort((a, b) => compareRanked(a, b, tasks));
      this.#verdicts = { costed, rejected };
    }
    return this.#verdicts;
  }
}

/** The nodes at these positions, which will not do. */
export function turnDown(question: Question, positions: readonly number[]): TurnedDown {
  const { nodes, task, filters } = question;
  const examples: RejectedNode[] = [];
  const by: Partial<Record<FilterName, number>> = {};
  for (const position of positions) {
    const failing = filters.filter((filter) => !filter.passes(task, nodes.at(position)));
    for (const { name } of failing) by[name] = (by[name] ?? 0) + 1;
    if (examples.length === MOST_EXAMPLES) continue;
    const verdict = judge(question, position);
    if (verdict.kind === "rejected") examples.push({ node: verdict.node, filters: verdict.filters });
  }
  return { by, examples, isOnlyUpTo: () => false };
}

/** The smallest of the changes that alone would let the task in; of equal ones, on the node that joined first. */
function smallestChange(rejected: readonly Rejected[]): string | undefined {
  let smallest: Remedy | undefined;
  for (const { remedy } of rejected) {
    if (remedy !== undefined && (smallest === undefined || remedy.size < smallest.size)) smallest = remedy;
  }
  return smallest?.change;
}
