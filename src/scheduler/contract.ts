/**
 * The contract that a user's cost and filters keep, as checks that are run on them: each function is asked questions
 * drawn by chance, twice, and a second copy of the module is asked them again from the last to the first. A fault
 * is told by the first check that it breaks, with the question that showed it.
 *
 * Every call is handed objects of its own, which are compared with themselves afterwards.
 */
import type { Resources } from "../task/spec.ts";
import { formatSize } from "../utils/sizes.ts";
import { asCost, attempt, isFiniteNumber, isRecord, shown, type UserFunctions } from "./custom.ts";
import { drawCluster, drawQuestions, type Draw, type Question } from "./drawn-clusters.ts";
import { fingerprint, HandedNode } from "./handed-node.ts";

const CHECKS = {
  throws: "nothing throws",
  filters: "a filter answers true, false or a reason",
  cost: "a cost is a finite number",
  terms: "the terms of a cost are finite numbers",
  changes: "nothing that is handed in is changed",
  repeats: "asked twice, the answer is the same",
  order: "what was asked before makes no difference",
} as const;
type Check = keyof typeof CHECKS;

export interface CheckResult {
  /** What should hold, in words. */
  readonly check: string;
  readonly passed: boolean;
  /** How many times it was looked at. */
  readonly cases: number;
  /** The first that broke it, in words; null when none did. */
  readonly counterexample: string | null;
}

/** Two copies of a module that share no state: one that is asked forwards, and one that is asked backwards. */
export interface Copies {
  readonly forwards: UserFunctions;
  readonly backwards: UserFunctions;
}

const CLUSTERS = 80;

export function checkContract({ forwards, backwards }: Copies, draw: Draw): CheckResult[] {
  const findings = new Findings();
  const asked = drawQuestions(draw, CLUSTERS).flatMap((question) => askForwards(forwards, question, findings));
  for (const { call, said } of asked.toReversed()) {
    const again = ask(backwards, call).said;
    const change = `${said}; asked in the opposite order, a fresh copy of the module ${again}`;
    findings.note("order", said === again, () => `${named(call)} ${change}, for ${described(call.question)}`);
  }
  if (findings.isFaultless && findings.casesOf("cost") === 0) {
    findings.note("cost", false, () => "never asked: no node had room and passed the filters; other labels may help");
  }
  return findings.results;
}

const TIMED_NODES = 500;
const MOST_ROUNDS = 25;
const ENOUGH_MS = 200;

/** The time that the filters and the cost take for one node, in milliseconds: the median of several rounds over many. */
export function timePerNode(functions: UserFunctions, draw: Draw, now: () => number): number {
  const questions = drawCluster(draw, TIMED_NODES).map((question) => ({
    ...question,
    node: new HandedNode(question.node),
  }));
  const rounds: number[] = [];
  const start = now();
  do {
    const begun = now();
    for (const { task, node, cluster } of questions) attempt(() => askPlainly(functions, { task, node, cluster }));
    rounds.push((now() - begun) / TIMED_NODES);
  } while (rounds.length < MOST_ROUNDS && now() - start < ENOUGH_MS);
  return rounds.toSorted((a, b) => a - b)[rounds.length >> 1] ?? 0;
}

function askPlainly({ filters, cost }: UserFunctions, { task, node, cluster }: Omit<Question, "fits">): unknown {
  const passes = Object.values(filters).every((filter) => filter(task, node) === true);
  return passes ? cost(task, node, cluster) : undefined;
}

/** One function and what it is asked. */
interface Call {
  /** Name of the filter; undefined for the cost. */
  readonly filter: string | undefined;
  readonly question: Question;
}

interface Outcome {
  readonly answer?: unknown;
  readonly hasThrown: boolean;
  /** What it did, in words; of equal answers equal words. */
  readonly said: string;
  readonly hasChanged: boolean;
}

/** A call and what it said, of those that said the same twice. */
interface Asked {
  readonly call: Call;
  readonly said: string;
}

function askForwards(functions: UserFunctions, question: Question, findings: Findings): Asked[] {
  const asked: Asked[] = [];
  let passes = question.fits;
  const judge = (call: Call): unknown => {
    const first = ask(functions, call);
    const told = (): string => `${named(call)} ${first.said}, for ${described(question)}`;
    judgeAnswer(call, first, { findings, told });
    findings.note(
      "changes",
      !first.hasChanged,
      () => `${named(call)} changed what it was handed, for ${described(question)}`,
    );
    const { said } = ask(functions, call);
    findings.note(
      "repeats",
      said === first.said,
      () => `${named(call)} ${first.said}, then ${said}, for ${described(question)}`,
    );
    if (said === first.said) asked.push({ call, said });
    return first.answer;
  };
  for (const filter of Object.keys(functions.filters)) if (judge({ filter, question }) !== true) passes = false;
  if (passes) judge({ filter: undefined, question });
  return asked;
}

function judgeAnswer(
  { filter }: Call,
  { answer, hasThrown }: Outcome,
  { findings, told }: { readonly findings: Findings; readonly told: () => string },
): void {
  findings.note("throws", !hasThrown, told);
  if (hasThrown) return;
  if (filter !== undefined) {
    const isReason = typeof answer === "string" && answer.trim() !== "";
    findings.note("filters", typeof answer === "boolean" || isReason, told);
    return;
  }
  const cost = asCost(answer);
  findings.note("cost", cost !== undefined, told);
  if (cost === undefined || !isRecord(answer) || !isRecord(answer["terms"])) return;
  findings.note("terms", Object.values(answer["terms"]).every(isFiniteNumber), told);
}

/** Asks one function on objects that nobody else has. */
function ask({ filters, cost }: UserFunctions, { filter, question }: Call): Outcome {
  const { labels, resources } = question.task;
  const task = { ...question.task, labels: { ...labels }, resources: { ...resources } };
  const node = new HandedNode(question.node);
  const cluster = { ...question.cluster };
  const before = fingerprint({ task, node, cluster });
  const { answer, thrown } = attempt(() =>
    filter === undefined ? cost(task, node, cluster) : filters[filter]?.(task, node),
  );
  // What was put in may be nothing that can be written down: that is a change, too.
  const hasChanged = attempt(() => fingerprint({ task, node, cluster })).answer !== before;
  return thrown === undefined
    ? { answer, hasThrown: false, said: `answered ${inFull(answer)}`, hasChanged }
    : { hasThrown: true, said: `threw ${thrown}`, hasChanged };
}

/** What the checks have found so far. */
class Findings {
  readonly #cases = new Map<Check, number>();
  readonly #counterexamples = new Map<Check, string>();

  get isFaultless(): boolean {
    return this.#counterexamples.size === 0;
  }

  get results(): CheckResult[] {
    return Object.entries(CHECKS).map(([key, check]) => {
      const counterexample = this.#counterexamples.get(key as Check) ?? null;
      return { check, passed: counterexample === null, cases: this.casesOf(key as Check), counterexample };
    });
  }

  casesOf(check: Check): number {
    return this.#cases.get(check) ?? 0;
  }

  note(check: Check, holds: boolean, counterexample: () => string): void {
    this.#cases.set(check, this.casesOf(check) + 1);
    if (!holds && !this.#counterexamples.has(check)) this.#counterexamples.set(check, counterexample());
  }
}

function named({ filter }: Call): string {
  return filter === undefined ? "cost" : `filters.${filter}`;
}

/** An answer with what is in it: `0.5`, or `{cost: 0.5, terms: {load: NaN}}`. What lies deeper is not told. */
function inFull(value: unknown, depth = 2): string {
  if (depth === 0 || !isRecord(value) || Object.getPrototypeOf(value) !== Object.prototype) return shown(value);
  const entries = Object.entries(value).map(([key, inner]) => `${key}: ${inFull(inner, depth - 1)}`);
  return `{${entries.join(", ")}}`;
}

/** `task web (needs nothing) on worker2 of 5 (has cpu 4, memory 8 GiB, disk 0 B; reserved nothing; 3 tasks; labels zone=a)` */
function described({ task, node, cluster }: Question): string {
  const wants = [`needs ${amounts(task.resources)}`, ...labelled(task.labels)].join("; ");
  const [reserved, use] = [amounts(node.reserved), amounts(node.use)];
  const has = [
    `has ${amounts(node.capacity)}`,
    `reserved ${reserved}`,
    ...(use === reserved ? [] : [`in use ${use}`]),
    `${String(node.tasks)} tasks`,
    ...labelled(node.labels),
  ].join("; ");
  return `task ${task.name} (${wants}) on ${node.name} of ${String(cluster.nodes)} (${has})`;
}

function amounts({ cpu, memory, disk }: Resources): string {
  if (cpu === 0 && memory === 0 && disk === 0) return "nothing";
  return `cpu ${String(Math.round(cpu * 1000) / 1000)}, memory ${formatSize(memory)}, disk ${formatSize(disk)}`;
}

function labelled(labels: Readonly<Record<string, string>>): string[] {
  const texts = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return texts.length === 0 ? [] : [`labels ${texts.join(", ")}`];
}
