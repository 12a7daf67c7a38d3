import fc from "fast-check";
import { expect, test } from "vitest";
import { attemptKey, parseTaskId, type TaskId } from "./id.ts";

test("a UUID of any version is an id, in lower case however it is written", () => {
  fc.assert(
    fc.property(fc.uuid(), (uuid) => {
      expect(parseTaskId(uuid)).toBe(uuid);
      expect(parseTaskId(uuid.toUpperCase())).toBe(uuid);
    }),
  );
});

test.each(["", "1", "21b23589-5d2d-4731-b5c9-a97e9832d02", "{21b23589-5d2d-4731-b5c9-a97e9832d021}"])(
  "%s is no id",
  (text) => {
    expect(parseTaskId(text)).toBeUndefined();
    expect(parseTaskId(`${text}21b23589-5d2d-4731-b5c9-a97e9832d021\n`)).toBeUndefined();
  },
);

test("attempts of different tasks, or of different numbers, have different keys", () => {
  const attempt = fc.tuple(fc.uuid(), fc.nat());
  fc.assert(
    fc.property(attempt, attempt, ([a, i], [b, j]) => {
      expect(attemptKey(a as TaskId, i) === attemptKey(b as TaskId, j)).toBe(a === b && i === j);
    }),
  );
});
