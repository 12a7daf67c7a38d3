/**
 * The kind of cluster that E-PVM was made for, after the simulations in Amir, Awerbuch, Barak, Borgstrom, Keren: An
 * Opportunity Cost Approach for Job Assignment in a Scalable Computing Cluster, IEEE TPDS 11(7), 2000: workstations of
 * different speed and memory, and jobs that each would take a whole processor. Any number of jobs shares a processor in
 * equal parts; a machine with more in memory than it has is ten times as slow (`machine.ts`).
 *
 * How long jobs run follows what was measured of Unix processes: P(lifetime > t) falls like 1/t (Harchol-Balter, Downey:
 * Exploiting Process Lifetime Distributions for Dynamic Load Balancing, ACM TOCS 15(3), 1997). How much memory they have
 * falls like that too, and independently of it. Jobs come as a Poisson process.
 *
 * The machines' proportions are those of a small cluster of that time, three of 200 MHz with 64 MB, two of 133 MHz with
 * 32 MB and one of 90 MHz with 24 MB; the fastest is one core here, and a MB a GiB.
 */
import type { PlacementRequest } from "../../scheduler/scheduler.ts";
import { resolveSpec } from "../../task/spec.ts";
import type { SeededRandom } from "../seeded-random.ts";
import { drawArrivals } from "./arrivals.ts";
import { drawBoundedPareto } from "./distributions.ts";
import { mixMachines, type MachineShape } from "./machines.ts";
import { inOrderOfArrival, type Scenario } from "./workload.ts";

const GIB = 2 ** 30;
const MIB = 2 ** 20;

const SHAPES: readonly MachineShape[] = [
  { name: "200mhz", capacity: { cpu: 1, memory: 64 * GIB, disk: GIB }, weight: 3 },
  { name: "133mhz", capacity: { cpu: 0.665, memory: 32 * GIB, disk: GIB }, weight: 2 },
  { name: "90mhz", capacity: { cpu: 0.45, memory: 24 * GIB, disk: GIB }, weight: 1 },
];

const WORK_MS = { alpha: 1, low: 5_000, high: 2_000_000 };
/** The largest memory there is: what the largest job has. */
const MOST_MEMORY = 64 * GIB;
/** A job would take one whole processor of the fastest machine. */
const CPU = 1;

export interface PaperOptions {
  readonly nodes: number;
  readonly tasks: number;
  /** Work on offer as a share of what the processors can do while jobs come. */
  readonly load: number;
  /**
   * True where a job's memory is known when it comes: it asks for it, rounded up to whole GiB, and for no processor.
   * False where it asks for next to nothing, and only what is measured on the machines tells where there is room.
   */
  readonly isDemandKnown: boolean;
  /** Memory of the smallest job, as a share of the largest machine's. */
  readonly leastMemory: number;
  readonly random: SeededRandom;
}

export function drawPaperCluster(options: PaperOptions): Scenario {
  const { nodes, tasks, load, isDemandKnown, leastMemory, random } = options;
  const machines = mixMachines(SHAPES, nodes);
  const requests = new Map<number, PlacementRequest>();
  const requestFor = (memory: number): PlacementRequest => {
    const asked = isDemandKnown ? Math.ceil(memory / GIB) * GIB : 64 * MIB;
    const known = requests.get(asked);
    if (known !== undefined) return known;
    const spec = resolveSpec({ image: "birdman/echo:latest", cpu: isDemandKnown ? 0 : 0.01, memory: asked });
    const made = { name: `job-${String(asked / GIB)}`, spec };
    requests.set(asked, made);
    return made;
  };
  const jobs = Array.from({ length: tasks }, () => {
    const workMs = drawBoundedPareto(random, WORK_MS);
    const memory = Math.round(
      drawBoundedPareto(random, { alpha: 1, low: leastMemory * MOST_MEMORY, high: MOST_MEMORY }),
    );
    return { request: requestFor(memory), workMs, use: { cpu: CPU, memory } };
  });
  const work = jobs.reduce((sum, { workMs }) => sum + workMs, 0) * CPU;
  const cores = machines.reduce((sum, { capacity }) => sum + capacity.cpu, 0);
  const arrivals = drawArrivals(random, { count: tasks, windowMs: work / cores / load, swing: 0 });
  const workload = jobs.map((job, index) => ({ ...job, arrivalMs: arrivals[index] ?? 0 }));
  return { machines, workload: inOrderOfArrival(workload) };
}
