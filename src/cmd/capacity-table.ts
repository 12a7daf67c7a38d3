import type { CapacityJson } from "../api/plan-json.ts";
import { range } from "./format.ts";
import { countByFilter, formatCounts } from "../scheduler/nearest.ts";
import { groupAlike, whyNot } from "./node-groups.ts";
import { FEW, someOf, taskName, type PlanView } from "./plan-words.ts";
import { renderTable, type Column } from "./terminal/table.ts";
import { printable } from "./terminal/text.ts";

type NodeCapacity = CapacityJson["nodes"][number];

/** How many more of a task there is room for, and what limits each node. `by` begins the sentence. */
export function renderCapacity(capacity: CapacityJson, by: string, view: PlanView): string {
  const { nodes } = capacity;
  const { paint, width, showsAll } = view;
  const heading = `${paint("bold", printable(by + sentence(capacity)))}\n`;
  if (nodes.length === 0) return heading;
  const table = nodes.length > FEW && !showsAll ? renderAlike(nodes, width) : renderEach(nodes, width);
  return `${heading}\n${table}`;
}

function sentence({ task, total, nodes, wouldFitIf }: CapacityJson): string {
  const name = task.name ?? (task.index === 0 ? "this task" : taskName(task));
  if (total === null) return `Room for any number of ${name}: nothing limits them.`;
  if (total > 0) {
    const taking = nodes.filter(({ count }) => count !== 0).length;
    return `Room for ${String(total)} more of ${name}, on ${String(taking)} of ${String(nodes.length)} nodes.`;
  }
  const why = nodes.length === 0 ? "no node has joined" : formatCounts(countByFilter(rejections(nodes)));
  const help = wouldFitIf === null ? "" : `; what would help: ${wouldFitIf}`;
  return `Room for no more of ${name}: ${why}${help}.`;
}

function rejections(nodes: readonly NodeCapacity[]) {
  return nodes.map(({ node, limits }) => ({ node, filters: limits }));
}

function renderEach(nodes: readonly NodeCapacity[], width: number | undefined): string {
  const columns: readonly Column<NodeCapacity>[] = [
    { heading: "NODE", value: ({ node }) => node, shrinkTo: 12 },
    { heading: "MORE", value: ({ count }) => (count === null ? "any" : String(count)) },
    { heading: "LIMITED BY", value: ({ limits }) => whyNot(limits), shrinkTo: 24, wraps: true },
  ];
  return renderTable(columns, nodes, width);
}

interface Alike {
  readonly nodes: readonly NodeCapacity[];
  readonly why: string;
}

/** Nodes with the same limits are one row: those that take some, and those that take none, apart. */
function renderAlike(nodes: readonly NodeCapacity[], width: number | undefined): string {
  const byName = new Map(nodes.map((node) => [node.node, node]));
  const parts = [nodes.filter(({ count }) => count !== 0), nodes.filter(({ count }) => count === 0)];
  const groups = parts.flatMap((part) =>
    groupAlike(rejections(part)).map((group): Alike => ({
      nodes: group.nodes.flatMap((name) => byName.get(name) ?? []),
      why: group.why,
    })),
  );
  const columns: readonly Column<Alike>[] = [
    { heading: "NODES", value: (group) => String(group.nodes.length) },
    { heading: "MORE", value: sumOf },
    { heading: "EACH", value: eachOf },
    { heading: "E.G.", value: (group) => someOf(group.nodes.map(({ node }) => node)), shrinkTo: 12 },
    { heading: "LIMITED BY", value: ({ why }) => why, shrinkTo: 24, wraps: true },
  ];
  return renderTable(columns, groups, width);
}

function sumOf({ nodes }: Alike): string {
  let sum = 0;
  for (const { count } of nodes) {
    if (count === null) return "any";
    sum += count;
  }
  return String(sum);
}

function eachOf({ nodes }: Alike): string {
  const counts = nodes.flatMap(({ count }) => count ?? []);
  return counts.length < nodes.length ? "any" : range(counts);
}
