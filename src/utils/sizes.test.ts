import fc from "fast-check";
import { expect, test } from "vitest";
import { formatSize, parseSize, SIZE_PATTERN } from "./sizes.ts";

const UNITS = {
  "": 1,
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

test.each([
  ["64MiB", 67_108_864],
  ["1.5 GB", 1_500_000_000],
  [" 1048576 ", 1_048_576],
  ["0", 0],
  ["1kb", 1000],
  ["1KIB", 1024],
  ["0.0001kB", 0],
  [4096, 4096],
])("%j is %i bytes", (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

test.each(["", "MiB", "-1", "1.", ".5", "1 000", "1e3", "64 M", "64PiB", "1,5GB", "9999999TiB", -1, 1.5, Number.NaN])(
  "%j is no size",
  (text) => {
    expect(parseSize(text)).toBeUndefined();
  },
);

test("a whole number of any unit, with or without a space, is that many bytes", () => {
  fc.assert(
    fc.property(
      fc.nat(8000),
      fc.constantFrom(...Object.entries(UNITS)),
      fc.boolean(),
      (count, [unit, bytes], space) => {
        expect(parseSize(`${String(count)}${space ? " " : ""}${unit}`)).toBe(count * bytes);
      },
    ),
  );
});

test("what the schema lets through is a size, or more than can be counted; nothing else is", () => {
  const pattern = new RegExp(SIZE_PATTERN);
  const text = fc.oneof(fc.string(), fc.stringMatching(/^ *[0-9]{0,17}(\.[0-9]{1,3})? *[kKmMgGtTpP]?i?[bB]? *$/));
  fc.assert(
    fc.property(text, (input) => {
      const isCountable = Number.parseFloat(input) * 2 ** 40 <= Number.MAX_SAFE_INTEGER;
      if (!pattern.test(input)) expect(parseSize(input)).toBeUndefined();
      else if (isCountable) expect(parseSize(input)).toBeTypeOf("number");
    }),
  );
});

test("a formatted size reads back as itself, to a twentieth of its unit", () => {
  fc.assert(
    fc.property(
      fc.maxSafeNat().map((count) => Math.floor(count / 2)),
      (bytes) => {
        const text = formatSize(bytes);
        const read = parseSize(text) ?? Number.NaN;
        const unit = parseSize(text.replace(/^[\d.]+/, "1")) ?? Number.NaN;
        expect(Math.abs(read - bytes)).toBeLessThanOrEqual(unit / 20 + 1);
      },
    ),
  );
});

test.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1 KiB"],
  [1536, "1.5 KiB"],
  [2 ** 20 - 1, "1 MiB"],
  [25_275_949_056, "23.5 GiB"],
  [Number.MAX_SAFE_INTEGER, "8192 TiB"],
])("%i bytes are shown as %s", (bytes, text) => {
  expect(formatSize(bytes)).toBe(text);
});
