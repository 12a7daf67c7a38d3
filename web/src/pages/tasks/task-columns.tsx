/** The columns of a list of tasks. */
import { Link } from "wouter";
import { formatSize } from "../../../../src/utils/sizes.ts";
import { nodeHref, taskHref } from "../../app/pages.ts";
import { TaskBadge } from "../../components/badge.tsx";
import type { Column } from "../../components/data-table.tsx";
import { formatCores } from "../../components/format.ts";
import { Age } from "../../components/moment.tsx";
import type { TaskRow } from "./task-row.ts";

/** Broken before waiting before well, where a list is sorted by state. */
const URGENCY = { failed: 0, pending: 2, scheduled: 3, running: 4, completed: 5 } as const;

const NAME: Column<TaskRow> = {
  key: "name",
  title: "Name",
  width: "minmax(7rem, 2fr)",
  sortBy: ({ name }) => name,
  cell: () => null,
};

const STATE: Column<TaskRow> = {
  key: "state",
  title: "State",
  width: "7.25rem",
  sortBy: ({ state, health }) => (health === "unhealthy" ? 1 : URGENCY[state]),
  cell: (row) => <TaskBadge {...row} />,
};

const NODE: Column<TaskRow> = {
  key: "node",
  title: "Node",
  width: "minmax(6rem, 1fr)",
  sortBy: ({ node = "" }) => node,
  wideOnly: true,
  cell: ({ node }) =>
    node === undefined ? (
      <span className="muted">–</span>
    ) : (
      <Link href={nodeHref(node)} className="cell-link">
        {node}
      </Link>
    ),
};

const RUNS: Column<TaskRow> = {
  key: "runs",
  title: "Image or command",
  width: "minmax(8rem, 2fr)",
  sortBy: ({ runs }) => runs,
  wideOnly: true,
  cell: ({ runs }) => <span className="mono muted">{runs}</span>,
};

const WHY: Column<TaskRow> = {
  key: "reason",
  title: "Why",
  width: "minmax(8rem, 3fr)",
  wideOnly: true,
  cell: ({ reason }) => (
    <span className="muted" title={reason}>
      {reason}
    </span>
  ),
};

const DEMAND: Column<TaskRow> = {
  key: "demand",
  title: "Reserves",
  width: "8.5rem",
  align: "end",
  wideOnly: true,
  sortBy: ({ demand }) => demand?.memory ?? 0,
  cell: ({ demand }) => (demand === undefined ? "–" : `${formatCores(demand.cpu)} CPU, ${formatSize(demand.memory)}`),
};

const RESTARTS: Column<TaskRow> = {
  key: "restarts",
  title: "Restarts",
  width: "4.5rem",
  align: "end",
  wideOnly: true,
  sortBy: ({ restarts }) => restarts,
  cell: ({ restarts }) => restarts,
};

const SINCE: Column<TaskRow> = {
  key: "since",
  title: "Since",
  width: "3.5rem",
  align: "end",
  sortBy: ({ since }) => -since,
  cell: ({ since }) => <Age at={since} />,
};

export const LIVE_COLUMNS = [NAME, STATE, NODE, RUNS, WHY, DEMAND, RESTARTS, SINCE];
export const ENDED_COLUMNS = [NAME, STATE, NODE, RUNS, WHY, SINCE];
/** On the page of a node. */
export const NODE_TASK_COLUMNS = [NAME, STATE, RUNS, DEMAND, RESTARTS, SINCE];

export function linkOfTask({ id, name }: TaskRow): { readonly href: string; readonly text: string } {
  return { href: taskHref(id), text: name };
}

export function keyOfTask({ id }: TaskRow): string {
  return id;
}
