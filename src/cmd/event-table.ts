/** The history as people read it: a table, or a line for each event as it comes. */
import type { EventJson } from "../api/event-json.ts";
import { isFinal, TASK_STATES } from "../task/state.ts";
import { orDash } from "./format.ts";
import type { Paint, Style } from "./terminal/paint.ts";
import { renderTable, type Column } from "./terminal/table.ts";
import { displayWidth, printable } from "./terminal/text.ts";

export interface EventView {
  /** Columns of the terminal, undefined for a pipe. */
  readonly width: number | undefined;
  readonly paint: Paint;
  /** What a task is called, by its id. */
  readonly nameOf: (task: string) => string;
}

/** The columns before the reason, which stands last and is as long as it is. */
function columnsOf({ paint, nameOf }: Omit<EventView, "width">): readonly Column<EventJson>[] {
  return [
    { heading: "TIME", value: ({ at }) => at.replace(/\.\d+Z$/, "Z"), paint: (cell) => paint("dim", cell) },
    { heading: "WHAT", value: (event) => subject(event, nameOf), shrinkTo: 12 },
    { heading: "STATE", value: ({ to }) => orDash(to), paint: (cell, event) => paint(styleOf(event), cell) },
    { heading: "NODE", value: ({ node }) => orDash(node), shrinkTo: 8 },
  ];
}

export function renderEvents(events: readonly EventJson[], view: EventView): string {
  const reason: Column<EventJson> = { heading: "REASON", value: whole, shrinkTo: 24, wraps: true };
  return renderTable([...columnsOf(view), reason], events, view.width);
}

/** One event after the other under the same columns, which grow with what has to stand in them. */
export class EventLines {
  readonly #columns: readonly Column<EventJson>[];
  readonly #widths: number[];

  constructor(view: Omit<EventView, "width">) {
    this.#columns = columnsOf(view);
    this.#widths = [20, 12, 9, 8];
  }

  render(event: EventJson): string {
    const cells = this.#columns.map(({ value, paint }, x) => {
      const cell = printable(value(event));
      const width = Math.max(this.#widths[x] ?? 0, displayWidth(cell));
      this.#widths[x] = width;
      return (paint?.(cell, event) ?? cell) + " ".repeat(width - displayWidth(cell));
    });
    return `${[...cells, printable(whole(event))].join("  ").trimEnd()}\n`;
  }
}

/** The task by its name, or what else it is about. */
function subject({ kind, task }: EventJson, nameOf: EventView["nameOf"]): string {
  return task === null ? kind : nameOf(task);
}

/** The reason, and of which attempt where it is not the first. */
function whole({ attempt, reason }: EventJson): string {
  return attempt === null || attempt < 2 ? reason : `${reason} (attempt ${String(attempt)})`;
}

function styleOf({ to }: EventJson): Style {
  if (to === "failed" || to === "lost" || to === "unreachable") return "red";
  if (to === "running" || to === "ready") return "green";
  const state = TASK_STATES.find((each) => each === to);
  return state !== undefined && isFinal(state) ? "dim" : "yellow";
}
