import { expect, test } from "vitest";
import { shareOf } from "./machine-share.ts";

test("a share is that part of what there is and of what is used; all shares together are no more than the machine", async () => {
  const machine = {
    cores: 4,
    memory: { total: 1000, available: 500 },
    disk: { path: "/", total: 100, available: 10 },
    use: { cpu: 2, memory: 500, disk: 90, load: [3, 2, 1] as const },
  };
  const share = await shareOf({ sample: async () => machine }, 3).sample();
  expect(share).toEqual({
    cores: 4 / 3,
    memory: { total: 333, available: 166 },
    disk: { path: "/", total: 33, available: 3 },
    use: { cpu: 2 / 3, memory: 166, disk: 30, load: [3, 2, 1] },
  });
  const unmeasured = await shareOf({ sample: async () => ({ ...machine, use: undefined }) }, 2).sample();
  expect(unmeasured.use).toBeUndefined();
});
