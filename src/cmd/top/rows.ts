/** Which tasks and nodes are listed, and in which order. */
import type { NodeJson } from "../../api/node-json.ts";
import type { TaskJson } from "../../api/task-json.ts";
import { TASK_STATES } from "../../task/state.ts";
import { formatProgram } from "../task-table.ts";
import type { Snapshot } from "./snapshot.ts";
import type { TopState } from "./top-state.ts";

type Order<Row> = (a: Row, b: Row) => number;

export function tasksShown({ tasks }: Snapshot, { sort, reversed, filter }: TopState): TaskJson[] {
  const found = tasks.filter((task) =>
    [task.name, task.id, task.state, task.health, task.node ?? "", formatProgram(task)].some((text) =>
      contains(text, filter),
    ),
  );
  return sorted(found, TASK_ORDERS[sort], reversed);
}

export function nodesShown({ nodes }: Snapshot, { sort, reversed, filter }: TopState): NodeJson[] {
  const found = nodes.filter((node) =>
    [node.name, node.status, node.availability, ...Object.entries(node.labels).map((pair) => pair.join("="))].some(
      (text) => contains(text, filter),
    ),
  );
  return sorted(found, NODE_ORDERS[sort], reversed);
}

function contains(text: string, part: string): boolean {
  return text.toLowerCase().includes(part.toLowerCase());
}

function sorted<Row extends { readonly name: string }>(
  rows: readonly Row[],
  order: Order<Row>,
  reversed: boolean,
): Row[] {
  const all = rows.toSorted((a, b) => order(a, b) || byName(a, b));
  return reversed ? all.toReversed() : all;
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name.localeCompare(b.name, "en", { numeric: true });
}

/** The largest, the newest and what is not in order first. */
const TASK_ORDERS: Readonly<Record<TopState["sort"], Order<TaskJson>>> = {
  cpu: (a, b) => (b.used?.cpu ?? -1) - (a.used?.cpu ?? -1),
  memory: (a, b) => (b.used?.memory ?? -1) - (a.used?.memory ?? -1),
  state: (a, b) => TASK_STATES.indexOf(a.state) - TASK_STATES.indexOf(b.state) || badness(b) - badness(a),
  name: byName,
  node: (a, b) => (a.node ?? "").localeCompare(b.node ?? "", "en", { numeric: true }),
  age: (a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt),
};

function badness({ health }: TaskJson): number {
  return health === "unhealthy" ? 1 : 0;
}

const NODE_ORDERS: Readonly<Record<TopState["sort"], Order<NodeJson>>> = {
  cpu: (a, b) => steps(b, "cpu") - steps(a, "cpu"),
  memory: (a, b) => steps(b, "memory") - steps(a, "memory"),
  state: (a, b) => Number(a.status === "ready") - Number(b.status === "ready"),
  name: byName,
  node: byName,
  age: (a, b) => Date.parse(b.joinedAt) - Date.parse(a.joinedAt),
};

/** Of the capacity that is in use; -1 where that is not known. */
export function share(
  { used, capacity }: Pick<NodeJson, "used" | "capacity">,
  what: "cpu" | "memory" | "disk",
): number {
  return used === null || capacity[what] <= 0 ? -1 : used[what] / capacity[what];
}

/** In steps of a twentieth: a little more or less moves nothing. */
function steps(node: NodeJson, what: "cpu" | "memory"): number {
  return Math.round(share(node, what) * 20);
}
