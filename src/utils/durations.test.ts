import fc from "fast-check";
import { expect, test } from "vitest";
import { DURATION_PATTERN, formatDuration, parseDuration } from "./durations.ts";

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

test.each([
  ["500ms", 500],
  ["2s", 2000],
  ["10m", 600_000],
  ["1h30m", 5_400_000],
  ["1.5h", 5_400_000],
  ["7d", 604_800_000],
  ["0s", 0],
  [250, 250],
])("%j is %i milliseconds", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(["", "5", "s", "-1s", "1 s", "1S", "1.s", "1w", "1s ", "99999999999d", -1, 0.5, Number.POSITIVE_INFINITY])(
  "%j is no duration",
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);

test("parts of any units, in any order, add up", () => {
  const part = fc.tuple(fc.nat(10_000), fc.constantFrom(...Object.entries(UNITS)));
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => {
      const text = parts.map(([count, [unit]]) => `${String(count)}${unit}`).join("");
      expect(parseDuration(text)).toBe(parts.reduce((sum, [count, [, ms]]) => sum + count * ms, 0));
    }),
  );
});

test("what the schema lets through is a duration, or longer than can be counted; nothing else is", () => {
  const pattern = new RegExp(DURATION_PATTERN);
  const text = fc.oneof(fc.string(), fc.stringMatching(/^([0-9]{1,6}(\.[0-9])?(ms|s|m|h|d|w)){1,3}$/));
  fc.assert(
    fc.property(text, (input) => {
      expect(parseDuration(input) !== undefined).toBe(pattern.test(input));
    }),
  );
});

test.each([
  [0, "0ms"],
  [350, "350ms"],
  [42_000, "42s"],
  [119_000, "119s"],
  [300_000, "5m"],
  [10_800_000, "3h"],
  [1_036_800_000, "12d"],
  [-5, "0ms"],
])("%i milliseconds are shown as %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test("a formatted duration reads back as itself, to half of its unit", () => {
  fc.assert(
    fc.property(fc.nat(40_000_000_000), (ms) => {
      const text = formatDuration(ms);
      const unit = parseDuration(text.replace(/^\d+/, "1")) ?? Number.NaN;
      expect(Math.abs((parseDuration(text) ?? Number.NaN) - ms)).toBeLessThanOrEqual(unit / 2);
    }),
  );
});
