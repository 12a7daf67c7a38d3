import type { NodeJson } from "../api/node-json.ts";
import { formatAge, formatBytes, formatCores, formatShare, orDash } from "./format.ts";
import type { View } from "./task-table.ts";
import type { Style } from "./terminal/paint.ts";
import { renderFields, renderTable, type Column } from "./terminal/table.ts";

type Resource = "cpu" | "memory" | "disk";

/** The table of `birdman node`. */
export function renderNodes(nodes: readonly NodeJson[], { now, width, paint }: View): string {
  const columns: readonly Column<NodeJson>[] = [
    { heading: "NAME", value: ({ name }) => name, shrinkTo: 12 },
    { heading: "STATUS", value: formatStatus, paint: (cell, node) => paint(statusStyle(node), cell) },
    { heading: "TASKS", value: ({ tasks }) => String(tasks.scheduled + tasks.running) },
    { heading: "CPU", value: (node) => share(node, "cpu") },
    { heading: "MEMORY", value: (node) => share(node, "memory") },
    { heading: "DISK", value: (node) => share(node, "disk") },
    { heading: "LABELS", value: ({ labels }) => formatLabels(labels, ","), shrinkTo: 8 },
    { heading: "AGE", value: ({ joinedAt }) => formatAge(joinedAt, now) },
  ];
  return renderTable(columns, nodes, width);
}

/** Everything about one node. */
export function renderNode(node: NodeJson, { now, paint }: View): string {
  const fields: readonly (readonly [name: string, value: string])[] = [
    ["Name", node.name],
    ["Status", formatStatus(node)],
    ...(node.reason === "" ? [] : [["Reason", node.reason] as const]),
    ["Address", node.address],
    ["Runtimes", orDash(node.runtimes.join(", "))],
    ["Tasks", `${String(node.tasks.running)} running, ${String(node.tasks.scheduled)} starting`],
    ["CPU", `${share(node, "cpu")} reserved/capacity (used)`],
    ["Memory", share(node, "memory")],
    ["Disk", share(node, "disk")],
    ["Labels", formatLabels(node.labels, "\n")],
    ["Version", node.version],
    ["Joined", `${node.joinedAt} (${formatAge(node.joinedAt, now)} ago)`],
    ["Last seen", `${node.lastSeenAt} (${formatAge(node.lastSeenAt, now)} ago)`],
  ];
  return renderFields(fields, {
    name: (name) => paint("bold", name),
    value: (value, name) => (name === "Status" ? paint(statusStyle(node), value) : value),
  });
}

/** `ready`, and in brackets why it gets no tasks although it is. */
export function formatStatus({ status, availability }: NodeJson): string {
  return availability === "active" ? status : `${status} (${availability})`;
}

export function statusStyle({ status, availability }: NodeJson): Style {
  if (status === "lost" || status === "unreachable") return "red";
  return status === "ready" && availability === "active" ? "green" : "yellow";
}

export function share(
  { reserved, capacity, used }: Pick<NodeJson, "reserved" | "capacity" | "used">,
  resource: Resource,
): string {
  const amounts = { reserved: reserved[resource], capacity: capacity[resource], used: used?.[resource] };
  return formatShare(amounts, resource === "cpu" ? formatCores : formatBytes);
}

function formatLabels(labels: Readonly<Record<string, string>>, separator: string): string {
  return orDash(
    Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(separator),
  );
}
