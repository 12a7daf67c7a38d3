/**
 * Measured use, made calm enough to decide by: smoothed, so that a spike moves no task elsewhere, and in coarse steps,
 * so that nodes that are practically alike count as alike.
 */
import type { Resources } from "../task/spec.ts";

export interface Smoothing {
  /** Milliseconds since the measurement before; undefined for the first one. */
  readonly elapsedMs: number | undefined;
  /** Time constant: after it, a lasting change has come through to 63 %. */
  readonly constantMs: number;
}

/**
 * The running average after one more measurement (cores, bytes, bytes): an exponential moving average whose weight
 * follows the time that has passed, so that it does not matter how often a worker measures.
 */
export function smoothUse(previous: Resources | undefined, measured: Resources, smoothing: Smoothing): Resources {
  const { cpu, memory, disk } = measured;
  const { elapsedMs, constantMs } = smoothing;
  if (previous === undefined || elapsedMs === undefined) return { cpu, memory, disk };
  const weight = 1 - Math.exp(-Math.max(0, elapsedMs) / constantMs);
  return {
    cpu: previous.cpu + weight * (cpu - previous.cpu),
    memory: previous.memory + weight * (memory - previous.memory),
    disk: previous.disk + weight * (disk - previous.disk),
  };
}

const STEPS = 20; // of 5 % of the capacity
/** A node ten times over is full, and no fuller counts: costs that are exponential in the load stay finite. */
const MOST_SHARE = 10;

/** Use rounded to the nearest 5 % of the capacity; nothing of a resource that the node has not. */
export function quantiseUse(used: Resources, capacity: Resources): Resources {
  return {
    cpu: quantise(used.cpu, capacity.cpu),
    memory: quantise(used.memory, capacity.memory),
    disk: quantise(used.disk, capacity.disk),
  };
}

function quantise(used: number, capacity: number): number {
  return capacity > 0 ? (Math.round(Math.min(MOST_SHARE, used / capacity) * STEPS) / STEPS) * capacity : 0;
}
