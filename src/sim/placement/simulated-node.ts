/**
 * A node of a simulated cluster, as the scheduler sees it: a machine, a ledger, and measured use that follows what
 * really runs there as a manager's figures would, smoothed and never more than the machine has.
 *
 * Between two changes the use is constant, so the running average is known for every moment without a report: it is
 * worked out when something changes, and when the scheduler is to be told.
 */
import { Ledger } from "../../node/ledger.ts";
import type { NodeView, PlacementRequest } from "../../scheduler/scheduler.ts";
import { quantiseUse, smoothUse } from "../../scheduler/smoothing.ts";
import type { AttemptKey } from "../../task/id.ts";
import type { Resources } from "../../task/spec.ts";
import { assert } from "../../utils/assert.ts";
import { Machine, type Running } from "./machine.ts";
import type { MachineShape } from "./machines.ts";
import type { ArrivingTask } from "./workload.ts";

/** As the manager smooths. */
const SMOOTHING_MS = 30_000;
const NOTHING: Resources = { cpu: 0, memory: 0, disk: 0 };
const ZONES = ["a", "b", "c"];

export class SimulatedNode implements NodeView {
  readonly id: string;
  readonly name: string;
  readonly joined: number;
  readonly status = "ready";
  readonly availability = "active";
  readonly isDamped = false;
  readonly labels: Readonly<Record<string, string>>;
  readonly runtimes = ["docker", "process", "hollow"] as const;
  readonly ledger: Ledger;
  readonly machine: Machine;
  #used = NOTHING;
  #asOfMs = 0;
  #told = NOTHING;
  /** Counted from the first time on that somebody asks: few algorithms do. */
  #counts: TaskCounts | undefined;

  /** `index` counts from 0, in the order of joining. */
  constructor(index: number, { name, capacity }: MachineShape) {
    this.name = `node${String(index + 1)}`;
    this.id = this.name;
    this.joined = index + 1;
    this.labels = { shape: name, zone: ZONES[index % ZONES.length] ?? "" };
    this.ledger = new Ledger(capacity);
    this.machine = new Machine(capacity);
  }

  /** Smoothed, as of the last change or report. */
  get used(): Resources {
    return this.#used;
  }

  get taskNames(): ReadonlyMap<string, number> {
    return this.#counted().names;
  }

  get taskLabels(): ReadonlyMap<string, number> {
    return this.#counted().labels;
  }

  /** What a worker would measure at this moment: what is wanted, as far as the machine has it. */
  get measured(): Resources {
    const { capacity, wantedCpu, wantedMemory } = this.machine;
    return { cpu: Math.min(wantedCpu, capacity.cpu), memory: Math.min(wantedMemory, capacity.memory), disk: 0 };
  }

  start(number: number, task: ArrivingTask, nowMs: number): void {
    this.ledger.reserve(keyOf(number), task.request.spec);
    this.machine.start(number, task, nowMs);
    if (this.#counts !== undefined) count(this.#counts, task.request, 1);
  }

  /** The task that ends next does so, which is now. */
  endNext(nowMs: number): Running {
    const ended = this.machine.endNext(nowMs);
    assert(ended !== undefined, "what ends on a node runs there");
    this.ledger.release(keyOf(ended.number));
    if (this.#counts !== undefined) count(this.#counts, ended.task.request, -1);
    return ended;
  }

  /** Takes in what was measured until now; to be called before every change to what runs, and when a report is due. */
  measure(nowMs: number): void {
    const elapsedMs = nowMs - this.#asOfMs;
    if (elapsedMs <= 0) return;
    this.#used = smoothUse(this.#used, this.measured, { elapsedMs, constantMs: SMOOTHING_MS });
    this.#asOfMs = nowMs;
  }

  /** True when a report would show a cost something new: use beyond the reservations that is not what was last told. */
  get hasNews(): boolean {
    return !isSame(this.#beyondReserved(this.#used), this.#told);
  }

  /**
   * To be called when the scheduler has been told. True when reports to come will show something new although nothing
   * changes: the average is still on its way.
   */
  told(): boolean {
    this.#told = this.#beyondReserved(this.#used);
    return !isSame(this.#told, this.#beyondReserved(this.measured));
  }

  /** As much of a use as makes a difference to a cost, in the scheduler's steps. */
  #beyondReserved(use: Resources): Resources {
    const { reserved } = this.ledger;
    const { cpu, memory } = quantiseUse(use, this.machine.capacity);
    return { cpu: Math.max(0, cpu - reserved.cpu), memory: Math.max(0, memory - reserved.memory), disk: 0 };
  }

  #counted(): TaskCounts {
    if (this.#counts === undefined) {
      this.#counts = { names: new Map(), labels: new Map() };
      for (const { task } of this.machine.running) count(this.#counts, task.request, 1);
    }
    return this.#counts;
  }
}

interface TaskCounts {
  readonly names: Map<string, number>;
  readonly labels: Map<string, number>;
}

function count({ names, labels }: TaskCounts, { name, spec }: PlacementRequest, change: 1 | -1): void {
  add(names, name, change);
  for (const [key, value] of Object.entries(spec.document.labels ?? {})) add(labels, `${key}=${value}`, change);
}

function isSame(a: Resources, b: Resources): boolean {
  return a.cpu === b.cpu && a.memory === b.memory;
}

function keyOf(task: number): AttemptKey {
  return String(task) as AttemptKey;
}

function add(counts: Map<string, number>, word: string, change: 1 | -1): void {
  const changed = (counts.get(word) ?? 0) + change;
  if (changed === 0) counts.delete(word);
  else counts.set(word, changed);
}
