/**
 * A chart of lines as inline SVG: axes with round numbers, a line for each series. Colours come from the page as classes
 * `line0`, `line1`, …, so that light and dark are the page's affair.
 */

export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Chart {
  /** What is to be seen, in a sentence, for those who hear the page. */
  readonly label: string;
  readonly series: readonly Series[];
  readonly x: Axis;
  readonly y: Axis;
}

export interface Axis {
  readonly title: string;
  readonly format: (value: number) => string;
  /** Where it ends, at least. */
  readonly atLeast?: number;
  /** Ends where the points end, rather than at the next round number. */
  readonly isTight?: boolean;
  /** Logarithmic from 1 on, for what is never below. */
  readonly isLogarithmic?: boolean;
}

/** Series beyond these begin again with the first colour. */
export const COLORS = 6;

const WIDTH = 560;
const HEIGHT = 300;
const LEFT = 58;
const RIGHT = 24;
const TOP = 12;
const BOTTOM = 44;
const TICKS = 5;

export function renderChart({ label, series, x, y }: Chart): string {
  const points = series.flatMap((line) => line.points);
  const xScale = scaleOf(x, points.map(([value]) => value), [LEFT, WIDTH - RIGHT]); // prettier-ignore
  const yScale = scaleOf(y, points.map(([, value]) => value), [HEIGHT - BOTTOM, TOP]); // prettier-ignore
  const middle = (LEFT + WIDTH - RIGHT) / 2;
  return [
    `<svg viewBox="0 0 ${String(WIDTH)} ${String(HEIGHT)}" role="img" aria-label="${escapeHtml(label)}">`,
    ...yScale.ticks.map((tick) => {
      const at = px(yScale.place(tick));
      return `<line class="grid" x1="${String(LEFT)}" x2="${String(WIDTH - RIGHT)}" y1="${at}" y2="${at}"/><text class="tick" x="${String(LEFT - 8)}" y="${at}" text-anchor="end" dominant-baseline="middle">${escapeHtml(y.format(tick))}</text>`;
    }),
    ...xScale.ticks.map(
      (tick) =>
        `<text class="tick" x="${px(xScale.place(tick))}" y="${String(HEIGHT - BOTTOM + 17)}" text-anchor="middle">${escapeHtml(x.format(tick))}</text>`,
    ),
    `<text class="axis" x="${String(middle)}" y="${String(HEIGHT - 6)}" text-anchor="middle">${escapeHtml(x.title)}</text>`,
    `<text class="axis" transform="translate(13 ${String((TOP + HEIGHT - BOTTOM) / 2)}) rotate(-90)" text-anchor="middle">${escapeHtml(y.title)}</text>`,
    ...series.map(({ name, points: line }, index) => {
      const path = line.map(([atX, atY]) => `${px(xScale.place(atX))},${px(yScale.place(atY))}`).join(" ");
      return `<polyline class="line line${String(index % COLORS)}" points="${path}"><title>${escapeHtml(name)}</title></polyline>`;
    }),
    "</svg>",
  ].join("\n");
}

interface Scale {
  readonly ticks: readonly number[];
  readonly place: (value: number) => number;
}

function scaleOf(axis: Axis, values: readonly number[], [from, to]: readonly [number, number]): Scale {
  let most = axis.atLeast ?? 0;
  for (const value of values) if (value > most) most = value;
  if (axis.isLogarithmic === true) {
    const decades = Math.max(1, Math.ceil(Math.log10(most)));
    const ticks = Array.from({ length: decades + 1 }, (_, power) => 10 ** power);
    return { ticks, place: (value) => from + (Math.log10(Math.max(1, value)) / decades) * (to - from) };
  }
  const step = roundStep(most / TICKS);
  const roundEnd = step * Math.max(1, Math.ceil(most / step - 1e-9));
  const end = axis.isTight === true && most > 0 ? most : roundEnd;
  const ticks = Array.from({ length: Math.floor(end / step + 1e-9) + 1 }, (_, index) => index * step);
  return { ticks, place: (value) => from + (value / end) * (to - from) };
}

/** The next number that begins with 1, 2 or 5. */
function roundStep(least: number): number {
  if (!(least > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5].find((digit) => digit * power >= least * (1 - 1e-9)) ?? 10) * power;
}

function px(value: number): string {
  return value.toFixed(1);
}

export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
