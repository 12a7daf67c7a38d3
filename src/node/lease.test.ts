import fc from "fast-check";
import { expect, test } from "vitest";
import { surelyStoppedMs } from "./lease.ts";

test("lease, stop timeout and two seconds, and one in a hundred", () => {
  expect(surelyStoppedMs(10_000, 10_000)).toBeCloseTo(22_220);
});

test("whatever is late on the way, the worker has stopped before the manager takes the task for stopped", () => {
  const ms = fc.integer({ min: 0, max: 100_000 });
  const skew = fc.double({ min: -0.005, max: 0.005, noNaN: true });
  const world = fc.record({ leaseMs: ms, stopTimeoutMs: ms, delayMs: ms, workerSkew: skew, managerSkew: skew });
  fc.assert(
    fc.property(world, ({ leaseMs, stopTimeoutMs, delayMs, workerSkew, managerSkew }) => {
      const sent = 0;
      const received = sent + delayMs;
      const stoppedByWorker = sent + (leaseMs + stopTimeoutMs) / (1 + workerSkew);
      const takenForStopped = received + surelyStoppedMs(leaseMs, stopTimeoutMs) / (1 + managerSkew);
      expect(takenForStopped).toBeGreaterThan(stoppedByWorker);
    }),
  );
});
