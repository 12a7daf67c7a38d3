import { expect, test } from "vitest";
import { resolveSpec } from "../../task/spec.ts";
import { WaitingTasks } from "./waiting.ts";

const spec = (priority: number) => resolveSpec({ image: "x", priority });
const all = (): boolean => true;

test("the highest priority goes first, then who came first; a spec that is not possible is passed over", () => {
  const waiting = new WaitingTasks(Infinity);
  const [low, alsoLow, high] = [spec(10), spec(10), spec(90)];
  waiting.add(1, low, 0);
  waiting.add(2, alsoLow, 0);
  waiting.add(3, high, 0);
  waiting.add(4, low, 0);
  expect(waiting.size).toBe(4);
  expect(waiting.first(all)).toBe(3);
  waiting.takeFirst(high);
  expect(waiting.first(all)).toBe(1);
  waiting.takeFirst(low);
  expect(waiting.first(all)).toBe(2);
  expect(waiting.first((of) => of === low)).toBe(4);
  expect(waiting.first(() => false)).toBeUndefined();
  expect(waiting.has(high)).toBe(false);
  expect(waiting.has(low)).toBe(true);
});

test("who has waited for too long gives up", () => {
  const waiting = new WaitingTasks(100);
  const one = spec(50);
  waiting.add(1, one, 0);
  waiting.add(2, one, 50);
  waiting.giveUp(99);
  expect(waiting.size).toBe(2);
  waiting.giveUp(100);
  expect(waiting.first(all)).toBe(2);
  waiting.giveUp(150);
  expect(waiting.size).toBe(0);
  expect(waiting.has(one)).toBe(false);
});
