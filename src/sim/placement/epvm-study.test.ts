/** E-PVM on the clusters that it was made for, and on one that it was not: what `docs/simulation.md` says of it. */
import { expect, test } from "vitest";
import type { CostUse } from "../../scheduler/nodes.ts";
import { createScheduler } from "../../scheduler/create-scheduler.ts";
import { SCHEDULERS } from "../../scheduler/schedulers.ts";
import { PRESETS, type PresetName } from "./presets.ts";
import { runPlacement } from "./run-placement.ts";

const SEEDS = [1, 2, 3, 4, 5];

interface Setting {
  readonly preset: PresetName;
  readonly load: number;
  readonly costUse?: CostUse;
}

/** Mean slowdowns, one for each seed. */
function slowdowns(scheduler: string, { preset, load, costUse = "measured" }: Setting): number[] {
  const algorithm = SCHEDULERS.get(scheduler);
  if (algorithm === undefined) throw new Error(`no scheduler ${scheduler}`);
  return SEEDS.map((seed) => {
    const scenario = PRESETS[preset].draw({ nodes: 6, tasks: 1500, load, seed });
    const steps = runPlacement({
      ...scenario,
      scheduler: createScheduler(algorithm, { costUse }),
      patienceMs: Infinity,
      reportsUse: costUse === "measured",
      clock: () => 0,
    });
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value.slowdown.mean;
    }
  });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

test.each([0.6, 0.8])("where processors are shared and memory is known, E-PVM is best at a load of %d", (load) => {
  const of = (scheduler: string): number[] => slowdowns(scheduler, { preset: "epvm-paper", load });
  const epvm = of("epvm");
  const greedy = of("greedy");
  const roundrobin = of("roundrobin");
  expect(median(epvm)).toBeLessThan(median(greedy) * 0.8);
  expect(median(epvm)).toBeLessThan(median(roundrobin) * 0.6);
  // Not by the luck of one seed: on every one of them.
  for (const [index, slowdown] of epvm.entries()) {
    expect(slowdown).toBeLessThan(greedy[index] ?? 0);
    expect(slowdown).toBeLessThan(roundrobin[index] ?? 0);
  }
});

test("so it is, by less, where costs see reservations alone", () => {
  const setting = { preset: "epvm-paper", load: 0.8, costUse: "reserved" } as const;
  const epvm = median(slowdowns("epvm", setting));
  expect(epvm).toBeLessThan(median(slowdowns("greedy", setting)));
  expect(epvm).toBeLessThan(median(slowdowns("roundrobin", setting)) * 0.6);
});

test("where only measured use tells, E-PVM keeps the machines from paging", () => {
  const of = (scheduler: string): number => median(slowdowns(scheduler, { preset: "epvm-blind", load: 0.6 }));
  const epvm = of("epvm");
  expect(epvm).toBeLessThan(3);
  expect(of("greedy")).toBeGreaterThan(2 * epvm);
  expect(of("roundrobin")).toBeGreaterThan(20 * epvm);
});

test("where large jobs wait for memory, least-loaded is better", () => {
  const of = (scheduler: string): number => median(slowdowns(scheduler, { preset: "epvm-crowded", load: 0.95 }));
  expect(of("greedy")).toBeLessThan(of("epvm"));
});
