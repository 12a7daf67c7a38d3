/** Tasks that are alike to every filter and to the cost: what holds for one of them holds for all. */
import { inUnits } from "../node/ledger.ts";
import type { Resources } from "../task/spec.ts";
import type { ClassIndex } from "./class-index.ts";
import type { Filter, FilteredTask } from "./filter.ts";
import { bitOf, FILTERS, rejecting } from "./filters.ts";
import { entry } from "./columns.ts";
import type { Nodes } from "./nodes.ts";
import type { Positions } from "./positions.ts";
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

  /**
   * The bits of all filters that reject a node, 0 of one that will do: of these nodes, in the order in which they are
   * listed. False when none is rejected, and what is written has no meaning. `suitability` has caught up before.
   */
  writeRejects(bits: Uint16Array, on: Positions): boolean {
    if (this.#suitsAll()) return false;
    const isAny = this.#write(bits, on);
    if (!isAny && on.length === this.#nodes.count) this.#nodes.raiseLeast();
    return isAny;
  }

  /** Whether it can be told without a look at each node that all of them will do. */
  #suitsAll(): boolean {
    const { least } = this.#nodes;
    const d = this.#demand;
    const isRoom = d.cpu <= least.cpu && d.memory <= least.memory && d.disk <= least.disk;
    return isRoom && this.suitability.rejected === 0 && this.#filters.length === 0;
  }

  #write(column: Uint16Array, { positions, length }: Positions): boolean {
    const { cpu, memory, disk } = this.#nodes.free;
    const { cpu: dCpu, memory: dMemory, disk: dDisk } = this.#demand;
    const { rejects } = this.suitability;
    const asksTasks = this.#filters.length > 0;
    let any = 0;
    for (let at = 0; at < length; at += 1) {
      const position = positions[at] as number;
      let bits = rejects[position] as number;
      if (dCpu > entry(cpu, position)) bits |= CPU;
      if (dMemory > entry(memory, position)) bits |= MEMORY;
      if (dDisk > entry(disk, position)) bits |= DISK;
      if (asksTasks) bits |= this.#rejectsForTasks(position);
      column[at] = bits;
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
