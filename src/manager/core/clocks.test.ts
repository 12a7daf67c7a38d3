import { expect, test } from "vitest";
import { CoreBench } from "../../../test/support/core-bench.ts";

test("a node's clock is compared with ours each time that it tells it", () => {
  const bench = new CoreBench();
  const skew = (): number | undefined => [...bench.core.state.nodes.values()][0]?.clockSkewMs;
  bench.connect("w1");
  expect(skew()).toBeUndefined();
  bench.connect("w1", { at: bench.wall + 5000 });
  expect(skew()).toBe(5000);
  bench.connect("w1", { at: bench.wall - 250 });
  expect(skew()).toBe(-250);
});
