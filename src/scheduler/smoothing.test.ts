import fc from "fast-check";
import { expect, test } from "vitest";
import { GIB } from "../../test/support/test-node.ts";
import { quantiseUse, smoothUse } from "./smoothing.ts";

const IDLE = { cpu: 0, memory: 0, disk: 0 };
const BUSY = { cpu: 4, memory: 8 * GIB, disk: 100 * GIB };
const constantMs = 30_000;

test("the first measurement is taken as it is, whatever else it carries", () => {
  const measured = { ...BUSY, load: [1, 2, 3] };
  expect(smoothUse(undefined, measured, { elapsedMs: 2000, constantMs })).toEqual(BUSY);
  expect(smoothUse(IDLE, measured, { elapsedMs: undefined, constantMs })).toEqual(BUSY);
});

test("a change comes through to 63 % in one time constant, and to 95 % in three", () => {
  const after = (elapsedMs: number) => smoothUse(IDLE, BUSY, { elapsedMs, constantMs }).cpu / BUSY.cpu;
  expect(after(0)).toBe(0);
  expect(after(-5)).toBe(0);
  expect(after(30_000)).toBeCloseTo(0.632, 3);
  expect(after(90_000)).toBeCloseTo(0.95, 3);
});

test("how often a worker measures makes no difference", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(10_000), { minLength: 1, maxLength: 20 }), (pauses) => {
      const total = pauses.reduce((sum, pause) => sum + pause, 0);
      const inSteps = pauses.reduce((use, elapsedMs) => smoothUse(use, BUSY, { elapsedMs, constantMs }), IDLE);
      const atOnce = smoothUse(IDLE, BUSY, { elapsedMs: total, constantMs });
      expect(inSteps.cpu).toBeCloseTo(atOnce.cpu, 9);
      expect(inSteps.memory / GIB).toBeCloseTo(atOnce.memory / GIB, 9);
    }),
  );
});

test("use counts in steps of 5 % of the capacity", () => {
  const capacity = { cpu: 4, memory: 1000, disk: 0 };
  expect(quantiseUse({ cpu: 0.09, memory: 524, disk: 7 }, capacity)).toEqual({ cpu: 0, memory: 500, disk: 0 });
  expect(quantiseUse({ cpu: 0.11, memory: 526, disk: 7 }, capacity)).toEqual({ cpu: 0.2, memory: 550, disk: 0 });
});

test("use that is no more than a step off is off by half a step at most; beyond ten times the capacity it is ten times", () => {
  const share = fc.double({ min: 0, max: 20, noNaN: true });
  fc.assert(
    fc.property(share, (of) => {
      const { cpu } = quantiseUse({ ...IDLE, cpu: of * 8 }, { ...IDLE, cpu: 8 });
      expect(Math.abs(cpu / 8 - Math.min(10, of))).toBeLessThanOrEqual(0.025 + 1e-9);
    }),
  );
});
