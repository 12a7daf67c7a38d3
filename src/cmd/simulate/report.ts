/** The page that `birdman simulate --report` writes: one file that needs nothing else, for light screens and dark ones. */
import type { PlacementResult } from "../../sim/placement/result.ts";
import type { Sample } from "../../sim/placement/samples.ts";
import { COLORS, escapeHtml, renderChart, type Axis, type Chart, type Series } from "./chart.ts";
import { COMPARISON, MEASURES } from "./comparison.ts";

interface Figure {
  readonly title: string;
  readonly text: string;
  readonly chart: Chart;
}

/** `what`: what was simulated, in a sentence. */
export function renderReport(results: readonly PlacementResult[], what: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Birdman: simulated placement</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Simulated placement</h1>
<p class="what">${escapeHtml(what)}</p>
${table(results)}
${legend(results)}
<div class="figures">
${figures(results).map(figure).join("\n")}
</div>
<h2>What the figures mean</h2>
<dl>
${MEASURES.map(([name, meaning]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(meaning)}.</dd>`).join("\n")}
</dl>
<p>A node's load is the larger of reserved and really used, as a share of what it has, in its scarcer resource. Loads,
fragmentation and imbalance are averages over the time in which tasks come. A large task asks for what 95 % of the tasks
do not exceed.</p>
</main>
</body>
</html>
`;
}

function table(results: readonly PlacementResult[]): string {
  const headings = COMPARISON.map(({ heading }) => `<th scope="col">${escapeHtml(heading)}</th>`).join("");
  const rows = results.map(
    (result) => `<tr>${COMPARISON.map(({ value }) => `<td>${escapeHtml(value(result))}</td>`).join("")}</tr>`,
  );
  return `<div class="scroll"><table><thead><tr>${headings}</tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
}

function legend(results: readonly PlacementResult[]): string {
  const items = results.map(
    ({ scheduler }, index) => `<li><i class="swatch${String(index % COLORS)}"></i>${escapeHtml(scheduler)}</li>`,
  );
  return `<ul class="legend">${items.join("")}</ul>`;
}

function figure({ title, text, chart }: Figure): string {
  return `<figure><figcaption><b>${escapeHtml(title)}</b> ${escapeHtml(text)}</figcaption>${renderChart(chart)}</figure>`;
}

function figures(results: readonly PlacementResult[]): Figure[] {
  const { axis: time, msAUnit } = timeAxis(results);
  const overTime = (value: (sample: Sample) => number): Series[] =>
    results.map(({ scheduler, samples }) => ({
      name: scheduler,
      points: samples.map((sample) => [sample.atMs / msAUnit, value(sample)] as const),
    }));
  return [
    {
      title: "Utilisation over time",
      text: "Load of all nodes together, in the scarcer resource.",
      chart: {
        label: "Utilisation over time",
        series: overTime(({ cpu, memory }) => Math.max(cpu, memory)),
        x: time,
        y: { title: "load of the cluster", format: percent, atLeast: 1 },
      },
    },
    {
      title: "Pending over time",
      text: "Tasks that wait for room.",
      chart: {
        label: "Pending tasks over time",
        series: overTime(({ waiting }) => waiting),
        x: time,
        y: { title: "tasks", format: count, atLeast: 5 },
      },
    },
    {
      title: "Slowdown",
      text: "How many times as long as on a machine of its own a task took, waiting included: the lower the line the better.",
      chart: {
        label: "Share of the tasks that were slower than so many times",
        series: results.map(({ scheduler, slowdown }) => ({
          name: scheduler,
          points: slowdown.quantiles.flatMap((value, p) =>
            Number.isNaN(value) ? [] : [[value, 1 - p / 100] as const],
          ),
        })),
        x: { title: "slowdown", format: count, isLogarithmic: true, atLeast: 10 },
        y: { title: "tasks that were slower", format: percent, atLeast: 0.05 },
      },
    },
    {
      title: "Load of the nodes",
      text: "Each node's load, averaged over time, the most loaded first: flat is even, steep is packed.",
      chart: {
        label: "Load of the nodes, sorted",
        series: results.map(({ scheduler, nodeLoads }) => ({ name: scheduler, points: thinned(nodeLoads) })),
        x: { title: "nodes, the most loaded first", format: percent, atLeast: 1 },
        y: { title: "load", format: percent, atLeast: 1 },
      },
    },
  ];
}

function timeAxis(results: readonly PlacementResult[]): { readonly axis: Axis; readonly msAUnit: number } {
  const lastMs = Math.max(0, ...results.map(({ samples }) => samples.at(-1)?.atMs ?? 0));
  const [unit, msAUnit] = UNITS.find(([, length]) => lastMs >= 2 * length) ?? ["milliseconds", 1];
  return { axis: { title: `time, ${unit}`, format: count, isTight: true }, msAUnit };
}

const UNITS: readonly (readonly [unit: string, ms: number])[] = [
  ["days", 86_400_000],
  ["hours", 3_600_000],
  ["minutes", 60_000],
  ["seconds", 1000],
];

const MOST_POINTS = 400;

/** Values along their place, from 0 to 1; not more of them than can be seen. */
function thinned(values: Float64Array): (readonly [number, number])[] {
  const last = values.length - 1;
  const length = Math.min(values.length, MOST_POINTS);
  return Array.from({ length }, (_, index) => {
    const at = length > 1 ? Math.round((index / (length - 1)) * last) : 0;
    return [last > 0 ? at / last : 0, values[at] ?? 0] as const;
  });
}

function percent(share: number): string {
  return `${String(Math.round(share * 100))}%`;
}

function count(value: number): string {
  return value.toLocaleString("en");
}

/** Okabe and Ito's palette, told apart by the colour-blind; a little lighter where the page is dark. */
const LIGHT = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#4d4d4d"];
const DARK = ["#56b4e9", "#ff8a3d", "#2fcf9f", "#e69ac2", "#f0e442", "#c0c0c0"];

function colors(palette: readonly string[]): string {
  return palette
    .map((color, index) => `.line${String(index)}{stroke:${color}}.swatch${String(index)}{background:${color}}`)
    .join("");
}

const STYLE = `
:root{--text:#1b1f24;--dim:#59636e;--page:#fff;--card:#f6f8fa;--rule:#d7dce1;color-scheme:light dark}
${colors(LIGHT)}
@media (prefers-color-scheme:dark){:root{--text:#e6e9ec;--dim:#9aa4af;--page:#0f1216;--card:#171b21;--rule:#2b323a}${colors(DARK)}}
body{margin:0;background:var(--page);color:var(--text);font:15px/1.5 system-ui,sans-serif}
main{max-width:1240px;margin:0 auto;padding:24px}
h1{margin:0 0 4px;font-size:26px}h2{font-size:19px;margin:32px 0 8px}
.what{margin:0 0 18px;color:var(--dim)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:6px 10px;text-align:right;border-bottom:1px solid var(--rule);white-space:nowrap}
th{font-size:12px;color:var(--dim);font-weight:600}
th:first-child,td:first-child{text-align:left}td:first-child{font-weight:600}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:6px 20px;margin:20px 0 12px;padding:0}
.legend i{display:inline-block;width:22px;height:4px;border-radius:2px;margin-right:8px;vertical-align:middle}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,460px),1fr));gap:18px}
figure{margin:0;padding:14px 16px;background:var(--card);border:1px solid var(--rule);border-radius:8px}
figcaption{margin-bottom:8px;color:var(--dim)}figcaption b{display:block;color:var(--text);font-size:16px}
svg{display:block;width:100%;height:auto}
.grid{stroke:var(--rule);stroke-width:1}.tick{fill:var(--dim);font-size:11px}.axis{fill:var(--dim);font-size:12px}
.line{fill:none;stroke-width:2;stroke-linejoin:round}
dt{font-weight:600;margin-top:8px}dd{margin:0;color:var(--dim)}
`;
