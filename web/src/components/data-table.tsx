/**
 * A table of any length: only the rows in sight are in the document. Columns sort by their heads; the arrow keys go
 * through the rows, and the whole row leads to where its link leads.
 */
import { useVirtualizer } from "@tanstack/react-virtual";
import { type CSSProperties, type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { Link } from "wouter";
import { Icon } from "./icon.tsx";
import "./data-table.css";

export interface Column<Row> {
  readonly key: string;
  readonly title: string;
  /** A track of a CSS grid: `minmax(8rem, 2fr)`. */
  readonly width: string;
  readonly cell: (row: Row) => ReactNode;
  /** What it is sorted by; a column without it does not sort. */
  readonly sortBy?: (row: Row) => string | number;
  readonly align?: "end";
  /** Left out where there is little room. */
  readonly wideOnly?: boolean;
}

export interface Sorting {
  readonly key: string;
  readonly isDescending: boolean;
}

interface DataTableProps<Row> {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  readonly rowKey: (row: Row) => string;
  /** Where the row leads, and the words of the link, which stand in the first column. */
  readonly rowLink: (row: Row) => { readonly href: string; readonly text: string };
  readonly initialSorting: Sorting;
  /** Grows to so many rows and scrolls then; else it fills its parent. */
  readonly isCapped?: boolean;
  /** Called when the end comes into sight. */
  readonly onEnd?: () => void;
  /** Stands in the place of no rows. */
  readonly empty: ReactNode;
}

const ROW_PX = 36;
const OVERSCAN = 12;

export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, columns, rowKey, rowLink, initialSorting, isCapped = false, onEnd, empty } = props;
  const [sorting, setSorting] = useState(initialSorting);
  const rows = useMemo(() => sorted(props.rows, columns, sorting), [props.rows, columns, sorting]);
  const scroll = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
    getItemKey: (index) => {
      const row = rows[index];
      return row === undefined ? index : rowKey(row);
    },
  });
  const roving = useRovingRows(rows.length, virtualizer.scrollToIndex, scroll);
  const visible = virtualizer.getVirtualItems();
  const lastVisible = visible.at(-1)?.index ?? -1;
  useEffect(() => {
    if (lastVisible >= rows.length - 1) onEnd?.();
  }, [lastVisible, rows.length, onEnd]);
  if (rows.length === 0) return <>{empty}</>;
  const tracks = {
    "--columns": columns.map(({ width }) => width).join(" "),
    "--columns-narrow": columns
      .filter(({ wideOnly = false }) => !wideOnly)
      .map(({ width }) => width)
      .join(" "),
  } as CSSProperties;
  return (
    <div className={isCapped ? "table capped" : "table"} style={tracks}>
      <div className="table-scroll" ref={scroll} role="table" aria-label={label} aria-rowcount={rows.length + 1}>
        <div role="rowgroup">
          <div className="table-head" role="row" aria-rowindex={1}>
            {columns.map((column) => (
              <HeadCell key={column.key} column={column} sorting={sorting} onSort={setSorting} />
            ))}
          </div>
        </div>
        <div
          role="rowgroup"
          style={{ position: "relative", height: virtualizer.getTotalSize() }}
          onKeyDown={roving.onKeyDown}
        >
          {visible.map(({ index, key, start }) => {
            const row = rows[index];
            if (row === undefined) return null;
            const { href, text } = rowLink(row);
            return (
              <div
                key={key}
                className="table-row"
                role="row"
                aria-rowindex={index + 2}
                style={{ height: ROW_PX, transform: `translateY(${String(start)}px)` }}
              >
                {columns.map((column, place) => (
                  <div key={column.key} role="cell" className={`table-cell ${classesOf(column)}`}>
                    {place > 0 ? null : (
                      <Link
                        href={href}
                        className="row-link"
                        data-row={index}
                        tabIndex={index === roving.active ? 0 : -1}
                        onFocus={() => roving.setActive(index)}
                      >
                        {text}
                      </Link>
                    )}
                    {column.cell(row)}
                  </div>
                ))}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

interface HeadCellProps<Row> {
  readonly column: Column<Row>;
  readonly sorting: Sorting;
  readonly onSort: (sorting: Sorting) => void;
}

function HeadCell<Row>({ column, sorting, onSort }: HeadCellProps<Row>) {
  const { key, title, sortBy } = column;
  if (sortBy === undefined) {
    return (
      <div role="columnheader" className={classesOf(column)}>
        {title}
      </div>
    );
  }
  const direction = sorting.isDescending ? "descending" : "ascending";
  const isSorted = sorting.key === key;
  return (
    <div role="columnheader" className={classesOf(column)} aria-sort={isSorted ? direction : "none"}>
      <button
        type="button"
        className={isSorted ? `sort ${direction}` : "sort"}
        onClick={() => onSort({ key, isDescending: isSorted && !sorting.isDescending })}
      >
        {title}
        <Icon name="sort" />
      </button>
    </div>
  );
}

function classesOf<Row>({ align, wideOnly = false }: Column<Row>): string {
  return `${align ?? ""} ${wideOnly ? "wide" : ""}`.trim();
}

function sorted<Row>(rows: readonly Row[], columns: readonly Column<Row>[], sorting: Sorting): readonly Row[] {
  const sortBy = columns.find(({ key }) => key === sorting.key)?.sortBy;
  if (sortBy === undefined) return rows;
  const keyed = rows.map((row) => ({ row, key: sortBy(row) }));
  const sign = sorting.isDescending ? -1 : 1;
  keyed.sort((a, b) => sign * compare(a.key, b.key));
  return keyed.map(({ row }) => row);
}

function compare(a: string | number, b: string | number): number {
  return typeof a === "number" && typeof b === "number" ? a - b : COLLATOR.compare(String(a), String(b));
}

/** `web-10` comes after `web-9`. */
const COLLATOR = new Intl.Collator("en", { numeric: true });

/** One stop of the tab key for all rows; arrows, Home and End go through them. */
function useRovingRows(
  count: number,
  scrollToIndex: (index: number) => void,
  scroll: { readonly current: HTMLDivElement | null },
) {
  const [chosen, setActive] = useState(0);
  const active = Math.max(0, Math.min(chosen, count - 1));
  const focusWanted = useRef(false);
  useEffect(() => {
    if (!focusWanted.current) return;
    const link = scroll.current?.querySelector<HTMLElement>(`[data-row="${String(active)}"]`);
    if (link === null || link === undefined) return;
    focusWanted.current = false;
    link.focus({ preventScroll: true });
  });
  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEPS.get(event.key);
    if (step === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(active + step, count - 1));
    focusWanted.current = true;
    setActive(next);
    scrollToIndex(next);
  };
  return { active, setActive, onKeyDown };
}

const STEPS = new Map([
  ["ArrowDown", 1],
  ["ArrowUp", -1],
  ["PageDown", 20],
  ["PageUp", -20],
  ["Home", Number.NEGATIVE_INFINITY],
  ["End", Number.POSITIVE_INFINITY],
]);
