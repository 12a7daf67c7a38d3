/** `birdman simulate --scheduler …`: the same tasks placed by one algorithm after the other, and how they compare. */
import { constants } from "node:fs";
import { access, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { performance } from "node:perf_hooks";
import { InvalidArgumentError, type Command } from "commander";
import type { Algorithm } from "../../scheduler/algorithm.ts";
import { createScheduler } from "../../scheduler/create-scheduler.ts";
import type { CostUse } from "../../scheduler/nodes.ts";
import { SCHEDULERS } from "../../scheduler/schedulers.ts";
import { mixMachines, type MachineShape } from "../../sim/placement/machines.ts";
import { PRESET_NAMES, PRESETS, type PresetName } from "../../sim/placement/presets.ts";
import type { PlacementResult } from "../../sim/placement/result.ts";
import { runPlacement } from "../../sim/placement/run-placement.ts";
import { TRACE_SHAPES } from "../../sim/placement/trace-workload.ts";
import type { Scenario } from "../../sim/placement/workload.ts";
import { parseSize } from "../../utils/sizes.ts";
import type { Context } from "../context.ts";
import { messageOf, UsageError } from "../errors.ts";
import { ListOption, option, type DisplayOptions } from "../options.ts";
import { loadScheduler } from "../servers/load-scheduler.ts";
import { printDocument } from "../terminal/print.ts";
import { ProgressLine } from "../terminal/progress.ts";
import { parseMilliseconds } from "../values.ts";
import { renderComparison, resultJson } from "./comparison.ts";
import { renderReport } from "./report.ts";
import { readWorkload } from "./workload-file.ts";

export interface PlacementOptions {
  readonly seed?: number;
  readonly nodes?: number;
  readonly tasks?: number;
  readonly scheduler?: readonly (readonly string[])[];
  readonly preset?: PresetName;
  readonly load?: number;
  readonly machine?: readonly MachineShape[];
  readonly workload?: string;
  readonly costUse?: CostUse;
  readonly patience?: number;
  readonly report?: string;
}

/** Any of these asks for placement rather than faults. */
export const PLACEMENT_FLAGS = {
  scheduler: "--scheduler",
  nodes: "--nodes",
  tasks: "--tasks",
  preset: "--preset",
  load: "--load",
  machine: "--machine",
  workload: "--workload",
  costUse: "--cost-use",
  patience: "--patience",
  report: "--report",
} as const satisfies Partial<Record<keyof PlacementOptions, string>>;

const MOST_NODES = 100_000;
const MOST_TASKS = 10_000_000;

export function addPlacementOptions(command: Command): Command {
  const { trace } = PRESETS;
  const small = PRESETS["epvm-paper"];
  const defaultOf = (what: "nodes" | "tasks"): string =>
    `(default: ${String(trace.size[what])}; of epvm-… ${String(small.size[what])})`;
  const flags = [
    new ListOption(
      "--scheduler <name>",
      "algorithms to compare, separated by commas, names or paths (default: all)",
      splitNames,
    ),
    option("--nodes <number>", `machines ${defaultOf("nodes")}`, parseUpTo(MOST_NODES)),
    option("--tasks <number>", `tasks that come ${defaultOf("tasks")}`, parseUpTo(MOST_TASKS)),
    option("--preset <name>", 'cluster and workload, see below (default: "trace")').choices(PRESET_NAMES),
    option(
      "--load <share>",
      "work on offer, of what the machines can take (default: 80%, of epvm-blind 60%)",
      parseLoad,
    ),
    new ListOption(
      "--machine <shape>",
      "cores and memory such as 32x128GiB, repeated for a mix (default: five shapes)",
      parseMachine,
    ),
    option("--workload <file>", "the tasks of a file, JSON lines or a list, with at, duration and use"),
    option("--cost-use <use>", 'what costs see of a node\'s use (default: "measured")').choices([
      "measured",
      "reserved",
    ]),
    option("--patience <duration>", "a task that has waited for so long gives up (default: never)", parseMilliseconds),
    option("--report <file>", "write a page with plots (HTML)"),
  ];
  for (const flag of flags) command.addOption(flag.helpGroup("Placement:"));
  return command;
}

export async function simulatePlacement(context: Context, options: PlacementOptions & DisplayOptions): Promise<void> {
  const { stdout, stderr } = context;
  const algorithms = await loadAlgorithms(options.scheduler?.flat() ?? [...SCHEDULERS.keys()]);
  if (options.report !== undefined) await checkWritable(options.report);
  const scenario = await scenarioOf(options);
  const progress = new ProgressLine(stderr);
  const results: PlacementResult[] = [];
  try {
    for (const algorithm of algorithms) results.push(runOne(algorithm, scenario, { ...options, progress }));
  } finally {
    progress.clear();
  }
  if (options.report !== undefined)
    await writeReport(options.report, renderReport(results, describe(options, scenario)));
  if (options.output === "table") stdout.write(renderComparison(results, stdout.columns));
  else await printDocument(context, options.output, results.map(resultJson));
}

interface RunOptions extends Pick<PlacementOptions, "costUse" | "patience"> {
  readonly progress: ProgressLine;
}

function runOne(algorithm: Algorithm, { machines, workload }: Scenario, options: RunOptions): PlacementResult {
  const { costUse = "measured", patience = Number.POSITIVE_INFINITY, progress } = options;
  const steps = runPlacement({
    scheduler: createScheduler(algorithm, { costUse }),
    machines,
    workload,
    patienceMs: patience,
    reportsUse: costUse === "measured",
    clock: () => performance.now(),
  });
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    progress.show(`${algorithm.name}: ${String(step.value)} of ${String(workload.length)} tasks`);
  }
}

/** One after the other: a name is loaded once, however often it is given. */
async function loadAlgorithms(names: readonly string[]): Promise<Algorithm[]> {
  const algorithms: Algorithm[] = [];
  for (const name of new Set(names)) algorithms.push(await loadScheduler(name));
  return algorithms;
}

async function scenarioOf(options: PlacementOptions): Promise<Scenario> {
  const { workload, preset = "trace", seed = 1, machine: shapes } = options;
  const { size, draw, takesShapes } = PRESETS[preset];
  const { nodes = size.nodes, tasks = size.tasks, load = size.load } = options;
  if (workload !== undefined) {
    for (const name of ["tasks", "preset", "load"] as const) {
      if (options[name] !== undefined)
        throw new UsageError(`--workload and ${PLACEMENT_FLAGS[name]} together: give one`);
    }
    return { machines: mixMachines(shapes ?? TRACE_SHAPES, nodes), workload: await readWorkload(workload) };
  }
  if (shapes !== undefined && !takesShapes)
    throw new UsageError(`--preset ${preset} has machines of its own: leave --machine out`);
  return draw({ nodes, tasks, load, seed, shapes });
}

/** What was simulated, in a sentence. */
function describe(options: PlacementOptions, { machines, workload }: Scenario): string {
  const { preset = "trace", seed = 1, costUse = "measured" } = options;
  const load = options.load ?? PRESETS[preset].size.load;
  const tasks =
    options.workload === undefined
      ? `${String(workload.length)} tasks of the preset ${preset} (seed ${String(seed)}, ${String(Math.round(load * 100))} % load)`
      : `the ${String(workload.length)} tasks of ${options.workload}`;
  return `${tasks} on ${String(machines.length)} nodes; costs see ${costUse} use.`;
}

async function checkWritable(file: string): Promise<void> {
  try {
    await access(dirname(resolve(file)), constants.W_OK);
  } catch (error) {
    throw new UsageError(`cannot write the file given with --report: ${messageOf(error)}`);
  }
}

async function writeReport(file: string, html: string): Promise<void> {
  try {
    await writeFile(file, html);
  } catch (error) {
    throw new UsageError(`cannot write the file given with --report: ${messageOf(error)}`);
  }
}

function splitNames(text: string): readonly string[] {
  const names = text.split(",").map((name) => name.trim());
  if (names.every((name) => name !== "")) return names;
  throw new InvalidArgumentError("It must be names separated by commas, such as epvm,greedy.");
}

function parseUpTo(most: number): (text: string) => number {
  return (text) => {
    const count = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (count >= 1 && count <= most) return count;
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${String(most)}.`);
  };
}

function parseLoad(text: string): number {
  const percent = /^\d{1,4}(\.\d+)?%$/.test(text) ? Number(text.slice(0, -1)) : Number.NaN;
  if (percent > 0 && percent <= 1000) return percent / 100;
  throw new InvalidArgumentError("It must be a percentage such as 80%, at most 1000%.");
}

const DISK = 2 ** 41;

function parseMachine(text: string): MachineShape {
  const [, cores = "", size = ""] = /^(\d{1,5}(?:\.\d+)?)x(\d.*)$/i.exec(text) ?? [];
  const cpu = Number(cores);
  const memory = parseSize(size);
  if (cpu > 0 && memory !== undefined && memory > 0) {
    return { name: text, capacity: { cpu, memory, disk: DISK }, weight: 1 };
  }
  throw new InvalidArgumentError("It must be cores and memory such as 32x128GiB.");
}
