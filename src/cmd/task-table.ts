import type { TaskJson } from "../api/task-json.ts";
import { formatAge, orDash } from "./format.ts";
import type { Paint, Style } from "./terminal/paint.ts";
import { renderTable, type Column } from "./terminal/table.ts";

export interface View {
  /** Wall clock, milliseconds. */
  readonly now: number;
  /** Columns of the terminal, undefined for a pipe. */
  readonly width: number | undefined;
  readonly paint: Paint;
}

/** The table of `birdman status`. */
export function renderTasks(tasks: readonly TaskJson[], { now, width, paint }: View): string {
  const idLength = shortestDistinct(tasks.map(({ id }) => id));
  const columns: readonly Column<TaskJson>[] = [
    { heading: "ID", value: ({ id }) => (width === undefined ? id : id.slice(0, idLength)) },
    { heading: "NAME", value: ({ name }) => name, shrinkTo: 12 },
    { heading: "STATE", value: ({ state }) => state, paint: (cell, task) => paint(stateStyle(task), cell) },
    { heading: "HEALTH", value: formatHealth, paint: (cell, task) => paint(healthStyle(task), cell) },
    { heading: "NODE", value: ({ node }) => orDash(node), shrinkTo: 8 },
    { heading: "PORTS", value: formatPorts, shrinkTo: 11 },
    { heading: "RESTARTS", value: ({ restarts }) => String(restarts) },
    { heading: "AGE", value: ({ createdAt }) => formatAge(createdAt, now) },
    { heading: "IMAGE", value: formatProgram, shrinkTo: 12 },
  ];
  return renderTable(columns, tasks, width);
}

/** Ids made one after another begin alike: as much of them as tells these apart, and twice as much as a person would type. */
export function shortestDistinct(ids: readonly string[]): number {
  let length = 13;
  while (length < 36 && new Set(ids.map((id) => id.slice(0, length))).size < ids.length) length += 1;
  return length;
}

export function stateStyle({ state }: TaskJson): Style {
  switch (state) {
    case "running":
      return "green";
    case "failed":
      return "red";
    case "completed":
      return "dim";
    case "pending":
    case "scheduled":
      return "yellow";
  }
}

export function healthStyle({ health }: TaskJson): Style {
  if (health === "healthy") return "green";
  return health === "unhealthy" ? "red" : "dim";
}

export function formatHealth({ health }: TaskJson): string {
  return health === "none" ? "-" : health;
}

/** `127.0.0.1:20001->7777`, with `/udp` where it is not TCP. */
export function formatPorts({ ports }: TaskJson): string {
  const published = ports.map(({ address, host, container, protocol }) => {
    const at = address.includes(":") ? `[${address}]` : address;
    return `${at}:${String(host)}->${String(container)}${protocol === "tcp" ? "" : `/${protocol}`}`;
  });
  return orDash(published.join(", "));
}

/** What runs: the image, or the command of a plain process. */
export function formatProgram({ spec }: TaskJson): string {
  return orDash(spec.image ?? spec.command?.join(" "));
}
