import { expect, test } from "vitest";
import { createScheduler } from "../../scheduler/create-scheduler.ts";
import type { CostUse } from "../../scheduler/nodes.ts";
import { SCHEDULERS } from "../../scheduler/schedulers.ts";
import type { SpecDocument } from "../../task/document.ts";
import { resolveSpec } from "../../task/spec.ts";
import type { MachineShape } from "./machines.ts";
import { PRESETS, PRESET_NAMES } from "./presets.ts";
import type { PlacementResult } from "./result.ts";
import { runPlacement, type PlacementRun } from "./run-placement.ts";
import { inOrderOfArrival, type ArrivingTask, type Scenario } from "./workload.ts";

const GIB = 2 ** 30;
const NAMES = [...SCHEDULERS.keys()];

function run(
  name: string,
  scenario: Scenario,
  options: Partial<PlacementRun> & { costUse?: CostUse } = {},
): PlacementResult {
  const { costUse = "measured", ...rest } = options;
  const algorithm = SCHEDULERS.get(name);
  if (algorithm === undefined) throw new Error(`no scheduler ${name}`);
  const scheduler = createScheduler(algorithm, { costUse });
  const reportsUse = costUse === "measured";
  const steps = runPlacement({ scheduler, ...scenario, patienceMs: Infinity, reportsUse, clock: () => 0, ...rest });
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

function nodes(count: number, cpu: number, memory: number): MachineShape[] {
  return Array.from({ length: count }, () => ({ name: "x", weight: 1, capacity: { cpu, memory, disk: GIB } }));
}

function task(arrivalMs: number, workMs: number, document: SpecDocument): ArrivingTask {
  const spec = resolveSpec({ image: "x", ...document });
  return { request: { name: "t", spec }, arrivalMs, workMs, use: spec.resources };
}

test("three tasks on two nodes: the third waits for the first to end", () => {
  const whole = { cpu: 1, memory: GIB };
  const workload = inOrderOfArrival([task(0, 1000, whole), task(0, 3000, whole), task(400, 600, whole)]);
  const result = run("greedy", { machines: nodes(2, 1, GIB), workload });
  expect(result).toMatchObject({ nodes: 2, tasks: 3, placed: 3, unplaced: 0, waited: 1, decisions: 4 });
  // The third waits 600 ms for its 600 ms.
  expect(result.slowdown.mean).toBeCloseTo((1 + 1 + 2) / 3, 9);
  expect(result.slowdown.quantiles[100]).toBeCloseTo(2, 9);
  // Both nodes are full all the time in which tasks come, and nothing is free to be scattered.
  expect(result.utilisation).toBe(1);
  expect(result.imbalance).toBe(0);
  expect(result.fragmentation).toBe(0);
  expect([...result.nodeLoads]).toEqual([1, 1]);
});

test("measures of a cluster that is half full, and all of it on one node", () => {
  const half = { cpu: 0.5, memory: GIB / 2 };
  const whole = { cpu: 1, memory: GIB };
  const workload = inOrderOfArrival([task(0, 5000, half), task(0, 5000, half), task(1000, 5000, whole)]);
  const packed = run("binpack", { machines: nodes(2, 1, GIB), workload });
  expect(packed.utilisation).toBeCloseTo(0.5, 9);
  expect(packed.imbalance).toBeCloseTo(1, 9); // loads 1 and 0: mean and deviation are both a half
  expect(packed.fragmentation).toBe(0);
  expect(packed.waited).toBe(0);
  const apart = run("greedy", { machines: nodes(2, 1, GIB), workload });
  expect(apart.utilisation).toBeCloseTo(0.5, 9);
  expect(apart.imbalance).toBe(0);
  expect(apart.fragmentation).toBe(1); // a whole node is free, in two halves
  expect(apart.waited).toBe(1);
});

test("a task that comes at the moment at which another ends finds its room", () => {
  const workload = [task(0, 1000, { cpu: 1 }), task(1000, 10, { cpu: 1 })];
  expect(run("greedy", { machines: nodes(1, 1, GIB), workload })).toMatchObject({ placed: 2, waited: 0 });
});

test("all that fit are let in when a large task ends, the most urgent and then the first first", () => {
  const half = { cpu: 0.5, priority: 10 };
  const workload = inOrderOfArrival([
    task(0, 1000, { cpu: 1 }),
    task(100, 900, half),
    { ...task(200, 800, half), request: { name: "t", spec: resolveSpec({ image: "x", ...half }) } },
    task(300, 700, { cpu: 0.5, priority: 90 }),
  ]);
  const result = run("greedy", { machines: nodes(1, 1, GIB), workload });
  // At 1000 the urgent one and the first of the others; the last when the urgent one ends at 1700.
  expect(result.waited).toBe(3);
  expect(result.slowdown.mean).toBeCloseTo((1 + 1800 / 900 + 2300 / 800 + 1400 / 700) / 4, 9);
});

test("a task that fits on no node, even an empty one, is unplaced and holds nobody up", () => {
  const workload = [task(0, 10, { cpu: 9 }), task(0, 10, { cpu: 1 }), task(5, 10, { cpu: 9 })];
  const result = run("epvm", { machines: nodes(1, 1, GIB), workload });
  expect(result).toMatchObject({ placed: 1, unplaced: 2, waited: 2 });
  expect(result.slowdown.mean).toBe(1);
});

test("a task that has waited for too long gives up", () => {
  const workload = [task(0, 1000, { cpu: 1 }), task(0, 10, { cpu: 1 }), task(950, 10, { cpu: 1 })];
  const scenario = { machines: nodes(1, 1, GIB), workload };
  expect(run("epvm", scenario, { patienceMs: 100 })).toMatchObject({ placed: 2, unplaced: 1 });
  expect(run("epvm", scenario, { patienceMs: 0 })).toMatchObject({ placed: 1, unplaced: 2 });
  expect(run("epvm", scenario)).toMatchObject({ placed: 3, unplaced: 0 });
});

test("tasks that use more than they asked for slow each other down", () => {
  const small = { cpu: 0.01, memory: GIB / 64 };
  const workload = [task(0, 1000, small), task(0, 1000, small)].map((each) => ({
    ...each,
    use: { cpu: 1, memory: 0 },
  }));
  expect(run("greedy", { machines: nodes(1, 1, GIB), workload }).slowdown.mean).toBe(2);
  expect(run("greedy", { machines: nodes(2, 1, GIB), workload }).slowdown.mean).toBe(1);
});

test("reports of what is really used steer a task away from a busy processor, unless costs leave them out", () => {
  const busy = { cpu: 1, memory: 0 };
  const workload = [
    { ...task(0, 200_000, { cpu: 0, memory: GIB / 64 }), use: busy },
    { ...task(0, 200_000, { cpu: 0, memory: GIB / 2 }), use: { cpu: 0, memory: GIB / 2 } },
    { ...task(100_000, 1000, { cpu: 0, memory: GIB / 4 }), use: busy },
  ];
  const scenario = { machines: nodes(2, 1, GIB), workload };
  const slowest = (costUse: CostUse): number | undefined =>
    run("greedy", scenario, { costUse }).slowdown.quantiles[100];
  expect(slowest("measured")).toBeCloseTo(1, 9);
  expect(slowest("reserved")).toBeCloseTo(2, 9);
});

test.each(PRESET_NAMES)("no task of %s is lost and no node is ever given more than it has", (preset) => {
  const size = { ...PRESETS[preset].size, nodes: 6, tasks: 400, load: 1.2 };
  const scenario = PRESETS[preset].draw({ ...size, seed: 3 });
  expect(scenario.workload).toHaveLength(400);
  for (const name of NAMES) {
    let steps = 0;
    const result = run(name, scenario, {
      watch: (all) => {
        steps += 1;
        for (const { ledger, machine } of all) {
          for (const what of ["cpu", "memory", "disk"] as const) {
            if (ledger.reserved[what] > ledger.capacity[what]) throw new Error(`${name} gave a node too much ${what}`);
          }
          if (ledger.count === 0 && machine.wantedCpu !== 0) throw new Error("an empty machine is busy");
        }
      },
    });
    expect(result.placed + result.unplaced).toBe(400);
    expect(result.unplaced).toBe(0);
    expect(steps).toBe(400 + result.placed);
    expect(result.slowdown.quantiles[0]).toBeGreaterThan(0.999999);
    for (const share of [result.utilisation, result.fragmentation]) {
      expect(share).toBeGreaterThanOrEqual(0);
      expect(share).toBeLessThanOrEqual(1);
    }
  }
});

test("the same seed gives the same figures, another one others", () => {
  const figures = (seed: number): unknown[] =>
    NAMES.map((name) => run(name, PRESETS.trace.draw({ nodes: 10, tasks: 500, load: 0.9, seed })));
  expect(figures(7)).toEqual(figures(7));
  expect(figures(8)).not.toEqual(figures(7));
});
