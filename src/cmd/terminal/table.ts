/**
 * Plain columns, as docker and kubectl print them: a heading, no borders, two spaces between. On a terminal a row is
 * never wider than the screen: it is cut, or goes on below, as its columns say; in a pipe it is one line, and whole.
 */
import { displayWidth, printable, truncate } from "./text.ts";

export interface Column<Row> {
  readonly heading: string;
  readonly value: (row: Row) => string;
  /** May be cut where the screen is too narrow, down to so many columns. */
  readonly shrinkTo?: number;
  /** Goes on in the next line instead of being cut. */
  readonly wraps?: boolean;
  /** Puts colour on a cell that is already cut and padded. */
  readonly paint?: (cell: string, row: Row) => string;
}

const GAP = 2;

/** The table with a line break after every line. `width` is that of the terminal, undefined for a pipe or a file. */
export function renderTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[], width?: number): string {
  const cells = rows.map((row) => columns.map((column) => printable(column.value(row))));
  const widths = columnWidths(columns, cells, width);
  const headings = line(
    columns.map(({ heading }) => heading),
    widths,
  );
  const body = rows.flatMap((row, y) => {
    const lines = wrapRow(columns, cells[y] ?? [], widths);
    return lines.map((each) => line(each, widths, (cell, x) => columns[x]?.paint?.(cell, row) ?? cell));
  });
  return [headings, ...body].map((text) => `${text}\n`).join("");
}

/**
 * Natural widths; where they are too many for the screen, the widest column that may shrink gives way first, and on a
 * very narrow one the columns on the right: 0 is left out.
 */
function columnWidths<Row>(
  columns: readonly Column<Row>[],
  cells: readonly (readonly string[])[],
  available: number | undefined,
): number[] {
  const widths = columns.map(({ heading }, x) =>
    cells.reduce((widest, row) => Math.max(widest, displayWidth(row[x] ?? "")), heading.length),
  );
  if (available === undefined) return widths;
  let excess = widths.reduce((sum, width) => sum + width + GAP, -GAP) - available;
  while (excess > 0) {
    const widest = widestShrinkable(columns, widths);
    if (widest === undefined) break;
    widths[widest] = (widths[widest] ?? 1) - 1;
    excess -= 1;
  }
  for (let x = widths.length - 1; excess > 0 && x > 0; x -= 1) {
    const width = widths[x] ?? 0;
    widths[x] = width > excess ? width - excess : 0;
    excess -= width > excess ? excess : width + GAP;
  }
  return widths;
}

function widestShrinkable<Row>(columns: readonly Column<Row>[], widths: readonly number[]): number | undefined {
  let widest: number | undefined;
  for (const [x, { shrinkTo, heading }] of columns.entries()) {
    if (shrinkTo === undefined || (widths[x] ?? 0) <= Math.max(shrinkTo, heading.length)) continue;
    if (widest === undefined || (widths[x] ?? 0) > (widths[widest] ?? 0)) widest = x;
  }
  return widest;
}

/** The row, and below it what did not fit into the columns that wrap. */
function wrapRow<Row>(
  columns: readonly Column<Row>[],
  cells: readonly string[],
  widths: readonly number[],
): readonly (readonly string[])[] {
  const parts = cells.map((cell, x) => {
    const width = widths[x] ?? 0;
    return columns[x]?.wraps === true && width > 0 ? wrap(cell, width) : [cell];
  });
  const height = Math.max(1, ...parts.map(({ length }) => length));
  return Array.from({ length: height }, (_, y) => parts.map((part) => part[y] ?? ""));
}

/** Broken at blanks, so that each line has at most so many columns; a longer word stands alone. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let current = "";
  for (const word of text.split(" ")) {
    const longer = current === "" ? word : `${current} ${word}`;
    if (current !== "" && displayWidth(longer) > width) {
      lines.push(current);
      current = word;
    } else {
      current = longer;
    }
  }
  return [...lines, current];
}

function line(
  cells: readonly string[],
  widths: readonly number[],
  paint = (cell: string, _x: number): string => cell,
): string {
  return cells
    .map((text, x) => {
      const width = widths[x] ?? 0;
      if (width === 0) return "";
      const cut = truncate(text, width);
      return (
        (x === 0 ? "" : " ".repeat(GAP)) + (cut === "" ? "" : paint(cut, x)) + " ".repeat(width - displayWidth(cut))
      );
    })
    .join("")
    .trimEnd();
}

export interface FieldPaint {
  readonly name: (name: string) => string;
  readonly value: (value: string, name: string) => string;
}

const PLAIN: FieldPaint = { name: (name) => name, value: (value) => value };

/** `name: value` lines with the values under each other; a line break in a value begins a new line there. */
export function renderFields(fields: readonly (readonly [name: string, value: string])[], paint = PLAIN): string {
  const widest = Math.max(0, ...fields.map(([name]) => name.length));
  const lines = fields.flatMap(([name, value]) =>
    value.split("\n").map((part, index) => {
      const label = index === 0 ? `${paint.name(name)}:${" ".repeat(widest - name.length)}` : " ".repeat(widest + 1);
      return `${label}${" ".repeat(GAP)}${paint.value(printable(part), name)}`.trimEnd();
    }),
  );
  return lines.map((text) => `${text}\n`).join("");
}
