import { expect, test } from "vitest";
import { SeededRandom } from "../seeded-random.ts";
import { mixMachines } from "./machines.ts";
import { drawTrace, TRACE_SHAPES } from "./trace-workload.ts";
import type { ArrivingTask } from "./workload.ts";

const TASKS = 30_000;
const NODES = 300;
const MINUTE_MS = 60_000;

const { machines, workload } = drawTrace({
  machines: mixMachines(TRACE_SHAPES, NODES),
  tasks: TASKS,
  load: 0.8,
  random: new SeededRandom(1),
});
const running = workload.filter(({ arrivalMs }) => arrivalMs === 0);
const coming = workload.filter(({ arrivalMs }) => arrivalMs > 0);

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(share * (values.length - 1))] ?? Number.NaN;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

test("has the tasks that were asked for, in the order in which they come, of few kinds", () => {
  expect(workload).toHaveLength(TASKS);
  expect(workload.every(({ arrivalMs }, index) => arrivalMs >= (workload[index - 1]?.arrivalMs ?? 0))).toBe(true);
  const specs = new Set(workload.map(({ request }) => request.spec));
  expect(specs.size).toBeGreaterThan(15);
  expect(specs.size).toBeLessThan(40);
});

test("most tasks are short, and few take most of the resources", () => {
  const work = coming.map(({ workMs }) => workMs);
  expect(quantile(work, 0.5)).toBeLessThan(10 * MINUTE_MS);
  expect(quantile(work, 0.95)).toBeGreaterThan(120 * MINUTE_MS);
  const coreMs = ({ request, workMs }: ArrivingTask): number => request.spec.resources.cpu * workMs;
  const usage = coming.map(coreMs).sort((a, b) => b - a);
  expect(sum(usage.slice(0, usage.length / 10)) / sum(usage)).toBeGreaterThan(0.6);
});

test("asks for small amounts far oftener than for large ones, and uses less than it asks for", () => {
  const cores = coming.map(({ request }) => request.spec.resources.cpu);
  expect(quantile(cores, 0.5)).toBeLessThanOrEqual(1);
  expect(quantile(cores, 0.99)).toBe(16);
  const asked = coming.filter(({ request }) => request.name !== "unasked");
  expect(asked.every(({ use, request }) => use.cpu <= request.spec.resources.cpu)).toBe(true);
  expect(
    sum(asked.map(({ use }) => use.cpu)) / sum(asked.map(({ request }) => request.spec.resources.cpu)),
  ).toBeLessThan(0.6);
  const unasked = coming.filter(({ request }) => request.name === "unasked");
  expect(unasked.length / coming.length).toBeGreaterThan(0.05);
  expect(unasked.some(({ use, request }) => use.cpu > 10 * request.spec.resources.cpu)).toBe(true);
});

test("tasks come in jobs: most of one task, some of very many", () => {
  const sizes = new Map<number, number>();
  for (const { arrivalMs } of coming) sizes.set(arrivalMs, (sizes.get(arrivalMs) ?? 0) + 1);
  expect(quantile([...sizes.values()], 0.4)).toBe(1);
  expect(Math.max(...sizes.values())).toBeGreaterThan(40);
});

test("the cluster is at work when it begins, and the load is the one that was asked for", () => {
  const capacity = (what: "cpu" | "memory"): number => sum(machines.map((machine) => machine.capacity[what]));
  const asked = (
    tasks: readonly ArrivingTask[],
    what: "cpu" | "memory",
    times: (task: ArrivingTask) => number,
  ): number => sum(tasks.map((task) => task.request.spec.resources[what] * times(task))) / capacity(what);
  const share = (tasks: readonly ArrivingTask[], times: (task: ArrivingTask) => number): number =>
    Math.max(asked(tasks, "cpu", times), asked(tasks, "memory", times));
  expect(share(running, () => 1)).toBeCloseTo(0.8, 1);
  const windowMs = workload.at(-1)?.arrivalMs ?? 0;
  expect(share(coming, ({ workMs }) => workMs) / windowMs).toBeCloseTo(0.8, 3);
});
