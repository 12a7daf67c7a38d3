/** Simulated clusters full of faults around the real cores: many seeds in search of a violation, or one seed's story. */
import { InvalidArgumentError, type Command } from "commander";
import { LANDMARKS, type Landmark } from "../../sim/landmarks.ts";
import { runSeed, type SeedResult } from "../../sim/run-seed.ts";
import { formatLine } from "../../sim/story.ts";
import { FAULT_KINDS, TEMPOS, type FaultKind, type Tempo } from "../../sim/swarm.ts";
import { sweep, type SweepOptions, type SweepTotals } from "../../sim/sweep.ts";
import type { Context } from "../context.ts";
import { CommandError, UsageError } from "../errors.ts";
import { ListOption, option } from "../options.ts";
import { didYouMean } from "../suggest.ts";
import { ProgressLine } from "../terminal/progress.ts";
import { renderTable } from "../terminal/table.ts";
import { parseCount } from "../values.ts";

export interface FaultOptions {
  readonly seed?: number;
  readonly trace?: boolean;
  readonly seeds?: number;
  readonly from?: number;
  readonly without?: readonly FaultKind[];
  readonly only?: Tempo;
}

/** Any of these asks for faults rather than placement. */
export const FAULT_FLAGS = {
  seeds: "--seeds",
  from: "--from",
  trace: "--trace",
  only: "--only",
  without: "--without",
} as const satisfies Partial<Record<keyof FaultOptions, string>>;

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

export function addFaultOptions(command: Command): Command {
  const group = "Faults:";
  return command
    .addOption(
      option("--seeds <number>", "so many seeds, each a cluster with faults of its own", parseCount).helpGroup(group),
    )
    .addOption(option("--from <seed>", "the first of them (default: 1)", parseCount).helpGroup(group))
    .addOption(option("--trace", "tell the story of the one given with --seed").helpGroup(group))
    .addOption(
      option("--only <tempo>", "only seeds that are short and full of faults, or long with a fault now and then")
        .choices(TEMPOS)
        .helpGroup(group),
    )
    .addOption(
      new ListOption("--without <fault>", `leave a kind of fault out: ${FAULT_KINDS.join(", ")}`, parseFault).helpGroup(
        group,
      ),
    );
}

export function simulateFaults(context: Context, options: FaultOptions): void {
  const without = new Set(options.without);
  const { seed, seeds, from = 1, only, trace = false } = options;
  if (seed !== undefined) simulateOne(context, { seed, trace, without });
  else if (seeds !== undefined) simulateMany(context, { seeds, from, only, without });
  else throw new UsageError("say what to simulate: --seeds or --seed for faults, --nodes or --scheduler for placement");
}

function simulateOne(
  { stdout }: Context,
  {
    seed,
    trace,
    without,
  }: { readonly seed: number; readonly trace: boolean; readonly without: ReadonlySet<FaultKind> },
): void {
  const tell = (line: Parameters<typeof formatLine>[0]): void => void stdout.write(`${formatLine(line)}\n`);
  const result = runSeed({ seed, without, ...(trace ? { tell } : {}) });
  if (result.violation !== undefined) throw new CommandError(describe(result));
  const minutes = (result.simulatedMs / MINUTE_MS).toFixed(1);
  const seconds = (result.healedAfterMs / 1000).toFixed(0);
  stdout.write(
    `seed ${String(seed)}: ${minutes} minutes without a violation, at rest ${seconds} s after the last fault\n`,
  );
}

function simulateMany(context: Context, options: SweepOptions): void {
  const { stdout, stderr } = context;
  const begun = context.now();
  const progress = new ProgressLine(stderr);
  let told = 0;
  let totals: SweepTotals | undefined;
  for (totals of sweep(options)) {
    for (; told < totals.violated.length; told += 1) {
      const result = totals.violated[told];
      progress.clear();
      if (result !== undefined) stdout.write(`${describe(result)}\n`);
    }
    progress.show(`${String(totals.done)} of ${String(options.seeds)} seeds, ${String(told)} violated`);
  }
  progress.clear();
  if (totals === undefined) return;
  stdout.write(renderLandmarks(totals));
  stdout.write(`${summary(totals, context.now() - begun)}\n`);
  if (totals.violated.length > 0)
    throw new CommandError(`${String(totals.violated.length)} seeds ended in a violation`);
}

function summary({ done, simulatedMs, happened, slowestHealingMs, violated }: SweepTotals, elapsedMs: number): string {
  const hours = simulatedMs / HOUR_MS;
  const perMinute = (hours / elapsedMs) * MINUTE_MS;
  const microseconds = (elapsedMs * 1000) / happened;
  return [
    `${String(done)} seeds`,
    `${String(violated.length)} violated`,
    `${hours.toFixed(1)} cluster-hours (${perMinute.toFixed(0)} a minute)`,
    `${microseconds.toFixed(2)} µs a happening`,
    `at rest ${(slowestHealingMs / 1000).toFixed(0)} s after the last fault at the latest`,
  ].join(", ");
}

function renderLandmarks({ landmarks }: SweepTotals): string {
  const rows = Object.entries(LANDMARKS).map(([landmark, what]) => ({
    what,
    count: landmarks.counts.get(landmark as Landmark) ?? 0,
  }));
  return renderTable(
    [
      { heading: "TIMES", value: ({ count }) => String(count) },
      { heading: "WHAT DID OCCUR", value: ({ what }) => what },
    ],
    rows,
  );
}

function describe({ seed, violation }: SeedResult): string {
  const minutes = ((violation?.atMs ?? 0) / MINUTE_MS).toFixed(1);
  const command = `birdman simulate --seed ${String(seed)} --trace`;
  return `seed ${String(seed)}, after ${minutes} min: ${violation?.message ?? ""}\n  tell the story with: ${command}`;
}

function parseFault(text: string): FaultKind {
  const kind = FAULT_KINDS.find((known) => known === text);
  if (kind !== undefined) return kind;
  throw new InvalidArgumentError(`There is no fault '${text}'${didYouMean(text, FAULT_KINDS)}.`);
}
