/**
 * Works out plans while everything else goes on: on a copy of the cluster, in slices between which others have their
 * turn, and one plan at a time. Reads alone; nothing of it is kept.
 */
import { setImmediate } from "node:timers/promises";
import type { Algorithm } from "../scheduler/algorithm.ts";
import type { Scheduler } from "../scheduler/scheduler.ts";
import { SCHEDULERS } from "../scheduler/schedulers.ts";
import { makePlan, type Plan } from "./plan/plan.ts";
import type { PlanBase, Queries } from "./queries.ts";
import { ServiceError, type PlanOutcome, type PlanQuestion } from "./service.ts";

/** The longest that a plan keeps others waiting, but for a single step of it. */
const SLICE_MS = 5;

export interface PlannerOptions {
  /** Reads between two turns of the manager. */
  readonly read: (from: (queries: Queries) => PlanBase) => Promise<PlanBase>;
  /** Makes a scheduler that knows no node yet; without an algorithm, of the manager's own. */
  readonly newScheduler: (algorithm?: Algorithm) => Scheduler;
}

export class Planner {
  readonly #options: PlannerOptions;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: PlannerOptions) {
    this.#options = options;
  }

  /** Rejects with a ServiceError once nobody waits for the answer any more. */
  plan(question: PlanQuestion, signal: AbortSignal): Promise<PlanOutcome> {
    const mine = this.#last.then(async () => this.#plan(question, signal));
    this.#last = mine.catch(() => undefined); // whoever asked is told
    return mine;
  }

  async #plan(question: PlanQuestion, signal: AbortSignal): Promise<PlanOutcome> {
    const { newScheduler } = this.#options;
    const own = newScheduler().name;
    const names = question.schedulers.length === 0 ? [own] : question.schedulers;
    const unknown = names.find((name) => name !== own && !SCHEDULERS.has(name));
    if (unknown !== undefined) return { kind: "unknownScheduler", name: unknown, known: knownNames(own) };
    const now = { mono: performance.now(), wall: Date.now() };
    const base = await this.#options.read((queries) => queries.planBase({ ...question, schedulers: names }, now));
    if (base.kind !== "copy") return base;
    const plans: Plan[] = [];
    for (const name of names) {
      const algorithm = name === own ? undefined : SCHEDULERS.get(name);
      plans.push(
        await inSlices(
          makePlan(base.copy, question, () => newScheduler(algorithm)),
          signal,
        ),
      );
    }
    return { kind: "planned", at: now.wall, notes: notesOn(base), plans };
  }
}

function knownNames(own: string): string[] {
  return [...new Set([own, ...SCHEDULERS.keys()])];
}

function notesOn({ copy: { wouldBrake, lost, settings } }: Extract<PlanBase, { kind: "copy" }>): string[] {
  if (!wouldBrake) return [];
  const seconds = String(Math.round(settings.brakeMs / 1000));
  const nodes = lost.length === 1 ? "1 more node" : `${String(lost.length)} more nodes`;
  return [
    `with ${nodes} silent the manager would suspect that it is cut off itself, and give up none before ${seconds} s of silence; see birdman brake`,
  ];
}

async function inSlices<T>(work: Generator<undefined, T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    const until = performance.now() + SLICE_MS;
    do {
      const step = work.next();
      if (step.done === true) return step.value;
    } while (performance.now() < until);
    await setImmediate();
    if (signal.aborted) throw new ServiceError("unavailable", "Nobody waits for this plan any more.");
  }
}
