/**
 * A list of tasks in one request, to a manager with a persistent store and thousands of hollow workers: how long until
 * all of them run, what single tasks meanwhile have to wait, and where the manager's time goes.
 *
 * BENCH_NODES, BENCH_TASKS and BENCH_RUNS scale it down.
 */
import { atLeast, atMost, type Benchmark, type Figure } from "./bench.ts";
import { buildBundle } from "./bundle.ts";
import { runList, type ListRun, type Single } from "./list-run.ts";

const NODES = Number(process.env["BENCH_NODES"] ?? "5000");
const TASKS = Number(process.env["BENCH_TASKS"] ?? "100000");
const RUNS = Number(process.env["BENCH_RUNS"] ?? "3");
const MEBIBYTE = 2 ** 20;

export const controlPlane: Benchmark = {
  name: "control-plane",
  what: `${String(TASKS)} tasks in one request, ${String(NODES)} hollow workers, persistent store`,
  async run(say) {
    await buildBundle();
    const runs: ListRun[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      const measured = await runList({ nodes: NODES, tasks: TASKS }, "bundle");
      say(told(measured));
      runs.push(measured);
    }
    const profiled = await runList({ nodes: NODES, tasks: TASKS }, "checkout");
    say(`profiled, and not counted: ${told(profiled)}`);
    for (const line of whereTimeWent(profiled)) say(line);
    return figures(runs);
  },
};

function figures(runs: readonly ListRun[]): Figure[] {
  const of = (value: (run: ListRun) => number): number[] => runs.map(value);
  const p99 = (what: Waited, which = everySingle): number[] =>
    of(({ singles }) => percentile(singles.filter(which), what, 99));
  return [
    atLeast(
      "list submitted → all running",
      of(({ seconds }) => TASKS / seconds),
      { unit: "tasks/s", limit: 10_000 },
    ),
    atMost("single task meanwhile: answered, p99", p99("answered"), { unit: "ms", limit: 400 }),
    atMost("single task meanwhile: running, p99", p99("running", isApart), { unit: "ms", limit: 400 }),
    atMost("the same, beside thousands of workers in one process", p99("running", isAmongMany), {
      unit: "ms",
      limit: 400,
    }),
    atMost(
      "longest stall of the manager's loop",
      of(({ manager }) => manager.stallMs),
      { unit: "ms", limit: 400 },
    ),
    atMost(
      "manager memory a live task",
      of(({ bytesATask }) => bytesATask),
      { unit: "B", limit: 1000 },
    ),
  ];
}

type Waited = "answered" | "running";

type Which = (single: Single) => boolean;

const everySingle: Which = () => true;
const isApart: Which = (single) => single.isApart;
const isAmongMany: Which = (single) => !single.isApart;

function percentile(singles: readonly Single[], what: Waited, percent: number): number {
  const sorted = singles.map((each) => each[what]).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil((sorted.length * percent) / 100) - 1)] ?? Number.NaN;
}

function told({ seconds, answeredMs, singles, manager, bytesATask, workersProcessorMs }: ListRun): string {
  const of = (what: Waited, which = everySingle): string =>
    [50, 99].map((percent) => percentile(singles.filter(which), what, percent).toFixed(0)).join("/");
  return [
    `${seconds.toFixed(2)} s, ${(TASKS / seconds).toFixed(0)} tasks/s`,
    `list answered after ${answeredMs.toFixed(0)} ms`,
    `${String(singles.length)} single tasks, p50/p99 answered ${of("answered")} ms, running ${of("running", isApart)} ms, among many workers ${of("running", isAmongMany)} ms`,
    `longest stall ${manager.stallMs.toFixed(0)} ms`,
    `processor: manager ${(manager.processorMs / 1000).toFixed(1)} s, workers ${(workersProcessorMs / 1000).toFixed(1)} s`,
    `manager ${(manager.residentBytes / MEBIBYTE).toFixed(0)} MiB resident, ${bytesATask.toFixed(0)} B a task`,
  ].join("; ");
}

function whereTimeWent({ manager: { time } }: ListRun): string[] {
  const whole = Object.values(time).reduce((sum, ms) => sum + ms, 0);
  return Object.entries(time).map(([part, ms]) => {
    return `${part.padEnd(22)} ${(ms / 1000).toFixed(2).padStart(6)} s ${((ms / whole) * 100).toFixed(1).padStart(5)} %`;
  });
}
