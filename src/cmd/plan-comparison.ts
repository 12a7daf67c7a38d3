/** Plans by several algorithms, side by side. */
import type { PlanJson } from "../api/plan-json.ts";
import { counted, formatPercent, orDash } from "./format.ts";
import {
  countOutcomes,
  FEW,
  OUTCOMES,
  styleOf,
  taskName,
  whereTo,
  type Placement,
  type PlanView,
} from "./plan-words.ts";
import { renderTable, type Column } from "./terminal/table.ts";

/** What each plan comes to, in a row. */
export function compareOutcomes(plans: readonly PlanJson[], { width }: PlanView): string {
  const rows = plans.map((plan) => ({ plan, counts: countOutcomes(plan.placements) }));
  const columns: readonly Column<(typeof rows)[number]>[] = [
    { heading: "SCHEDULER", value: ({ plan }) => plan.scheduler },
    ...OUTCOMES.filter(({ outcome }) => rows.some(({ counts }) => counts[outcome] > 0)).map(({ outcome }) => ({
      heading: outcome.toUpperCase(),
      value: ({ counts }: (typeof rows)[number]) => String(counts[outcome]),
    })),
    { heading: "NODES", value: ({ plan }) => String(new Set(plan.placements.flatMap(({ to }) => to ?? [])).size) },
    { heading: "FULLEST", value: ({ plan }) => fullest(plan) },
  ];
  return renderTable(columns, rows, width);
}

/** `worker1 (memory 94%)`: of the nodes that change, the one with the largest share of anything reserved. */
function fullest({ nodes }: PlanJson): string {
  let found = { share: 0, words: "" };
  for (const { name, capacity, after } of nodes) {
    for (const what of ["cpu", "memory", "disk"] as const) {
      const share = capacity[what] > 0 ? after.reserved[what] / capacity[what] : 0;
      if (share > found.share) {
        found = { share, words: `${name} (${what} ${formatPercent(after.reserved[what], capacity[what])})` };
      }
    }
  }
  return orDash(found.words);
}

interface Row {
  /** Of the same task, one of each plan. */
  readonly each: readonly (Placement | undefined)[];
}

/** Where each plan puts a task, in a row. All plans speak of the same tasks in the same order. */
export function comparePlacements(plans: readonly PlanJson[], { width, paint, showsAll }: PlanView): string {
  const rows = (plans[0]?.placements ?? []).map((_, index): Row => ({
    each: plans.map(({ placements }) => placements[index]),
  }));
  const shown = showsAll ? rows : rows.slice(0, FEW);
  const columns: readonly Column<Row>[] = [
    { heading: "TASK", value: ({ each: [first] }) => (first === undefined ? "" : taskName(first.task)), shrinkTo: 12 },
    ...(rows.some(({ each: [first] }) => (first?.from ?? null) !== null)
      ? [{ heading: "FROM", value: ({ each: [first] }: Row) => orDash(first?.from), shrinkTo: 8 }]
      : []),
    ...plans.map(({ scheduler }, index): Column<Row> => ({
      heading: scheduler.toUpperCase(),
      value: ({ each }) => {
        const one = each[index];
        return one === undefined ? "" : whereTo(one);
      },
      shrinkTo: 8,
      paint: (cell, { each }) => {
        const one = each[index];
        return one === undefined ? cell : paint(styleOf(one), cell);
      },
    })),
  ];
  const hidden = rows.length - shown.length;
  const more = hidden === 0 ? "" : `… and ${counted(hidden, "more task")}; --all shows them\n`;
  return renderTable(columns, shown, width) + more;
}
