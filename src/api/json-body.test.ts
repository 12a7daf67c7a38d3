import fc from "fast-check";
import { expect, test } from "vitest";
import { parseJsonBody } from "./json-body.ts";

const parse = (text: string) => parseJsonBody(new TextEncoder().encode(text));

function detail(text: string): string {
  const parsed = parse(text);
  expect(parsed.kind).toBe("refused");
  return parsed.kind === "refused" ? parsed.problem.detail : "";
}

test.each([
  ['{"image": }', "a value should stand at position 10 (line 1, column 11)"],
  ['{"image": "x"', 'it ends where "," or "}" should follow, at position 13'],
  ['{\n  "image": "x",\n}', "a key should stand at position 18 (line 3, column 1)"],
  ["[1 2]", '"," or "]" should stand at position 3'],
  ["[1,]", "a value should stand at position 3"],
  ["{} {}", "the end should stand at position 3"],
  ["nul", "neither a number nor true, false, null or a string stands at position 0"],
  ["[01]", "neither a number nor true, false, null or a string stands at position 1"],
  ['{"a" "b"}', '":" should stand at position 5'],
  ['["a\\x"]', "a string holds an unknown escape at position 3"],
  ['["a\nb"]', "a string holds a raw control character at position 3"],
  ['["abc', "a string is not closed; it begins at position 1"],
  ["", "it ends where a value should follow, at position 0"],
  ["{'a': 1}", 'a key or "}" should stand at position 1'],
])("%j is refused with the place", (text, where) => {
  expect(detail(text)).toContain(where);
});

test("what is JSON is parsed to the same value, what is not is refused with a place", () => {
  const json = fc.json().filter((text) => !text.includes("__proto__"));
  fc.assert(
    fc.property(json, (text) => {
      expect(parse(text)).toEqual({ kind: "value", value: JSON.parse(text) });
    }),
  );
  const damaged = fc.tuple(json, fc.nat(), fc.constantFrom("", ",", "}", "]", '"', ":", "\\", "x", "\u0000", "-", "1"));
  fc.assert(
    fc.property(damaged, ([text, at, insert]) => {
      const cut = at % (text.length + 1);
      const broken = text.slice(0, cut) + insert + text.slice(cut + 1);
      let valid = true;
      try {
        JSON.parse(broken);
      } catch {
        valid = false;
      }
      const parsed = parse(broken);
      expect(parsed.kind).toBe(valid ? "value" : "refused");
      if (parsed.kind === "refused") expect(parsed.problem.detail).toMatch(/at position \d+/);
    }),
    { numRuns: 2000 },
  );
});

test("bodies that would cost far more than their size are refused unparsed", () => {
  expect(detail("[".repeat(1_000_000))).toContain("levels deep");
  expect(detail(`[${"{},".repeat(5_000_000)}{}]`)).toContain("values");
});

test("brackets inside strings are no nesting", () => {
  const text = JSON.stringify(["[".repeat(1000), '\\"[', "]"]);
  expect(parse(text)).toEqual({ kind: "value", value: JSON.parse(text) });
});

test.each(['{"__proto__": {"image": "x"}}', '[{"env": {"\\u005f_proto__": "1"}}]'])(
  "a key __proto__ is refused: %s",
  (text) => {
    expect(detail(text)).toContain("__proto__");
  },
);

test("bytes that are not UTF-8 are refused", () => {
  expect(parseJsonBody(new Uint8Array([0x22, 0xff, 0x22])).kind).toBe("refused");
});

test("a byte order mark before the value is let pass", () => {
  expect(parse("\ufeff{}")).toEqual({ kind: "value", value: {} });
});

test("a huge malformed string costs no stack", () => {
  expect(detail(`["${"a".repeat(5_000_000)}`)).toContain("not closed");
});
