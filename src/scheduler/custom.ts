/**
 * A user's own algorithm: a module that exports a cost and, if it likes, filters and a name; `examples/scheduler.js`
 * is one. What it exports is checked when it is loaded. What it answers is checked every time: a function that throws
 * or answers nothing useful costs the node its place in that decision, and the explanation says so; it stops nothing.
 */
import { oneAfterTheOther, oneByOne, type Algorithm } from "./algorithm.ts";
import type { Filter, TaskDemand } from "./filter.ts";
import { FILTERS } from "./filters.ts";
import type { NodeLoad } from "./node-load.ts";
import { isRejection, type Cost, type Rejection } from "./scheduler.ts";
import { SCHEDULERS } from "./schedulers.ts";

/** What a cost may know of the cluster. */
export interface ClusterLoad {
  /** Number of nodes known, whatever their status. */
  readonly nodes: number;
  /** Number of nodes that are ready. */
  readonly nodesUp: number;
  /** Position of the first node that joined after the one picked last; `nodes` when there is none. */
  readonly next: number;
  /** Starts at 1 and doubles when a node has more tasks. */
  readonly maxJobs: number;
}

/** A node as a user's functions see it. */
export type ShownNode = Pick<NodeLoad, keyof NodeLoad>;

/** `cost(task, node, cluster)` answers a finite number, or `{cost, terms}` with numbers by name. */
type CostFunction = (task: TaskDemand, node: ShownNode, cluster: ClusterLoad) => unknown;
/** `filters.NAME(task, node)` answers true, or false, or why not in a sentence. */
type FilterFunction = (task: TaskDemand, node: ShownNode) => unknown;

/** What a user's module exports, as it is called. */
export interface UserFunctions {
  readonly cost: CostFunction;
  readonly filters: Readonly<Record<string, FilterFunction>>;
}

export type CustomAlgorithm =
  | { readonly kind: "algorithm"; readonly algorithm: Algorithm; readonly functions: UserFunctions }
  /** Everything that is wrong with the module, in a sentence. */
  | { readonly kind: "unusable"; readonly message: string };

/** The algorithm that a loaded module stands for. `source` is what the user calls it: its path. */
export function customAlgorithm(loaded: unknown, source: string): CustomAlgorithm {
  const { cost, filters = {}, name = source } = isRecord(loaded) ? loaded : {};
  const problems = [...costProblems(cost), ...nameProblems(name), ...filterProblems(filters)];
  if (problems.length > 0) return { kind: "unusable", message: `${source} is no scheduler: ${problems.join("; ")}` };
  const functions = { cost, filters } as UserFunctions;
  return {
    kind: "algorithm",
    functions,
    algorithm: {
      name: String(name),
      filters: Object.entries(functions.filters).map(([key, check]) => userFilter(key, check, source)),
      order: "none",
      asksName: true,
      asksCluster: true,
      over: userCost(functions.cost, source),
    },
  };
}

function costProblems(cost: unknown): string[] {
  if (typeof cost === "function") return [];
  return cost === undefined
    ? ["it exports no function cost(task, node, cluster)"]
    : [`its cost is ${shown(cost)}, not a function`];
}

function nameProblems(name: unknown): string[] {
  if (typeof name !== "string" || name.trim() === "") return [`its name is ${shown(name)}, not a text`];
  return SCHEDULERS.has(name) ? [`its name ${shown(name)} is that of a built-in scheduler`] : [];
}

function filterProblems(filters: unknown): string[] {
  if (!isRecord(filters)) return [`its filters are ${shown(filters)}, not an object with a function for each`];
  return Object.entries(filters).flatMap(([key, check]) => {
    if (typeof check !== "function") return [`its filter ${key} is ${shown(check)}, not a function`];
    return key === COST || FILTERS.some(({ name }) => name === key)
      ? [`its filter ${key} has a built-in one's name`]
      : [];
  });
}

const COST = "cost";

function userFilter(name: string, check: FilterFunction, source: string): Filter {
  const which = `the filter ${name} of ${source}`;
  return {
    name,
    asks: "unknown",
    concerns: () => true,
    passes: (task, { load }) => attempt(() => check(task, load)).answer === true,
    explain(task, { load }) {
      const { answer, thrown } = attempt(() => check(task, load));
      if (thrown !== undefined)
        return { filter: name, needs: "true", has: "an error", message: `${which} threw ${thrown}` };
      let message = `${which} answered ${shown(answer)}, not true, false or a reason`;
      if (typeof answer === "string") message = answer;
      else if (answer === false) message = `${which} rejects this node`;
      return { filter: name, needs: "true", has: shown(answer), message };
    },
    remedy: () => undefined,
  };
}

function userCost(cost: CostFunction, source: string): Algorithm["over"] {
  return (nodes) => (task) => {
    const { count, nodesUp, next, maxJobs } = nodes;
    const cluster: ClusterLoad = { nodes: count, nodesUp, next, maxJobs };
    const explain = (position: number): Cost | Rejection => {
      const { answer, thrown } = attempt(() => cost(task, nodes.at(position).load, cluster));
      const found = thrown === undefined ? asCost(answer) : undefined;
      if (found !== undefined) return found;
      const has = thrown === undefined ? shown(answer) : "an error";
      const did = thrown === undefined ? `answered ${has}, not a finite number` : `threw ${thrown}`;
      return { filter: COST, needs: "a finite number", has, message: `the cost of ${source} ${did}` };
    };
    const ofNode = (position: number): number => costIn(explain(position));
    return { explain, terms: [], cost: ofNode, write: oneByOne(ofNode), note: oneAfterTheOther(ofNode) };
  };
}

function costIn(explained: Cost | Rejection): number {
  return isRejection(explained) ? Number.NaN : explained.cost;
}

export function asCost(answer: unknown): Cost | undefined {
  const { cost, terms } = isRecord(answer) ? answer : { cost: answer, terms: { cost: answer } };
  if (!isFiniteNumber(cost) || !isRecord(terms)) return undefined;
  const numbers = Object.entries(terms).filter((term): term is [string, number] => isFiniteNumber(term[1]));
  return { cost, terms: Object.fromEntries(numbers) };
}

export function attempt(ask: () => unknown): { readonly answer?: unknown; readonly thrown?: string } {
  try {
    const answer = ask();
    // A promise is no answer, and nobody waits for it: its rejection must not end the process.
    if (answer instanceof Promise) answer.catch(() => undefined);
    return { answer };
  } catch (error) {
    return { thrown: error instanceof Error ? error.message : shown(error) };
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

export function isFiniteNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

/** What a value is, for a message. */
export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string") return JSON.stringify(value.slice(0, 80));
  if (typeof value === "number" || typeof value === "boolean" || value === null) return String(value);
  if (value instanceof Promise) return "a promise";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
