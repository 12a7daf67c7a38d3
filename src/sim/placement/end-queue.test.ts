import { expect, test } from "vitest";
import { SeededRandom } from "../seeded-random.ts";
import { EndQueue } from "./end-queue.ts";

test("the first is always the one that a search of all finds, of equal ones the lowest number", () => {
  const random = new SeededRandom(1);
  const moments = Array.from({ length: 40 }, () => Infinity);
  const queue = new EndQueue(moments.length);
  for (let step = 0; step < 5000; step += 1) {
    const machine = random.below(moments.length);
    const atMs = random.chance(0.1) ? Infinity : random.below(50);
    moments[machine] = atMs;
    queue.set(machine, atMs);
    const firstMs = Math.min(...moments);
    expect(queue.firstMs).toBe(firstMs);
    if (firstMs !== Infinity) expect(queue.first).toBe(moments.indexOf(firstMs));
  }
});
