/** A plan in tables: what it comes to, then task by task, then what it does to the nodes. */
import type { PlanJson, PlansJson } from "../api/plan-json.ts";
import { formatDuration } from "../utils/durations.ts";
import { renderCapacity } from "./capacity-table.ts";
import { formatCost } from "../scheduler/amounts.ts";
import { counted, orDash, range } from "./format.ts";
import { renderNodeChanges } from "./node-changes.ts";
import { compareOutcomes, comparePlacements } from "./plan-comparison.ts";
import {
  FEW,
  sentences,
  someOf,
  styleOf,
  taskName,
  whereTo,
  type Going,
  type Placement,
  type PlanView,
} from "./plan-words.ts";
import type { Paint } from "./terminal/paint.ts";
import { renderTable, type Column } from "./terminal/table.ts";
import { printable } from "./terminal/text.ts";

export function renderPlans({ plans, notes }: PlansJson, going: Going, view: PlanView): string {
  const { paint } = view;
  const placements = plans[0]?.placements ?? [];
  const isCompared = plans.length > 1;
  const heading = sentences(placements, going, isCompared ? "counts" : "outcomes");
  const paragraphs = [
    notes.map((note) => `${paint("yellow", printable(`Note: ${note}.`))}\n`).join(""),
    heading.map((sentence) => `${paint("bold", printable(sentence))}\n`).join(""),
  ];
  if (placements.length > 0) paragraphs.push(...(isCompared ? comparison(plans, view) : details(plans[0], view)));
  for (const { scheduler, capacity } of plans) {
    for (const each of capacity) paragraphs.push(renderCapacity(each, isCompared ? `By ${scheduler}: ` : "", view));
  }
  return paragraphs.filter((paragraph) => paragraph !== "").join("\n");
}

function comparison(plans: readonly PlanJson[], view: PlanView): string[] {
  return [compareOutcomes(plans, view), comparePlacements(plans, view)];
}

function details(plan: PlanJson | undefined, view: PlanView): string[] {
  if (plan === undefined) return [];
  const { placements, nodes } = plan;
  const isShort = placements.length > FEW && !view.showsAll;
  return [
    isShort ? renderAlike(placements, view) : renderEach(placements, view),
    nodes.length === 0 ? "" : renderNodeChanges(nodes, view),
  ];
}

function renderEach(placements: readonly Placement[], { width, paint }: PlanView): string {
  const columns: readonly Column<Placement>[] = [
    { heading: "TASK", value: ({ task }) => taskName(task), shrinkTo: 12 },
    ...whereColumns(placements, paint),
    { heading: "WHY", value: why, shrinkTo: 24, wraps: true },
  ];
  return renderTable(columns, placements, width);
}

interface Alike {
  readonly like: Placement;
  readonly names: string[];
  /** How many of them each node would get. */
  readonly nodes: Map<string, number>;
}

/** Tasks that fare alike are one row: those that are placed, and those that are not for the same reason. */
function renderAlike(placements: readonly Placement[], { width, paint }: PlanView): string {
  const groups = new Map<string, Alike>();
  for (const placement of placements) {
    const { task, outcome, from, to, afterMs } = placement;
    const key = JSON.stringify([outcome, from, afterMs, outcome === "placed" ? "" : why(placement)]);
    const group = groups.get(key) ?? { like: placement, names: [], nodes: new Map<string, number>() };
    group.names.push(taskName(task));
    if (to !== null) group.nodes.set(to, (group.nodes.get(to) ?? 0) + 1);
    groups.set(key, group);
  }
  const columns: readonly Column<Alike>[] = [
    { heading: "TASKS", value: ({ names }) => String(names.length) },
    { heading: "E.G.", value: ({ names }) => someOf([...new Set(names)]), shrinkTo: 12 },
    ...whereColumns(placements, paint).map(({ heading, value, paint: color }): Column<Alike> => {
      const painted = color === undefined ? {} : { paint: (cell: string, { like }: Alike) => color(cell, like) };
      return { heading, value: (group) => (heading === TO ? manyNodes(group) : value(group.like)), ...painted };
    }),
    { heading: "WHY", value: ({ like }) => (like.outcome === "placed" ? "" : why(like)), shrinkTo: 24, wraps: true },
  ];
  return `${renderTable(columns, [...groups.values()], width)}--all shows every task\n`;
}

/** `140 nodes, 1 to 4 each` */
function manyNodes({ like, nodes }: Alike): string {
  const [first, ...more] = nodes.keys();
  if (first === undefined || more.length === 0) return whereTo(like);
  return `${String(nodes.size)} nodes, ${range([...nodes.values()])} each`;
}

const TO = "TO";

function whereColumns(placements: readonly Placement[], paint: Paint): Column<Placement>[] {
  const columns: Column<Placement>[] = [];
  if (placements.some(({ from }) => from !== null)) {
    columns.push({ heading: "FROM", value: ({ from }) => orDash(from), shrinkTo: 8 });
  }
  columns.push({ heading: TO, value: whereTo, shrinkTo: 8, paint: (cell, one) => paint(styleOf(one), cell) });
  if (placements.some(({ afterMs }) => afterMs !== null)) {
    const after = ({ afterMs }: Placement): string => (afterMs === null ? "-" : formatDuration(afterMs));
    columns.push({ heading: "AFTER", value: after });
  }
  return columns;
}

function why({ outcome, reason, explanation }: Placement): string {
  const [chosen, next] = explanation?.costs ?? [];
  if (outcome === "waits" || outcome === "stays") return reason.replace(/^.*\bwaiting: /, "");
  if (outcome !== "placed" || explanation === null || chosen === undefined) return reason;
  if (next === undefined) return `the only one that fits, of ${counted(explanation.considered, "node")}`;
  return `cost ${formatCost(chosen.cost)}; next best ${next.node}, ${formatCost(next.cost)}`;
}
