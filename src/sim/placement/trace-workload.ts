/**
 * A workload with the traits that published traces of large clusters share. It is drawn, not replayed: what is taken
 * from the sources are shapes and orders of magnitude, so that an algorithm meets the difficulties that are really there.
 *
 * - Machines come in a few shapes, most of them with the same processor and memory in different proportion, in about the
 *   numbers of Google's cell of 2011 (Reiss, Tumanov, Ganger, Katz, Kozuch: Heterogeneity and Dynamicity of Clouds at
 *   Scale: Google Trace Analysis, ACM SoCC 2012), where 1 is taken as 64 cores and 256 GiB.
 * - What is asked for has few values, small ones far oftener than large ones, processor and memory in no fixed relation
 *   (Reiss et al.; Cortez, Bonde, Muzio, Russinovich, Fontoura, Bianchini: Resource Central: Understanding and Predicting
 *   Workloads for Improved Resource Management in Large Cloud Platforms, SOSP 2017). Some tasks may run in one zone only.
 * - Tasks come in jobs: most jobs have one task, a few have thousands, all at once and alike (Reiss et al.; Verma, Pedrosa,
 *   Korupolu, Oppenheimer, Tune, Wilkes: Large-scale Cluster Management at Google with Borg, EuroSys 2015). Jobs come
 *   faster by day than by night.
 * - Most tasks are short; a few run for most of a day and take most of the resources. Usage has a power law's tail with an
 *   exponent below 1: the largest 1 % of the jobs use nearly everything (Tirmazi, Barker, Deng, Haque, Qin, Hand,
 *   Harchol-Balter, Wilkes: Borg: the Next Generation, EuroSys 2020).
 * - Real use is well below what was asked for (Reiss et al.; Cortez et al.), but for those that asked for nothing.
 */
import type { PlacementRequest } from "../../scheduler/scheduler.ts";
import type { SpecDocument } from "../../task/document.ts";
import { resolveSpec, type Resources } from "../../task/spec.ts";
import type { SeededRandom } from "../seeded-random.ts";
import { drawArrivals } from "./arrivals.ts";
import { drawBoundedPareto, drawLogNormal, WeightedChoice } from "./distributions.ts";
import type { MachineShape } from "./machines.ts";
import { inOrderOfArrival, type ArrivingTask, type RealUse, type Scenario } from "./workload.ts";

const GIB = 2 ** 30;
const MIB = 2 ** 20;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

const DISK = 2048 * GIB;
export const TRACE_SHAPES: readonly MachineShape[] = [
  { name: "medium", capacity: { cpu: 32, memory: 128 * GIB, disk: DISK }, weight: 53 },
  { name: "low-memory", capacity: { cpu: 32, memory: 64 * GIB, disk: DISK }, weight: 31 },
  { name: "high-memory", capacity: { cpu: 32, memory: 192 * GIB, disk: DISK }, weight: 8 },
  { name: "large", capacity: { cpu: 64, memory: 256 * GIB, disk: DISK }, weight: 6 },
  { name: "small", capacity: { cpu: 16, memory: 64 * GIB, disk: DISK }, weight: 2 },
];

interface Kind {
  readonly request: PlacementRequest;
  readonly weight: number;
  /** Asks for nothing: it is given little and takes what it likes. */
  readonly isUnasked: boolean;
}

const CORES = [0.5, 1, 2, 4, 8, 16];
/** Half as often for four times the cores. */
const CORES_EXPONENT = -0.5;
const GIB_A_CORE = new Map([
  [2, 0.45],
  [4, 0.35],
  [8, 0.2],
]);
const UNASKED_SHARE = 0.15;
const ZONED_SHARE = 0.06;

const KINDS: readonly Kind[] = kinds();
const KIND_CHOICE = new WeightedChoice(KINDS, ({ weight }) => weight);

/** Of each 24 hours' mean, how far the rate of arrivals swings. */
const SWING = 0.4;
const TASKS_A_JOB = { alpha: 1, low: 1, most: 5000, mostShare: 0.002 };
const SERVICE_SHARE = 0.2;
const SERVICE_WORK = { median: 6 * HOUR_MS, sigma: 0.8 };
const BATCH_WORK = { alpha: 0.7, low: MINUTE_MS, high: 24 * HOUR_MS };
const SHORTEST_MS = 1000;
const LONGEST_MS = 24 * HOUR_MS;
/** Tasks of a job differ a little in how long they take. */
const WITHIN_JOB = { median: 1, sigma: 0.2 };
const CPU_USED = { median: 0.35, sigma: 0.6 };
const MEMORY_USED = { median: 0.6, sigma: 0.4 };
const UNASKED_CPU = { alpha: 1.1, low: 0.02, high: 8 };
const UNASKED_MEMORY = { alpha: 1.1, low: 32 * MIB, high: 8 * GIB };

export interface TraceOptions {
  readonly machines: readonly MachineShape[];
  readonly tasks: number;
  /**
   * Work on offer, in the scarcer resource: what all tasks ask for, times how long they run, as a share of what the
   * machines have while tasks come.
   */
  readonly load: number;
  readonly random: SeededRandom;
}

/**
 * The cluster is at work when it begins: at the moment 0 come the tasks that would be running then, with what is left of
 * them, up to half of all tasks. The others come over the time in which the machines could do their work at that load.
 */
export function drawTrace({ machines, tasks, load, random }: TraceOptions): Scenario {
  const capacity = new Demand();
  for (const machine of machines) capacity.add(machine.capacity, load);
  const running = drawRunning(random, Math.floor(tasks / 2), capacity);
  const coming = drawJobs(random, tasks - running.reduce((sum, { workMs }) => sum + workMs.length, 0));
  const work = new Demand();
  for (const { kind, workMs } of coming) work.add(kind.request.spec.resources, total(workMs));
  const arrivals = drawArrivals(random, {
    count: coming.length,
    windowMs: work.largestShareOf(capacity),
    swing: SWING,
  });
  const arriving: ArrivingTask[] = [];
  const arrive = (job: Job, arrivalMs: number): void => {
    const { request } = job.kind;
    for (const workMs of job.workMs) arriving.push({ request, arrivalMs, workMs, use: drawUse(random, job.kind) });
  };
  for (const job of running) arrive(job, 0);
  for (const [index, job] of coming.entries()) arrive(job, arrivals[index] ?? 0);
  return { machines, workload: inOrderOfArrival(arriving) };
}

interface Job {
  readonly kind: Kind;
  /** One entry for each of its tasks. */
  readonly workMs: readonly number[];
}

/** Jobs of so many tasks in all. */
function drawJobs(random: SeededRandom, tasks: number): Job[] {
  const most = Math.max(1, tasks * TASKS_A_JOB.mostShare);
  const jobs: Job[] = [];
  for (let left = tasks; left > 0;) {
    const job = drawJob(random, Math.min(left, most));
    jobs.push(job);
    left -= job.workMs.length;
  }
  return jobs;
}

/**
 * Jobs that are found running at one moment, until they ask for all there is. The longer a job runs the likelier it is
 * found, and at any point of its run alike.
 */
function drawRunning(random: SeededRandom, most: number, capacity: Demand): Job[] {
  const demand = new Demand();
  const jobs: Job[] = [];
  for (let left = most; left > 0 && demand.largestShareOf(capacity) < 1;) {
    const { kind, workMs } = drawJob(random, Math.max(1, left * TASKS_A_JOB.mostShare));
    if (!random.chance(Math.max(...workMs) / LONGEST_MS)) continue;
    const done = random.next();
    const job = { kind, workMs: workMs.map((ms) => Math.max(SHORTEST_MS, ms * (1 - done))) };
    demand.add(kind.request.spec.resources, job.workMs.length);
    jobs.push(job);
    left -= job.workMs.length;
  }
  return jobs;
}

function drawJob(random: SeededRandom, mostTasks: number): Job {
  const { alpha, low, most } = TASKS_A_JOB;
  const high = Math.min(most, mostTasks) + 1;
  const size = Math.floor(drawBoundedPareto(random, { alpha, low, high }));
  const work = random.chance(SERVICE_SHARE)
    ? drawLogNormal(random, SERVICE_WORK)
    : drawBoundedPareto(random, BATCH_WORK);
  const drawWork = (): number => Math.min(LONGEST_MS, Math.max(SHORTEST_MS, work * drawLogNormal(random, WITHIN_JOB)));
  return { kind: KIND_CHOICE.draw(random), workMs: Array.from({ length: size }, drawWork) };
}

/** Processor and memory added up. */
class Demand {
  #cpu = 0;
  #memory = 0;

  add({ cpu, memory }: Resources, times: number): void {
    this.#cpu += cpu * times;
    this.#memory += memory * times;
  }

  /** In the resource of which the other has least. */
  largestShareOf(other: Demand): number {
    return Math.max(this.#cpu / other.#cpu, this.#memory / other.#memory);
  }
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function drawUse(random: SeededRandom, { request, isUnasked }: Kind): RealUse {
  if (isUnasked) {
    return {
      cpu: drawBoundedPareto(random, UNASKED_CPU),
      memory: Math.round(drawBoundedPareto(random, UNASKED_MEMORY)),
    };
  }
  // The engine holds a task to what it asked for.
  const { cpu, memory } = request.spec.resources;
  return {
    cpu: cpu * Math.min(1, drawLogNormal(random, CPU_USED)),
    memory: Math.round(memory * Math.min(1, drawLogNormal(random, MEMORY_USED))),
  };
}

function kinds(): Kind[] {
  const sizes = CORES.flatMap((cpu) =>
    [...GIB_A_CORE].map(([gib, share]) => {
      const document = { cpu, memory: cpu * gib * GIB };
      return kindOf(`cpu${String(cpu)}-mem${String(cpu * gib)}`, document, share * cpu ** CORES_EXPONENT);
    }),
  );
  const whole = sizes.reduce((sum, { weight }) => sum + weight, 0) / (1 - UNASKED_SHARE - ZONED_SHARE);
  const zoned = ["a", "b", "c"].map((zone) => {
    const document = { cpu: 1, memory: 4 * GIB, constraints: [`label.zone == ${zone}`] };
    return kindOf(`zone-${zone}`, document, (whole * ZONED_SHARE) / 3);
  });
  return [...sizes, ...zoned, { ...kindOf("unasked", {}, whole * UNASKED_SHARE), isUnasked: true }];
}

function kindOf(name: string, document: SpecDocument, weight: number): Kind {
  const spec = resolveSpec({ image: "birdman/echo:latest", ...document });
  return { request: { name, spec }, weight, isUnasked: false };
}
