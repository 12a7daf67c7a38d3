/** How far the tasks are that somebody waits for. */
import type { TaskJson } from "../api/task-json.ts";
import { TASK_STATES } from "../task/state.ts";
import { formatAge, orDash } from "./format.ts";
import { stateStyle, type View } from "./task-table.ts";
import { renderTable, type Column } from "./terminal/table.ts";
import { printable, truncate } from "./terminal/text.ts";

/** More tasks than this are summed up. */
const FEW = 8;

export interface Standing {
  /** All that are known, in the order in which they were asked for. */
  readonly tasks: readonly TaskJson[];
  /** Those that are waited for. */
  readonly open: readonly TaskJson[];
}

/** A line for each task, or for many a summary and the one that has taken longest. */
export function waitLines({ tasks, open }: Standing, view: View): string[] {
  if (tasks.length > FEW) {
    const [first] = open;
    const lines = [summary({ tasks, open }), ...(first === undefined ? [] : [describe(first)])];
    return lines.map((line) => truncate(printable(line), (view.width ?? 80) - 1));
  }
  const columns: readonly Column<TaskJson>[] = [
    { heading: "", value: ({ name }) => name, shrinkTo: 12 },
    { heading: "", value: stateOf, paint: (cell, task) => view.paint(stateStyle(task), cell) },
    { heading: "", value: ({ node }) => orDash(node), shrinkTo: 8 },
    { heading: "", value: (task) => since(task, view.now) },
    { heading: "", value: ({ reason }) => reason, shrinkTo: 8 },
  ];
  const [, ...rows] = renderTable(columns, tasks, (view.width ?? 80) - 1)
    .replace(/\n$/, "")
    .split("\n");
  return rows;
}

/** The same in a sentence. */
export function describeStanding({ tasks, open }: Standing): string {
  const [first] = open;
  if (first === undefined) return summary({ tasks, open });
  const count =
    tasks.length === 1 ? "" : `${String(tasks.length - open.length)} of ${String(tasks.length)} are there; `;
  return count + describe(first);
}

/** `120 of 500 are there: 3 failed, 117 running, 380 scheduled` */
function summary({ tasks, open }: Standing): string {
  const states = TASK_STATES.map((state) => [state, tasks.filter((task) => task.state === state).length] as const)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${String(count)} ${state}`);
  return `${String(tasks.length - open.length)} of ${String(tasks.length)} are there: ${states.join(", ")}`;
}

function describe({ name, state, node, reason }: TaskJson): string {
  return `${name} is ${state}${node === null ? "" : ` on ${node}`}${reason === "" ? "" : `: ${reason}`}`;
}

/** `running, healthy` */
function stateOf({ state, health }: TaskJson): string {
  return health === "none" || state !== "running" ? state : `${state}, ${health}`;
}

/** How long it takes, or took. */
function since({ createdAt, finishedAt }: TaskJson, now: number): string {
  return formatAge(createdAt, finishedAt === null ? now : Date.parse(finishedAt));
}
