/** Why a task is where it is, or nowhere: what `birdman explain` prints. */
import type { PlacementJson } from "../api/placement-json.ts";
import { formatCounts, nearestFirst } from "../scheduler/nearest.ts";
import { formatCost } from "../scheduler/amounts.ts";
import { counted, formatAge } from "./format.ts";
import { groupAlike, whyNot } from "./node-groups.ts";
import { someOf } from "./plan-words.ts";
import type { View } from "./task-table.ts";
import type { Paint } from "./terminal/paint.ts";
import { renderTable, type Column } from "./terminal/table.ts";
import { printable } from "./terminal/text.ts";

export interface PlacementView extends View {
  /** A line for every node, however many there are. */
  readonly showsAll: boolean;
  /** What the task says of itself. */
  readonly name: string;
  readonly reason: string;
}

/** More nodes than this that fail are put in short, those that fail alike in one line. */
const FEW = 12;

/** Sentences, then what each node costs, or everything that keeps the task from it. */
export function renderPlacement(placement: PlacementJson, view: PlacementView): string {
  const [first, ...rest] = sentences(placement, view);
  const heading = [view.paint("bold", printable(first ?? "")), ...rest.map(printable)]
    .map((line) => `${line}\n`)
    .join("");
  const { costs, rejected } = placement;
  const tables: string[] = [];
  if (costs.length > 0) tables.push(renderCosts(placement, view));
  if (rejected.length > FEW && !view.showsAll) tables.push(renderGroups(placement, view));
  else if (rejected.length > 0) tables.push(renderRejected(placement, view));
  return [heading, ...tables].join("\n");
}

function sentences(placement: PlacementJson, { name, reason, now }: PlacementView): string[] {
  const { chosen, attempt, scheduler, decidedAt, considered, costs, rejected, rejectedBy, wouldFitIf } = placement;
  if (chosen !== null) {
    const placed = `Attempt ${String(attempt)} of ${name} was placed on ${chosen} by ${scheduler} ${formatAge(decidedAt, now)} ago.`;
    if (considered === 0) return [placed, "How that was decided is not kept any more."];
    const isSome = costs.length + rejected.length < considered;
    const some = isSome ? " Shown are the best, and some of those that would not do." : "";
    const others = Object.keys(rejectedBy).length === 0 ? "" : ` Turned away by ${formatCounts(rejectedBy)}.`;
    return [placed, `It cost least there, of ${counted(considered, "node")} considered.${others}${some}`];
  }
  if (considered === 0) return [`${name} waits: no node has joined the cluster.`];
  if (costs.length > 0) {
    return [
      `${name} would fit on ${String(costs.length)} of ${counted(considered, "node")} now, and waits all the same.`,
      reason,
    ];
  }
  const none = considered === 1 ? "does not fit on the only node" : `fits on none of ${String(considered)} nodes`;
  const help = wouldFitIf === null ? "No single change would let it in." : `What would help: ${wouldFitIf}.`;
  return [`${name} ${none} now: ${formatCounts(rejectedBy)}.`, help];
}

function renderCosts({ costs, chosen }: PlacementJson, { width, paint, showsAll }: PlacementView): string {
  const shown = showsAll ? costs : costs.slice(0, FEW);
  const more = shown.length < costs.length ? `… and ${counted(costs.length - shown.length, "more node")}\n` : "";
  const columns: readonly Column<PlacementJson["costs"][number]>[] = [
    { heading: "NODE", value: ({ node }) => node, shrinkTo: 12, paint: paintChosen(paint, chosen) },
    { heading: "COST", value: ({ cost }) => formatCost(cost) },
    { heading: "MADE OF", value: ({ terms }) => formatTerms(terms), shrinkTo: 24, wraps: true },
  ];
  return renderTable(columns, shown, width) + more;
}

function paintChosen(paint: Paint, chosen: string | null) {
  return (cell: string, { node }: { readonly node: string }): string => (node === chosen ? paint("green", cell) : cell);
}

function formatTerms(terms: Readonly<Record<string, number>>): string {
  return Object.entries(terms)
    .filter(([, value]) => value !== 0)
    .map(([name, value]) => `${name} ${formatCost(value)}`)
    .join(", ");
}

function renderRejected({ rejected }: PlacementJson, { width }: PlacementView): string {
  const columns: readonly Column<PlacementJson["rejected"][number]>[] = [
    { heading: "NODE", value: ({ node }) => node, shrinkTo: 12 },
    { heading: "WHY NOT", value: ({ filters }) => whyNot(filters), shrinkTo: 24, wraps: true },
  ];
  return renderTable(columns, nearestFirst(rejected), width);
}

/** Those that come nearest to taking the task first. */
function renderGroups({ rejected }: PlacementJson, { width }: PlacementView): string {
  const columns: readonly Column<ReturnType<typeof groupAlike>[number]>[] = [
    { heading: "NODES", value: ({ nodes }) => String(nodes.length) },
    { heading: "NEAREST", value: ({ nodes }) => someOf(nodes), shrinkTo: 12 },
    { heading: "WHY NOT", value: ({ why }) => why, shrinkTo: 24, wraps: true },
  ];
  return `${renderTable(columns, groupAlike(rejected), width)}--all shows every node\n`;
}
