/** The live view as lines of text: totals, what needs attention, nodes, tasks, and what the keys do. */
import { stripVTControlCharacters } from "node:util";
import type { NodeJson } from "../../api/node-json.ts";
import type { TaskJson } from "../../api/task-json.ts";
import { TASK_STATES } from "../../task/state.ts";
import { counted, formatAge, formatBytes, formatCores, formatPercent, orDash } from "../format.ts";
import { formatStatus, renderNode, statusStyle } from "../node-table.ts";
import { renderTask } from "../task-details.ts";
import { formatHealth, formatProgram, healthStyle, stateStyle } from "../task-table.ts";
import type { Paint, Style } from "../terminal/paint.ts";
import { renderTable, type Column } from "../terminal/table.ts";
import { displayWidth, printable, truncate } from "../terminal/text.ts";
import { attention } from "./attention.ts";
import { nodesShown, share, tasksShown } from "./rows.ts";
import type { Snapshot } from "./snapshot.ts";
import { rowOf, type TopState } from "./top-state.ts";

export interface TopFrame {
  readonly snapshot: Snapshot;
  readonly state: TopState;
  readonly paint: Paint;
  /** Wall clock, milliseconds. */
  readonly now: number;
  /** Why what is shown is old, where it is. */
  readonly trouble?: string | undefined;
  /** Of the terminal; undefined for a pipe, which gets everything. */
  readonly size?: { readonly columns: number; readonly rows: number } | undefined;
}

export interface TopPicture {
  readonly lines: readonly string[];
  /** Ids of the tasks, or names of the nodes, of the list that the keys move in. */
  readonly rows: readonly string[];
  /** Rows of a page. */
  readonly page: number;
}

/** Nodes above the tasks. */
const NODES_BESIDE = 5;
const MOST_ATTENTION = 4;
const KEYS = "q quit  enter details  tab nodes  s sort  r reverse  / filter";
const DETAIL_KEYS = "q back  ↑↓ scroll";

export function drawTop(frame: TopFrame): TopPicture {
  const { snapshot, state, size, now, paint } = frame;
  if (state.detail !== undefined && size !== undefined) return drawDetail(frame, state.detail, size);
  const width = size?.columns;
  const fit = (text: string): string => truncate(printable(text), width ?? Number.POSITIVE_INFINITY);
  const concerns = [...(frame.trouble === undefined ? [] : [frame.trouble]), ...attention(snapshot, now)];
  const shown = size === undefined ? concerns : concerns.slice(0, MOST_ATTENTION);
  const more = concerns.length - shown.length;
  const head = [
    ...totals(frame).map(fit),
    ...shown.map((line) => paint("red", fit(`! ${line}`))),
    ...(more === 0 ? [] : [paint("red", `! and ${String(more)} more`)]),
    "",
  ];
  const body = state.list === "tasks" ? drawTasks(frame, head.length) : drawNodes(frame, head.length);
  const foot = size === undefined ? [] : [paint("inverse", padTo(fit(prompt(state)), size.columns))];
  const lines = [...head, ...body.lines];
  if (size !== undefined) while (lines.length < size.rows - 1) lines.push("");
  return { ...body, lines: [...lines.slice(0, size === undefined ? undefined : size.rows - 1), ...foot] };
}

function totals({ snapshot: { stats, nodes }, now, size }: TopFrame): string[] {
  const { tasks, uptime, scheduler, store } = stats;
  const states = TASK_STATES.map((each) => `${String(tasks[each])} ${each}`).join(", ");
  const ready = `${String(stats.nodes.ready)} of ${counted(nodes.length, "node")} ready`;
  const time = new Date(now).toISOString().slice(11, 19);
  const head = `birdman  up ${formatAge(new Date(now - uptime).toISOString(), now)}, ${scheduler}, ${store}, ${ready}`;
  const gap = size === undefined ? 2 : Math.max(2, size.columns - displayWidth(head) - time.length - 1);
  return [
    `${head}${" ".repeat(gap)}${time}Z`,
    `Tasks   ${states}`,
    ...(["cpu", "memory"] as const).map((what) => {
      const format = what === "cpu" ? formatCores : formatBytes;
      const { used, reserved, capacity } = {
        used: stats.used[what],
        reserved: stats.reserved[what],
        capacity: stats.capacity[what],
      };
      const amounts = `${format(used)} used, ${format(reserved)} reserved of ${format(capacity)}${what === "cpu" ? " cores" : ""}`;
      return `${what === "cpu" ? "CPU   " : "Memory"}  ${bar(capacity === 0 ? -1 : used / capacity, 20)} ${amounts}`;
    }),
  ];
}

/** `[||||      ]`; empty where nothing is known. */
function bar(part: number, width: number): string {
  const filled = Math.max(0, Math.min(width, Math.round(part * width)));
  return `[${"|".repeat(filled)}${" ".repeat(width - filled)}]`;
}

function drawTasks(frame: TopFrame, above: number): TopPicture {
  const { snapshot, state, size, now, paint } = frame;
  const nodes = nodesShown(snapshot, { ...state, filter: "" });
  const few = size === undefined ? nodes : nodes.slice(0, NODES_BESIDE);
  const table = linesOf(renderTable(nodeColumns(paint), few, size?.columns));
  const hidden = nodes.length - few.length;
  const beside = [...table, ...(hidden === 0 ? [] : [paint("dim", `… and ${counted(hidden, "more node")}: tab`)]), ""];
  const tasks = tasksShown(snapshot, state);
  const columns: readonly Column<TaskJson>[] = [
    { heading: "TASK", value: ({ name }) => name, shrinkTo: 12 },
    { heading: "STATE", value: (task) => task.state, paint: (cell, task) => paint(stateStyle(task), cell) },
    { heading: "HEALTH", value: formatHealth, paint: (cell, task) => paint(healthStyle(task), cell) },
    { heading: "NODE", value: ({ node }) => orDash(node), shrinkTo: 8 },
    { heading: "CPU", value: ({ used }) => (used === null ? "-" : used.cpu.toFixed(2)) },
    { heading: "MEMORY", value: ({ used }) => (used === null ? "-" : formatBytes(used.memory)) },
    { heading: "RESTARTS", value: ({ restarts }) => String(restarts) },
    { heading: "AGE", value: ({ createdAt }) => formatAge(createdAt, now) },
    { heading: "IMAGE", value: formatProgram, shrinkTo: 8 },
  ];
  const list = drawList(frame, { columns, rows: tasks, keyOf: ({ id }) => id, above: above + beside.length });
  const isPart =
    snapshot.tasks.length <
    snapshot.stats.tasks.running + snapshot.stats.tasks.scheduled + snapshot.stats.tasks.pending;
  const note = isPart && size === undefined ? [`these are the newest ${String(snapshot.tasks.length)}`] : [];
  return { ...list, lines: [...beside, ...list.lines, ...note] };
}

function drawNodes(frame: TopFrame, above: number): TopPicture {
  const nodes = nodesShown(frame.snapshot, frame.state);
  return drawList(frame, { columns: nodeColumns(frame.paint), rows: nodes, keyOf: ({ name }) => name, above });
}

function nodeColumns(paint: Paint): readonly Column<NodeJson>[] {
  const use = (node: NodeJson, what: "cpu" | "memory" | "disk"): string =>
    `${bar(share(node, what), 8)} ${formatPercent(node.used?.[what], node.capacity[what])}`;
  return [
    { heading: "NODE", value: ({ name }) => name, shrinkTo: 10 },
    { heading: "STATUS", value: formatStatus, paint: (cell, node) => paint(statusStyle(node), cell) },
    { heading: "TASKS", value: ({ tasks }) => String(tasks.running + tasks.scheduled) },
    {
      heading: "CPU",
      value: (node) => use(node, "cpu"),
      paint: (cell, node) => paint(useStyle(share(node, "cpu")), cell),
    },
    {
      heading: "MEMORY",
      value: (node) => use(node, "memory"),
      paint: (cell, node) => paint(useStyle(share(node, "memory")), cell),
    },
    {
      heading: "DISK",
      value: (node) => use(node, "disk"),
      paint: (cell, node) => paint(useStyle(share(node, "disk")), cell),
    },
  ];
}

function useStyle(part: number): Style {
  if (part >= 0.9) return "red";
  return part >= 0.7 ? "yellow" : "green";
}

interface List<Row> {
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  /** Lines that stand above it. */
  readonly above: number;
}

/** As many rows as there is room for, among them the one under the cursor. */
function drawList<Row>({ size, state, paint }: TopFrame, { columns, rows, keyOf, above }: List<Row>): TopPicture {
  const keys = rows.map(keyOf);
  if (size === undefined) return { lines: linesOf(renderTable(columns, rows)), rows: keys, page: rows.length };
  // A heading above, the keys below.
  const page = Math.max(1, size.rows - above - 2);
  const cursor = rowOf(state, keys);
  const first = Math.max(0, cursor - page + 1);
  const table = linesOf(renderTable(columns, rows.slice(first, first + page), size.columns));
  const lines = table.map((line, index) => {
    if (index === 0) return paint("bold", line);
    return index - 1 + first === cursor ? paint("inverse", padTo(stripVTControlCharacters(line), size.columns)) : line;
  });
  return { lines, rows: keys, page };
}

function drawDetail(
  { snapshot, paint, now }: TopFrame,
  { key, line }: NonNullable<TopState["detail"]>,
  { columns, rows }: { readonly columns: number; readonly rows: number },
): TopPicture {
  const node = snapshot.nodes.find(({ name }) => name === key);
  const view = { now, width: columns, paint };
  const { detail } = snapshot;
  const found = detail?.task.id === key ? renderTask(detail.task, detail.events, view) : undefined;
  const text = found ?? (node === undefined ? "…" : renderNode(node, view));
  const all = linesOf(text).map((each) => cutTo(each, columns));
  const page = rows - 1;
  const first = Math.max(0, Math.min(line, all.length - page));
  const lines = all.slice(first, first + page);
  while (lines.length < page) lines.push("");
  return { lines: [...lines, paint("inverse", padTo(DETAIL_KEYS, columns))], rows: [], page };
}

/** A line that may hold colour: one that is too long loses it. */
function cutTo(line: string, columns: number): string {
  const plain = stripVTControlCharacters(line);
  return displayWidth(plain) <= columns ? line : truncate(plain, columns);
}

function prompt({ isTyping, filter, sort, reversed }: TopState): string {
  if (isTyping) return `filter: ${filter}_  (enter keeps it, esc clears it)`;
  const order = `by ${sort}${reversed ? ", reversed" : ""}${filter === "" ? "" : `, only '${filter}'`}`;
  return `${order}  |  ${KEYS}`;
}

function padTo(text: string, columns: number): string {
  const cut = truncate(text, columns);
  return cut + " ".repeat(columns - displayWidth(cut));
}

function linesOf(text: string): string[] {
  return text.replace(/\n$/, "").split("\n");
}
