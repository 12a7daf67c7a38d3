/** Lines over time, drawn by uPlot, which is loaded when the first chart is. */
import { useEffect, useRef } from "react";
import type uPlot from "uplot";
import { loadedPersistently } from "../app/persistently.ts";
import { onColours } from "../app/theme.ts";
import "./time-chart.css";

export interface Line {
  readonly label: string;
  /** A custom property: `--state-running`. */
  readonly colour: string;
  /** One for each moment; null where there is none. */
  readonly values: readonly (number | null)[];
  readonly isFilled?: boolean;
  readonly isDashed?: boolean;
  /** Most moments have no value: those that have one are marked. */
  readonly isSparse?: boolean;
}

interface TimeChartProps {
  /** What is shown, in words. */
  readonly label: string;
  /** Wall clock, milliseconds, ascending. */
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  readonly format: (value: number) => string;
  /** The scale reaches at least this far. */
  readonly atLeast?: number;
  /** Bytes: the lines of the grid are at powers of two. */
  readonly isBinary?: boolean;
}

const HEIGHT = 148;
/** What is shown is never less than this wide. */
const LEAST_SECONDS = 30;
/** From one mark of the axis to the next. */
const SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600];
const POWERS = Array.from({ length: 46 }, (_, exponent) => 2 ** exponent);

export function TimeChart({ label, times, lines, format, atLeast = 1, isBinary = false }: TimeChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<Chart>(undefined);
  const latest = useRef({ times, lines });
  latest.current = { times, lines };
  // A chart is made anew where its lines are others, not where they have got longer.
  const shape = lines.map((line) => `${line.label}${line.colour}`).join();
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const made = new Chart(element, { lines: latest.current.lines, format, atLeast, isBinary });
    chart.current = made;
    made.show(latest.current.times, latest.current.lines);
    return () => {
      chart.current = undefined;
      made.close();
    };
  }, [shape, format, atLeast, isBinary]);
  useEffect(() => chart.current?.show(times, lines), [times, lines]);
  return (
    <figure className="chart">
      <ul className="chart-legend">
        {lines.map((line) => (
          <li key={line.label}>
            <span
              className={line.isDashed === true ? "swatch dashed" : "swatch"}
              style={{ background: `var(${line.colour})`, ["--swatch" as string]: `var(${line.colour})` }}
            />
            {line.label} <strong>{newest(line.values, format)}</strong>
          </li>
        ))}
      </ul>
      <div className="chart-plot" ref={place} role="img" aria-label={label} style={{ height: HEIGHT }} />
    </figure>
  );
}

function newest(values: readonly (number | null)[], format: (value: number) => string): string {
  const value = values.findLast((each) => each !== null) ?? undefined;
  return value === undefined ? "–" : format(value);
}

interface ChartOptions {
  readonly lines: readonly Line[];
  readonly format: (value: number) => string;
  readonly atLeast: number;
  readonly isBinary: boolean;
}

/** One chart in its place: as wide as that is, in the colours that hold. */
class Chart {
  readonly #element: HTMLElement;
  readonly #options: ChartOptions;
  #data: uPlot.AlignedData = [[]];
  #plot: uPlot | undefined;
  #isClosed = false;
  readonly #undo: (() => void)[] = [];

  constructor(element: HTMLElement, options: ChartOptions) {
    this.#element = element;
    this.#options = options;
    const resized = new ResizeObserver(() => this.#plot?.setSize({ width: element.clientWidth, height: HEIGHT }));
    resized.observe(element);
    this.#undo.push(
      () => resized.disconnect(),
      onColours(() => void this.#draw()),
    );
    void this.#draw();
  }

  show(times: readonly number[], lines: readonly Line[]): void {
    this.#data = [times.map((ms) => ms / 1000), ...lines.map(({ values }) => [...values])];
    this.#plot?.setData(this.#data);
  }

  close(): void {
    this.#isClosed = true;
    for (const undo of this.#undo) undo();
    this.#plot?.destroy();
  }

  async #draw(): Promise<void> {
    const { uPlot: Plot } = await loadedPersistently(async () => import("./uplot.ts"));
    if (this.#isClosed) return;
    this.#plot?.destroy();
    this.#plot = new Plot(this.#settings(), this.#data, this.#element);
  }

  #settings(): uPlot.Options {
    const { lines, format, atLeast, isBinary } = this.#options;
    const style = getComputedStyle(document.documentElement);
    const colour = (property: string): string => style.getPropertyValue(property);
    const font = `11px ${style.getPropertyValue("--font")}`;
    const axis = { stroke: colour("--text-muted"), font, ticks: { show: false } };
    const grid = { stroke: colour("--border"), width: 1 };
    return {
      width: this.#element.clientWidth,
      height: HEIGHT,
      padding: [8, 24, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { range: (_plot, first, last) => [Math.min(first, last - LEAST_SECONDS), last] },
        y: { range: (_plot, _least, most) => [0, Math.max(atLeast, (most || 0) * 1.1)] },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          size: 24,
          values: (_plot, seconds) => seconds.map(clockOf),
          space: 72,
          incrs: SECONDS,
        },
        {
          ...axis,
          grid,
          size: 56,
          values: (_plot, values) => values.map(format),
          space: 32,
          ...(isBinary ? { incrs: POWERS } : {}),
        },
      ],
      series: [
        {},
        ...lines.map((line) => ({
          label: line.label,
          stroke: colour(line.colour),
          width: 1.5,
          points: { show: line.isSparse === true, size: 4 },
          spanGaps: true,
          ...(line.isDashed === true ? { dash: [4, 3] } : {}),
          ...(line.isFilled === true ? { fill: `color-mix(in srgb, ${colour(line.colour)} 14%, transparent)` } : {}),
        })),
      ],
    };
  }
}

function clockOf(seconds: number): string {
  return CLOCK.format(new Date(seconds * 1000));
}

const CLOCK = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
