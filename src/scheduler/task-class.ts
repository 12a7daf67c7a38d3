/** Tasks that are alike to every filter and to the cost: what holds for one of them holds for all. */
import { inUnits } from "../node/ledger.ts";
import type { Resources } from "../task/spec.ts";
import type { ClassIndex } from "./class-index.ts";
import type { Filter, FilteredTask } from "./filter.ts";
import { bitOf, FILTERS, rejecting } from "./filters.ts";
import { entry } from "./columns.ts";
import type { Nodes } from "./nodes.ts";
import * as filters from "./resource-filters.ts";
import type { Suitability } from "./suitability.ts";

const CPU = bitOf(filters.cpu);
const MEMORY = bitOf(filters.memory);
const DISK = bitOf(filters.disk);

export class TaskClass {
  readonly task: FilteredTask;
  readonly suitability: Suitability;
  /** It has been asked for before. */
  isKnown = false;
  /** Kept for a class that is asked for again. */
  index: ClassIndex | undefined;
  readonly #nodes: Nodes;
  /** What it would reserve, in whole units. */
  readonly #demand: Resources;
  /** Those that ask for the tasks and ports on a node. */
  readonly #filters: readonly Filter[];

  constructor(nodes: Nodes, task: FilteredTask, suitability: Suitability) {
    this.task = task;
    this.suitability = suitability;
    this.#nodes = nodes;
    const { cpu, memory, disk } = inUnits(task.resources);
    this.#demand = { cpu: asked(cpu), memory: asked(memory), disk: asked(disk) };
    this.#filters = FILTERS.filter((filter) => filter.asks === "tasks" && filter.concerns(task));
  }

  /** The bits of all filters that reject the node; 0 of one that will do. `suitability` has caught up before. */
  rejects(position: number): number {
    const { free } = this.#nodes;
    const d = this.#demand;
    let bits = this.suitability.rejects[position] as number;
    if (d.cpu > entry(free.cpu, position)) bits |= CPU;
    if (d.memory > entry(free.memory, position)) bits |= MEMORY;
    if (d.disk > entry(free.disk, position)) bits |= DISK;
    if (this.#filters.length > 0) bits |= this.#rejectsForTasks(position);
    return bits;
  }

  /** The same for every node, by position; whether any is rejected. */
  writeRejects(column: Uint16Array): boolean {
    const { cpu, memory, disk } = this.#nodes.free;
    const { cpu: dCpu, memory: dMemory, disk: dDisk } = this.#demand;
    const { rejects } = this.suitability;
    let any = 0;
    for (let position = 0; position < column.length; position += 1) {
      let bits = rejects[position] as number;
      if (dCpu > entry(cpu, position)) bits |= CPU;
      if (dMemory > entry(memory, position)) bits |= MEMORY;
      if (dDisk > entry(disk, position)) bits |= DISK;
      column[position] = bits;
      any |= bits;
    }
    if (this.#filters.length === 0) return any !== 0;
    for (let position = 0; position < column.length; position += 1) {
      const bits = (column[position] as number) | this.#rejectsForTasks(position);
      column[position] = bits;
      any |= bits;
    }
    return any !== 0;
  }

  #rejectsForTasks(position: number): number {
    return rejecting(this.#filters, this.task, this.#nodes.at(position));
  }
}

/** What asks for nothing always fits, even where there is less than nothing. */
function asked(units: number): number {
  return units === 0 ? Number.NEGATIVE_INFINITY : units;
}
