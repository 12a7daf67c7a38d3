/** What a benchmark is, and how its figures are told. */
export interface Figure {
  readonly name: string;
  /** The median of the runs. */
  readonly value: number;
  readonly unit: string;
  /** What it is held against, measured in the same run, or a limit. */
  readonly against: { readonly name: string; readonly value: number } | undefined;
  /** Value over `against`. */
  readonly ratio: number | undefined;
  readonly goal: string;
  readonly met: boolean;
  /** Smallest and largest of the runs. */
  readonly spread: readonly [number, number];
}

export interface Benchmark {
  readonly name: string;
  readonly what: string;
  run(say: (line: string) => void): Promise<readonly Figure[]>;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

export function spread(values: readonly number[]): readonly [number, number] {
  return [Math.min(...values), Math.max(...values)];
}

interface Bound {
  readonly unit: string;
  readonly limit: number;
}

/** A figure that is to stay at or below a limit. */
export function atMost(name: string, values: readonly number[], { unit, limit }: Bound): Figure {
  const met = median(values) <= limit;
  return { ...beside(name, values, { unit, limit }), goal: `≤ ${String(limit)} ${unit}`, met };
}

/** A figure that is to reach a goal. */
export function atLeast(name: string, values: readonly number[], { unit, limit }: Bound): Figure {
  const met = median(values) >= limit;
  return { ...beside(name, values, { unit, limit }), goal: `≥ ${String(limit)} ${unit}`, met };
}

function beside(name: string, values: readonly number[], { unit, limit }: Bound): Omit<Figure, "goal" | "met"> {
  const value = median(values);
  return { name, value, unit, against: { name: "limit", value: limit }, ratio: value / limit, spread: spread(values) };
}
