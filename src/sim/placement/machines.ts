/** The machines of a simulated cluster: a handful of shapes, mixed evenly through the order in which they joined. */
import type { Resources } from "../../task/spec.ts";

export interface MachineShape {
  readonly name: string;
  readonly capacity: Resources;
  /** How many there are of it, relative to the others. */
  readonly weight: number;
}

/** Machines in the proportions of the weights, as exactly as whole numbers allow, for any number of them. */
export function mixMachines(shapes: readonly MachineShape[], count: number): MachineShape[] {
  const total = shapes.reduce((sum, { weight }) => sum + weight, 0);
  const given = new Map<MachineShape, number>();
  return Array.from({ length: count }, (_, index) => {
    const lack = (shape: MachineShape): number => (shape.weight / total) * (index + 1) - (given.get(shape) ?? 0);
    const next = shapes.reduce((best, shape) => (lack(shape) > lack(best) ? shape : best));
    given.set(next, (given.get(next) ?? 0) + 1);
    return next;
  });
}
