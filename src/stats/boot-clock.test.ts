import { uptime } from "node:os";
import { expect, test } from "vitest";
import { BootClock, readBootId } from "./boot-clock.ts";

test("a start of the machine has an id, the same whoever asks", () => {
  expect(readBootId()).toMatch(/^[0-9a-f-]{36}$/);
  expect(readBootId()).toBe(readBootId());
});

test("time counts from the start of the machine, and two processes agree on it", () => {
  const one = new BootClock();
  const other = new BootClock();
  expect(Math.abs(one.mono() - uptime() * 1000)).toBeLessThan(100);
  expect(Math.abs(one.mono() - other.mono())).toBeLessThan(100);
});

test("it never goes back", () => {
  const clock = new BootClock();
  let last = clock.mono();
  for (let index = 0; index < 1000; index += 1) {
    const next = clock.mono();
    expect(next).toBeGreaterThanOrEqual(last);
    last = next;
  }
});
