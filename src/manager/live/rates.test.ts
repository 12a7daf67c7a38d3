import { expect, test } from "vitest";
import { CoreBench } from "../../../test/support/core-bench.ts";
import { REPORTED } from "../../protocol/messages.ts";
import type { TaskId } from "../../task/id.ts";
import { Rates } from "./rates.ts";

const ID = "21b23589-5d2d-4731-b5c9-a97e9832d021" as TaskId;

test("what happened in a second is counted in it, with how long it took", () => {
  const bench = new CoreBench();
  const rates = new Rates(bench.wall);
  const took = (): void => {
    if (bench.last !== undefined) rates.take(bench.last, bench.wall);
  };
  const began = bench.wall;
  bench.submit({ id: ID, image: "web:1" });
  took();
  bench.tick(300);
  const worker = bench.connect("n1");
  took();
  bench.mono += 500;
  bench.wall += 500;
  worker.report([{ task: ID, attempt: 1, state: REPORTED.running, restarts: 0, reason: "", startedAt: bench.wall }]);
  took();
  const none = { submitted: 0, placed: 0, started: 0, completed: 0, failed: 0, placementMs: null, startMs: null };
  expect(rates.since(0, began + 999)).toEqual([]);
  expect(rates.since(0, began + 2000)).toEqual([
    {
      ...{ at: began, submitted: 1, placed: 1, started: 1, completed: 0, failed: 0 },
      placementMs: { p50: 300, p99: 300 },
      startMs: { p50: 500, p99: 500 },
    },
    { ...none, at: began + 1000 },
  ]);
  expect(rates.since(began, began + 2000)).toHaveLength(1);
});

test("only the last minutes are kept, however long nobody asks", () => {
  const rates = new Rates(0);
  expect(rates.since(0, 86_400_000)).toHaveLength(300);
  expect(rates.since(0, 86_400_000).at(-1)?.at).toBe(86_399_000);
});
