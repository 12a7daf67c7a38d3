import fc from "fast-check";
import { expect, test } from "vitest";
import { parseJsonBody } from "./json-body.ts";

const parse = (text: string, pieceBytes?: number) => parseJsonBody(new TextEncoder().encode(text), pieceBytes);

async function detail(text: string): Promise<string> {
  const parsed = await parse(text);
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
])("%j is refused with the place", async (text, where) => {
  expect(await detail(text)).toContain(where);
});

const json = fc.json().filter((text) => !text.includes("__proto__"));
const list = fc.array(json).map((items) => `[${items.join(",")}]`);
const places = fc.tuple(
  fc.nat(),
  fc.constantFrom("", ",", "}", "]", '"', ":", "\\", "x", "\u0000", "-", "1", "\ufeff"),
);

/** The text with one character replaced. */
function damaged(text: string, [at, insert]: readonly [number, string]): string {
  const cut = at % (text.length + 1);
  return text.slice(0, cut) + insert + text.slice(cut + 1);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test("what is JSON is parsed to the same value, what is not is refused with a place", async () => {
  await fc.assert(
    fc.asyncProperty(json, async (text) => {
      expect(await parse(text)).toEqual({ kind: "value", value: JSON.parse(text) });
    }),
  );
  await fc.assert(
    fc.asyncProperty(json, places, async (text, place) => {
      const broken = damaged(text, place);
      const parsed = await parse(broken);
      expect(parsed.kind).toBe(isJson(broken.replace(/^\ufeff/, "")) ? "value" : "refused");
      if (parsed.kind === "refused") expect(parsed.problem.detail).toMatch(/at position \d+/);
    }),
    { numRuns: 2000 },
  );
});

test("a list that is read in pieces is the same as in one, also where it is wrong", async () => {
  await fc.assert(
    fc.asyncProperty(list, places, async (text, place) => {
      expect(await parse(text, 3)).toEqual({ kind: "value", value: JSON.parse(text) });
      const broken = damaged(text, place);
      expect(await parse(broken, 3)).toEqual(await parse(broken));
    }),
    { numRuns: 2000 },
  );
});

test("others get their turn while a long list is read", async () => {
  let turns = 0;
  const others = setInterval(() => (turns += 1), 0);
  const parsed = await parse(
    JSON.stringify(Array.from({ length: 100_000 }, (_, index) => ({ image: `echo:${String(index)}` }))),
  );
  clearInterval(others);
  expect(parsed.kind === "value" && Array.isArray(parsed.value) && parsed.value.length).toBe(100_000);
  expect(turns).toBeGreaterThan(2);
});

test("bodies that would cost far more than their size are refused unparsed", async () => {
  expect(await detail("[".repeat(1_000_000))).toContain("levels deep");
  expect(await detail(`[${"{},".repeat(5_000_000)}{}]`)).toContain("values");
});

test("brackets inside strings are no nesting", async () => {
  const text = JSON.stringify(["[".repeat(1000), '\\"[', "]"]);
  expect(await parse(text)).toEqual({ kind: "value", value: JSON.parse(text) });
});

test.each(['{"__proto__": {"image": "x"}}', '[{"env": {"\\u005f_proto__": "1"}}]'])(
  "a key __proto__ is refused: %s",
  async (text) => {
    expect(await detail(text)).toContain("__proto__");
  },
);

test("bytes that are not UTF-8 are refused", async () => {
  expect((await parseJsonBody(new Uint8Array([0x22, 0xff, 0x22]))).kind).toBe("refused");
});

test("a byte order mark before the value is let pass", async () => {
  expect(await parse("\ufeff{}")).toEqual({ kind: "value", value: {} });
});

test("a huge malformed string costs no stack", async () => {
  expect(await detail(`["${"a".repeat(5_000_000)}`)).toContain("not closed");
});
