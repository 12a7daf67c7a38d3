import fc from "fast-check";
import { expect, test } from "vitest";
import { Heap } from "./heap.ts";

const byNumber = (): Heap<number> => new Heap((a, b) => a < b);

test("what goes in comes out in order", () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), (items) => {
      const heap = byNumber();
      for (const item of items) heap.push(item);
      expect(heap.size).toBe(items.length);
      const out: (number | undefined)[] = [];
      while (heap.size > 0) out.push(heap.pop());
      expect(out).toEqual(items.toSorted((a, b) => a - b));
    }),
  );
});

test("between pushes and pops, the first is always the smallest", () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer(), { nil: undefined })), (steps) => {
      const heap = byNumber();
      const model: number[] = [];
      for (const step of steps) {
        if (step === undefined) {
          expect(heap.pop()).toBe(model.shift());
        } else {
          heap.push(step);
          model.push(step);
          model.sort((a, b) => a - b);
        }
        expect([heap.peek(), heap.size]).toEqual([model[0], model.length]);
      }
    }),
  );
});
