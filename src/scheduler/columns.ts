/** Flat columns of numbers, one entry a node. */
import type { Resources } from "../task/spec.ts";

/** In whole units of the ledger: millionths of a core, bytes, bytes. */
export interface Columns {
  readonly cpu: Float64Array;
  readonly memory: Float64Array;
  readonly disk: Float64Array;
}

export function newColumns(length: number): Columns {
  return { cpu: new Float64Array(length), memory: new Float64Array(length), disk: new Float64Array(length) };
}

/** What a column holds at a position that is in it. One kind of array alone, so that it is compiled to a plain load. */
export function entry(column: Float64Array, position: number): number {
  return column[position] as number;
}

export function write(columns: Columns, position: number, { cpu, memory, disk }: Resources): void {
  columns.cpu[position] = cpu;
  columns.memory[position] = memory;
  columns.disk[position] = disk;
}

export function grown({ cpu, memory, disk }: Columns, room: number): Columns {
  return {
    cpu: copied(new Float64Array(room), cpu),
    memory: copied(new Float64Array(room), memory),
    disk: copied(new Float64Array(room), disk),
  };
}

export function copied<T extends Float64Array | Int32Array>(into: T, from: T): T {
  into.set(from);
  return into;
}
