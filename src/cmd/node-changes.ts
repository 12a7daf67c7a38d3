import type { PlanJson } from "../api/plan-json.ts";
import { counted, formatBytes, formatCores, formatPercent } from "./format.ts";
import { FEW, type PlanView } from "./plan-words.ts";
import { renderTable, type Column } from "./terminal/table.ts";

type NodeChange = PlanJson["nodes"][number];
type Resource = "cpu" | "memory" | "disk";

/** What a plan does to the nodes: tasks and reservations, before and after. */
export function renderNodeChanges(nodes: readonly NodeChange[], { width, showsAll }: PlanView): string {
  const resources = (["cpu", "memory", "disk"] as const).filter((what) =>
    nodes.some(({ before, after }) => before.reserved[what] !== after.reserved[what]),
  );
  const columns: readonly Column<NodeChange>[] = [
    { heading: "NODE", value: ({ name }) => name, shrinkTo: 12 },
    { heading: "TASKS", value: ({ before, after }) => fromTo(String(before.tasks), String(after.tasks)) },
    ...resources.map((what): Column<NodeChange> => ({
      heading: what.toUpperCase(),
      value: (node) => reserved(node, what),
    })),
  ];
  const shown = showsAll ? nodes : nodes.slice(0, FEW);
  const hidden = nodes.length - shown.length;
  const more = hidden === 0 ? "" : `… and ${counted(hidden, "more node")}; --all shows them\n`;
  return renderTable(columns, shown, width) + more;
}

/** `1 -> 2.5 of 4 (63%)`: reserved before and after, capacity, and the share after. */
function reserved({ before, after, capacity }: NodeChange, what: Resource): string {
  const format = what === "cpu" ? formatCores : formatBytes;
  const change = fromTo(format(before.reserved[what]), format(after.reserved[what]));
  return `${change} of ${format(capacity[what])} (${formatPercent(after.reserved[what], capacity[what])})`;
}

function fromTo(before: string, after: string): string {
  return before === after ? after : `${before} -> ${after}`;
}
