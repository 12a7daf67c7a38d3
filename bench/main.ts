/** `npm run bench [-- NAME… --json]`: runs the benchmarks and prints each figure beside its peer's or its limit. */
import { parseArgs } from "node:util";
import Table from "cli-table3";
import type { Benchmark, Figure } from "./bench.ts";
import { cli } from "./cli.ts";
import { controlPlane } from "./control-plane.ts";
import { dashboard } from "./dashboard.ts";
import { engine } from "./engine.ts";
import { footprint } from "./footprint.ts";
import { recovery } from "./recovery.ts";
import { scheduler } from "./scheduler.ts";
import { streams } from "./streams.ts";

const BENCHMARKS: readonly Benchmark[] = [
  cli,
  scheduler,
  footprint,
  controlPlane,
  engine,
  recovery,
  streams,
  dashboard,
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean", default: false } },
});
const unknown = positionals.filter((name) => !BENCHMARKS.some((benchmark) => benchmark.name === name));
if (unknown.length > 0) {
  const valid = BENCHMARKS.map(({ name, what }) => `  ${name.padEnd(10)} ${what}`).join("\n");
  process.stderr.write(`no benchmark ${unknown.join(", ")}; there are:\n${valid}\n`);
  process.exit(2);
}

const figures: Figure[] = [];
for (const benchmark of BENCHMARKS) {
  if (positionals.length > 0 && !positionals.includes(benchmark.name)) continue;
  process.stderr.write(`${benchmark.name}: ${benchmark.what}\n`);
  figures.push(...(await benchmark.run((line) => process.stderr.write(`  ${line}\n`))));
}

if (values.json) {
  process.stdout.write(`${JSON.stringify(figures, undefined, 2)}\n`);
} else {
  const table = new Table({
    head: ["what", "median", "spread", "against", "ratio", "goal", ""],
    style: { head: [], border: [] },
  });
  for (const { name, value, unit, against, ratio, goal, met, spread } of figures) {
    table.push([
      name,
      `${show(value)} ${unit}`,
      `${show(spread[0])}–${show(spread[1])}`,
      against === undefined ? "" : `${against.name} ${show(against.value)}`,
      ratio === undefined ? "" : ratio.toFixed(3),
      goal,
      met ? "met" : "MISSED",
    ]);
  }
  process.stdout.write(`${table.toString()}\n`);
}

function show(value: number): string {
  return Number(value.toPrecision(4)).toString();
}
