/** What came of the runs of `birdman simulate --scheduler …`: as a table and as JSON, and what the figures mean. */
import { PRESETS } from "../../sim/placement/presets.ts";
import type { PlacementResult } from "../../sim/placement/result.ts";
import { renderTable, type Column } from "../terminal/table.ts";

/** One element of the list that `-o json` prints. Shares are fractions of one. */
export interface PlacementResultJson {
  readonly scheduler: string;
  readonly nodes: number;
  readonly tasks: number;
  readonly placed: number;
  readonly unplaced: number;
  readonly decisionsPerSecond: number;
  /** Null when no task was placed. */
  readonly meanSlowdown: number | null;
  readonly utilisation: number;
  readonly fragmentation: number;
  readonly imbalance: number;
}

export function resultJson(result: PlacementResult): PlacementResultJson {
  const { scheduler, nodes, tasks, placed, unplaced, slowdown, utilisation, fragmentation, imbalance } = result;
  return {
    scheduler,
    nodes,
    tasks,
    placed,
    unplaced,
    decisionsPerSecond: Math.round(decisionsPerSecond(result)),
    meanSlowdown: placed === 0 ? null : rounded(slowdown.mean),
    utilisation: rounded(utilisation),
    fragmentation: rounded(fragmentation),
    imbalance: rounded(imbalance),
  };
}

export function renderComparison(results: readonly PlacementResult[], width: number | undefined): string {
  return renderTable(COMPARISON, results, width);
}

export const COMPARISON: readonly Column<PlacementResult>[] = [
  { heading: "SCHEDULER", value: ({ scheduler }) => scheduler, shrinkTo: 9 },
  { heading: "NODES", value: ({ nodes }) => String(nodes) },
  { heading: "TASKS", value: ({ tasks }) => String(tasks) },
  { heading: "PLACED", value: ({ placed }) => String(placed) },
  { heading: "UNPLACED", value: ({ unplaced }) => String(unplaced) },
  { heading: "WAITED", value: ({ waited }) => String(waited) },
  { heading: "SLOWDOWN", value: ({ slowdown }) => formatFactor(slowdown.mean) },
  { heading: "P99", value: ({ slowdown }) => formatFactor(slowdown.quantiles[99] ?? Number.NaN) },
  { heading: "UTILISATION", value: ({ utilisation }) => formatShare(utilisation) },
  { heading: "FRAGMENTATION", value: ({ fragmentation }) => formatShare(fragmentation) },
  { heading: "IMBALANCE", value: ({ imbalance }) => formatShare(imbalance) },
  { heading: "DECISIONS/S", value: (result) => String(Math.round(decisionsPerSecond(result))) },
];

/** What each column means, exactly; the documentation says the same at length. */
export const MEASURES: readonly (readonly [name: string, meaning: string])[] = [
  ["PLACED, UNPLACED", "tasks that got a node, at once or after waiting, and those that never did"],
  ["WAITED", "tasks that found no room when they came"],
  ["SLOWDOWN", "mean over the placed tasks of (end − coming) / run time on a machine of one's own, waiting included"],
  ["P99", "the slowdown that 99 % of the tasks do not exceed"],
  ["UTILISATION", "load of all nodes together in the scarcer resource, processor or memory"],
  ["FRAGMENTATION", "of the large tasks that the free resources would hold in one piece, the share that finds no room"],
  ["IMBALANCE", "standard deviation of the nodes' loads over their mean"],
  ["DECISIONS/S", "decisions over the time spent in the scheduler; the only figure that differs from run to run"],
];

export const MEASURES_HELP = [
  "",
  "Presets:",
  ...Object.entries(PRESETS).map(([name, { summary }]) => `  ${name.padEnd(18)}${summary}`),
  "",
  "Measures of placement:",
  ...MEASURES.map(([name, meaning]) => `  ${name.padEnd(18)}${meaning}`),
  "  A node's load is the larger of reserved and really used, as a share of what it has. Loads, fragmentation and",
  "  imbalance are averages over the time in which tasks come. A large task asks for what 95 % of the tasks do not exceed.",
].join("\n");

function decisionsPerSecond({ decisions, schedulingMs }: PlacementResult): number {
  return schedulingMs > 0 ? (decisions * 1000) / schedulingMs : 0;
}

export function formatFactor(factor: number): string {
  return Number.isNaN(factor) ? "-" : factor.toFixed(factor < 100 ? 2 : 0);
}

function formatShare(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}

function rounded(value: number): number {
  return Number(value.toFixed(6));
}
