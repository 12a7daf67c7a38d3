import fc from "fast-check";
import { expect, test } from "vitest";
import { sequenceKey } from "./write.ts";

test("keys of sequence numbers are ordered as text as the numbers are", () => {
  const number = fc.nat(10 ** 15);
  fc.assert(
    fc.property(number, number, (a, b) => {
      expect(sequenceKey(a) < sequenceKey(b)).toBe(a < b);
      expect(Number(sequenceKey(a))).toBe(a);
    }),
  );
});
