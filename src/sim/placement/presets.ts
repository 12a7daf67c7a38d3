/** Clusters with their workloads, by name. */
import { SeededRandom } from "../seeded-random.ts";
import { mixMachines, type MachineShape } from "./machines.ts";
import { drawPaperCluster } from "./paper-workload.ts";
import { drawTrace, TRACE_SHAPES } from "./trace-workload.ts";
import type { Scenario } from "./workload.ts";

export interface PresetSize {
  readonly nodes: number;
  readonly tasks: number;
  /** Work on offer, as a share of what the machines can take. */
  readonly load: number;
}

export interface PresetDraw extends PresetSize {
  readonly seed: number;
  /** Machines other than the preset's own; only of those that take any. */
  readonly shapes?: readonly MachineShape[] | undefined;
}

export interface Preset {
  readonly summary: string;
  /** What it has where nothing else is asked for. */
  readonly size: PresetSize;
  /** True where the machines may be others than its own. */
  readonly takesShapes: boolean;
  readonly draw: (draw: PresetDraw) => Scenario;
}

export const PRESET_NAMES = ["trace", "epvm-paper", "epvm-blind", "epvm-crowded"] as const;
export type PresetName = (typeof PRESET_NAMES)[number];

export const PRESETS: Readonly<Record<PresetName, Preset>> = {
  trace: {
    summary: "what published traces of large clusters have in common",
    size: { nodes: 100, tasks: 10_000, load: 0.8 },
    takesShapes: true,
    draw: ({ nodes, tasks, load, seed, shapes = TRACE_SHAPES }) =>
      drawTrace({ machines: mixMachines(shapes, nodes), tasks, load, random: new SeededRandom(seed) }),
  },
  "epvm-paper": paperCluster({
    summary: "workstations that share their processors, as in the E-PVM paper; each job's memory is known",
    load: 0.8,
    isDemandKnown: true,
    leastMemory: 0.02,
  }),
  "epvm-blind": paperCluster({
    summary: "the same where jobs ask for next to nothing: only measured use tells where there is room",
    load: 0.6,
    isDemandKnown: false,
    leastMemory: 0.02,
  }),
  "epvm-crowded": paperCluster({
    summary: "the same with known jobs five times as large: memory is what jobs wait for",
    load: 0.8,
    isDemandKnown: true,
    leastMemory: 0.1,
  }),
};

function paperCluster(cluster: {
  readonly summary: string;
  readonly load: number;
  readonly isDemandKnown: boolean;
  readonly leastMemory: number;
}): Preset {
  const { summary, load, isDemandKnown, leastMemory } = cluster;
  return {
    summary,
    size: { nodes: 6, tasks: 1_500, load },
    takesShapes: false,
    draw: ({ seed, shapes: _shapes, ...size }) =>
      drawPaperCluster({ ...size, isDemandKnown, leastMemory, random: new SeededRandom(seed) }),
  };
}
