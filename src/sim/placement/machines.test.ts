import { expect, test } from "vitest";
import { mixMachines, type MachineShape } from "./machines.ts";

const shape = (name: string, weight: number): MachineShape => ({
  name,
  weight,
  capacity: { cpu: 1, memory: 1, disk: 1 },
});

test("machines come in the proportions of the weights, mixed", () => {
  const names = mixMachines([shape("fast", 3), shape("slow", 2), shape("old", 1)], 12).map(({ name }) => name);
  expect(names.slice(0, 6).sort()).toEqual(["fast", "fast", "fast", "old", "slow", "slow"]);
  expect(names.filter((name) => name === "fast")).toHaveLength(6);
  expect(names.slice(0, 3)).not.toEqual(["fast", "fast", "fast"]);
});
