/**
 * A cluster under virtual time: tasks come, the scheduler under test says where they go, they run, slow each other
 * down, and end. The scheduler is the one that the manager has, told of the same things in the same order.
 *
 * What happens next is the end of a task or the coming of one, whichever is first; ends go first, so that a task finds
 * the room of one that ends at the moment at which it comes. The run is over when nothing runs and nothing comes any
 * more: what still waits then fits on no node even when it is empty.
 */
import type { PlacementRequest, Scheduler } from "../../scheduler/scheduler.ts";
import type { TaskSpec } from "../../task/spec.ts";
import { assert } from "../../utils/assert.ts";
import { EndQueue } from "./end-queue.ts";
import type { MachineShape } from "./machines.ts";
import { distributionOf, meanOf, type PlacementResult } from "./result.ts";
import { Sampler } from "./samples.ts";
import { SimulatedNode } from "./simulated-node.ts";
import { WaitingTasks } from "./waiting.ts";
import { largeTaskOf, type ArrivingTask, type Workload } from "./workload.ts";

export interface PlacementRun {
  readonly scheduler: Scheduler;
  readonly machines: readonly MachineShape[];
  readonly workload: Workload;
  /** How long a task waits for room before it gives up; infinity for as long as it takes. */
  readonly patienceMs: number;
  /** False where costs see reservations alone (`--cost-use reserved`): then nothing is reported. */
  readonly reportsUse: boolean;
  /** Milliseconds of real time, for decisions a second alone. */
  readonly clock: () => number;
  /** Told the cluster after each thing that happened: for checks. */
  readonly watch?: (nodes: readonly SimulatedNode[]) => void;
}

/** How often a worker says what is used. */
const REPORT_MS = 10_000;
/** Progress is shown after so many tasks. */
const TASKS_A_STEP = 5_000;

/** Runs it to the end; yields the number of tasks that have come, from time to time. */
export function* runPlacement(run: PlacementRun): Generator<number, PlacementResult> {
  const simulation = new Simulation(run);
  let shown = 0;
  while (simulation.step()) {
    run.watch?.(simulation.nodes);
    if (simulation.come < shown + TASKS_A_STEP) continue;
    shown = simulation.come;
    yield shown;
  }
  return simulation.result();
}

class Simulation {
  readonly nodes: readonly SimulatedNode[];
  /** Number of tasks that have come. */
  come = 0;
  readonly #run: PlacementRun;
  readonly #byId: ReadonlyMap<string, number>;
  readonly #ends: EndQueue;
  readonly #waiting: WaitingTasks;
  readonly #sampler: Sampler;
  /** Nodes whose reports will show something new although nothing changes there. */
  readonly #unsettled = new Set<SimulatedNode>();
  readonly #slowdowns: Float64Array;
  #reports = 0;
  #placed = 0;
  #waited = 0;
  #decisions = 0;
  #schedulingMs: number;

  constructor(run: PlacementRun) {
    const { machines, workload, scheduler, patienceMs, clock } = run;
    this.#run = run;
    this.nodes = machines.map((shape, index) => new SimulatedNode(index, shape));
    this.#byId = new Map(this.nodes.map(({ id }, index) => [id, index]));
    this.#ends = new EndQueue(machines.length);
    this.#waiting = new WaitingTasks(patienceMs);
    this.#sampler = new Sampler(this.nodes, largeTaskOf(workload), workload.at(-1)?.arrivalMs ?? 0);
    this.#slowdowns = new Float64Array(workload.length).fill(Number.NaN);
    const begunMs = clock();
    for (const node of this.nodes) scheduler.update(node);
    this.#schedulingMs = clock() - begunMs;
  }

  /** Lets the next thing happen; false when there is nothing left. */
  step(): boolean {
    const { workload } = this.#run;
    const arrivalMs = workload[this.come]?.arrivalMs ?? Number.POSITIVE_INFINITY;
    const endMs = this.#ends.firstMs;
    const nowMs = Math.min(arrivalMs, endMs);
    while (this.#sampler.nextMs < nowMs) {
      this.#waiting.giveUp(this.#sampler.nextMs);
      this.#sampler.take(this.#waiting.size);
    }
    if (nowMs === Number.POSITIVE_INFINITY) return false;
    if (endMs <= arrivalMs) this.#end(nowMs);
    else this.#arrive(nowMs);
    return true;
  }

  result(): PlacementResult {
    const { scheduler, workload } = this.#run;
    const { samples, nodeLoads } = this.#sampler;
    return {
      scheduler: scheduler.name,
      nodes: this.nodes.length,
      tasks: workload.length,
      placed: this.#placed,
      unplaced: workload.length - this.#placed,
      waited: this.#waited,
      decisions: this.#decisions,
      schedulingMs: this.#schedulingMs,
      slowdown: distributionOf(this.#slowdowns),
      utilisation: Math.max(
        meanOf(samples, ({ cpu }) => cpu),
        meanOf(samples, ({ memory }) => memory),
      ),
      fragmentation: meanOf(samples, ({ fragmentation }) => fragmentation),
      imbalance: meanOf(samples, ({ imbalance }) => imbalance),
      samples,
      nodeLoads,
    };
  }

  #arrive(nowMs: number): void {
    const task = this.come;
    const { request } = this.#task(task);
    this.come += 1;
    // A spec that waits fits nowhere: the task stands in line behind the others.
    if (!this.#waiting.has(request.spec) && this.#place(task, nowMs)) return;
    this.#waiting.add(task, request.spec, nowMs);
    this.#waited += 1;
  }

  #end(nowMs: number): void {
    const index = this.#ends.first;
    const node = this.#node(index);
    this.#measure(node, nowMs);
    const { number, task } = node.endNext(nowMs);
    this.#slowdowns[number] = (nowMs - task.arrivalMs) / task.workMs;
    this.#changed(node, index);
    if (this.#waiting.size > 0) this.#letIn(node, nowMs);
  }

  /** A task has ended on the node: whoever waits and fits there now goes there. */
  #letIn(node: SimulatedNode, nowMs: number): void {
    this.#waiting.giveUp(nowMs);
    const refused = new Set<TaskSpec>();
    const isPossible = (spec: TaskSpec): boolean => !refused.has(spec) && node.ledger.fits(spec);
    for (let task = this.#waiting.first(isPossible); task !== undefined; task = this.#waiting.first(isPossible)) {
      const { spec } = this.#task(task).request;
      if (this.#place(task, nowMs)) this.#waiting.takeFirst(spec);
      else refused.add(spec);
    }
  }

  /** False when it fits nowhere. */
  #place(number: number, nowMs: number): boolean {
    const task = this.#task(number);
    this.#report(nowMs);
    const index = this.#decide(task.request);
    if (index === undefined) return false;
    const node = this.#node(index);
    this.#measure(node, nowMs);
    node.start(number, task, nowMs);
    this.#changed(node, index);
    this.#placed += 1;
    return true;
  }

  /** The place of the node that the scheduler names. */
  #decide(request: PlacementRequest): number | undefined {
    const { scheduler, clock } = this.#run;
    const begunMs = clock();
    const { chosen } = scheduler.decide(request);
    this.#schedulingMs += clock() - begunMs;
    this.#decisions += 1;
    return chosen === undefined ? undefined : this.#byId.get(chosen);
  }

  #changed(node: SimulatedNode, index: number): void {
    this.#ends.set(index, node.machine.nextEndMs);
    this.#tell(node);
  }

  #tell(node: SimulatedNode): void {
    const { scheduler, clock, reportsUse } = this.#run;
    const begunMs = clock();
    scheduler.update(node);
    this.#schedulingMs += clock() - begunMs;
    if (!reportsUse) return;
    if (node.told()) this.#unsettled.add(node);
    else this.#unsettled.delete(node);
  }

  /** The latest reports of use, as far as a cost would see a difference. Those before it are in it. */
  #report(nowMs: number): void {
    const due = Math.floor(nowMs / REPORT_MS);
    if (due === this.#reports) return;
    this.#reports = due;
    for (const node of this.#unsettled) {
      node.measure(due * REPORT_MS);
      if (node.hasNews) this.#tell(node);
    }
  }

  #measure(node: SimulatedNode, nowMs: number): void {
    if (this.#run.reportsUse) node.measure(nowMs);
  }

  #task(number: number): ArrivingTask {
    const task = this.#run.workload[number];
    assert(task !== undefined, "a task is a place in the workload");
    return task;
  }

  #node(index: number): SimulatedNode {
    const node = this.nodes[index];
    assert(node !== undefined, "a node is a place among the nodes");
    return node;
  }
}
