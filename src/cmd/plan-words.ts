/** How a plan is put in words. */
import type { PlannedPlacementJson, PlansJson } from "../api/plan-json.ts";
import { counted } from "./format.ts";
import type { Paint, Style } from "./terminal/paint.ts";

export type Placement = PlannedPlacementJson;
type Outcome = Placement["outcome"];

export interface PlanView {
  /** Columns of the terminal, undefined for a pipe. */
  readonly width: number | undefined;
  readonly paint: Paint;
  /** A line for every task and node, however many there are. */
  readonly showsAll: boolean;
}

/** The nodes that were asked about. */
export interface Going {
  readonly drain: readonly string[];
  readonly lose: readonly string[];
}

/** A table of more rows than this is put in short. */
export const FEW = 40;

export const OUTCOMES: readonly { readonly outcome: Outcome; readonly words: string; readonly style: Style }[] = [
  { outcome: "placed", words: "would be placed", style: "green" },
  { outcome: "waits", words: "would wait", style: "red" },
  { outcome: "stays", words: "would stay", style: "yellow" },
  { outcome: "ends", words: "would end anyway", style: "dim" },
];

export function countOutcomes(placements: readonly Placement[]): Record<Outcome, number> {
  const counts = { placed: 0, waits: 0, stays: 0, ends: 0 };
  for (const { outcome } of placements) counts[outcome] += 1;
  return counts;
}

/** `With worker1 drained, 6 tasks have to go: 5 would be placed, 1 would stay.` */
export function sentences(
  placements: readonly Placement[],
  { drain, lose }: Going,
  shows: "outcomes" | "counts",
): string[] {
  const gone = [
    ...(lose.length === 0 ? [] : [`${listed(lose)} lost`]),
    ...(drain.length === 0 ? [] : [`${listed(drain)} drained`]),
  ].join(" and ");
  const leaving = placements.filter(({ task }) => task.index === null);
  const fresh = placements.filter(({ task }) => task.index !== null);
  const outcomes = (of: readonly Placement[]): string => (shows === "outcomes" ? whatBecomes(of) : "");
  const tasks =
    leaving.length === 0
      ? "no task has"
      : `${counted(leaving.length, "task")} ${leaving.length === 1 ? "has" : "have"}`;
  return [
    ...(gone === "" ? [] : [`With ${gone}, ${tasks} to go${outcomes(leaving)}.`]),
    ...(fresh.length === 0 ? [] : [`${counted(fresh.length, "new task")}${outcomes(fresh)}.`]),
  ];
}

/** `worker1, worker2 and worker3` */
function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`;
}

/** `: 5 would be placed, 1 would wait` */
function whatBecomes(placements: readonly Placement[]): string {
  const counts = countOutcomes(placements);
  const there = OUTCOMES.filter(({ outcome }) => counts[outcome] > 0).map(({ outcome, words }) => {
    const isAll = counts[outcome] === placements.length;
    if (isAll && placements.length === 1) return words.replace("would", "it would");
    return `${isAll ? "all" : String(counts[outcome])} ${words}`;
  });
  return there.length === 0 ? "" : `: ${there.join(", ")}`;
}

/** `not everything fits: 1 task would wait` */
export function whatDoesNotFit({ plans }: PlansJson): string {
  const failing = plans.filter(({ fits }) => !fits);
  const each = failing.map(({ scheduler, placements, capacity }) => {
    const counts = countOutcomes(placements);
    const unfitting = OUTCOMES.filter(({ outcome }) => outcome === "waits" || outcome === "stays")
      .filter(({ outcome }) => counts[outcome] > 0)
      .map(({ outcome, words }) => `${counted(counts[outcome], "task")} ${words}`);
    if (capacity.some(({ total }) => total === 0)) unfitting.push("there is no room for one more");
    return `${plans.length === 1 ? "" : `by ${scheduler} `}${unfitting.join(", ")}`;
  });
  return `not everything fits: ${each.join("; ")}`;
}

/** What a task is called; one without a name by its place in the list. */
export function taskName({ name, index }: Placement["task"]): string {
  return name ?? `task ${String((index ?? 0) + 1)}`;
}

/** A node, or in brackets what becomes of the task instead. */
export function whereTo({ to, outcome }: Placement): string {
  return to ?? `(${outcome})`;
}

export function styleOf({ outcome }: Placement): Style {
  return OUTCOMES.find((each) => each.outcome === outcome)?.style ?? "dim";
}

/** The first few names, and `…` where there are more. */
export function someOf(names: readonly string[]): string {
  return [...names.slice(0, MOST_NAMES), ...(names.length > MOST_NAMES ? ["…"] : [])].join(", ");
}

const MOST_NAMES = 3;
