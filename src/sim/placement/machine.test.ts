import { expect, test } from "vitest";
import { resolveSpec } from "../../task/spec.ts";
import { Machine } from "./machine.ts";
import type { ArrivingTask } from "./workload.ts";

const request = { name: "task", spec: resolveSpec({ image: "x" }) };

function task(workMs: number, cpu: number, memory = 0): ArrivingTask {
  return { request, arrivalMs: 0, workMs, use: { cpu, memory } };
}

function machine(): Machine {
  return new Machine({ cpu: 1, memory: 100, disk: 0 });
}

test("a task alone takes as long as its work", () => {
  const alone = machine();
  expect(alone.nextEndMs).toBe(Infinity);
  alone.start(1, task(500, 1), 1000);
  expect(alone.nextEndMs).toBe(1500);
  expect(alone.endNext(1500)?.number).toBe(1);
  expect(alone.nextEndMs).toBe(Infinity);
});

test("tasks that do not use all of the processor do not slow each other down", () => {
  const half = machine();
  half.start(1, task(500, 0.5), 0);
  half.start(2, task(500, 0.5), 0);
  expect(half.pace).toBe(1);
  expect(half.nextEndMs).toBe(500);
});

test("tasks share a processor that is too small, from the moment they meet until one goes", () => {
  const shared = machine();
  shared.start(1, task(1000, 1), 0);
  shared.start(2, task(1000, 1), 500); // 500 of the first are done; both at half speed from here
  expect(shared.pace).toBe(0.5);
  expect(shared.nextEndMs).toBe(1500);
  expect(shared.endNext(1500)?.number).toBe(1);
  expect(shared.pace).toBe(1);
  expect(shared.nextEndMs).toBe(2000); // half of the second was done meanwhile
});

test("a slow processor makes a task that would use more slower", () => {
  const slow = new Machine({ cpu: 0.5, memory: 100, disk: 0 });
  slow.start(1, task(1000, 1), 0);
  expect(slow.nextEndMs).toBe(2000);
});

test("a machine with more in memory than it has is ten times as slow, until it fits again", () => {
  const paging = machine();
  paging.start(1, task(100, 0.1, 60), 0);
  paging.start(2, task(1000, 0.1, 60), 0);
  expect(paging.pace).toBe(0.1);
  expect(paging.endNext(paging.nextEndMs)?.number).toBe(1);
  expect(paging.pace).toBe(1);
  expect(paging.nextEndMs).toBeCloseTo(1000 + 900, 6);
});
