import { describe, expect, it } from "vitest";
import { type Codec, lines, number, ports, record, volumes, words } from "./codecs.ts";

interface Written {
  readonly what: string;
  readonly codec: Codec;
  readonly text: string;
  readonly value: unknown;
}

const WRITTEN: readonly Written[] = [
  { what: "a number", codec: number, text: "0.5", value: 0.5 },
  { what: "lines", codec: lines, text: "label.disk == ssd\nnode != a", value: ["label.disk == ssd", "node != a"] },
  { what: "words", codec: words, text: "sh -c 'echo \"a b\"; sleep 1'", value: ["sh", "-c", 'echo "a b"; sleep 1'] },
  {
    what: "ports",
    codec: ports,
    text: "80, 8080:81, 53/udp",
    value: [{ container: 80 }, { container: 81, host: 8080 }, { container: 53, protocol: "udp" }],
  },
  { what: "pairs", codec: record, text: "A=1\nB=x=y\nC=", value: { A: "1", B: "x=y", C: "" } },
  {
    what: "volumes",
    codec: volumes,
    text: "data:/data\n/srv:/srv:ro",
    value: [
      { source: "data", target: "/data" },
      { source: "/srv", target: "/srv", readOnly: true },
    ],
  },
];

describe.each(WRITTEN)("$what", ({ codec, text, value }) => {
  it("is read from its text, and written back the same", () => {
    expect(codec.parse(text)).toEqual({ value });
    expect(codec.format(value)).toBe(text);
  });

  it("is left out where the field is empty", () => {
    expect(codec.parse("  ")).toEqual({ value: undefined });
    expect(codec.format(undefined)).toBe("");
  });
});

describe("words", () => {
  it.each([
    [`a "b c" 'd e'`, ["a", "b c", "d e"]],
    [`'it'"'"'s'`, ["it's"]],
    [`a\\ b "q\\"q"`, ["a b", 'q"q']],
    [`''`, [""]],
  ])("%s", (text, value) => {
    expect(words.parse(text)).toEqual({ value });
    expect(words.parse(words.format(value))).toEqual({ value });
  });

  it("have quotes that end", () => expect(words.parse("sh -c 'oops")).toHaveProperty("error"));
});

describe.each<[string, Codec, string]>([
  ["a number", number, "many"],
  ["ports", ports, "80, http"],
  ["pairs", record, "A"],
  ["volumes", volumes, "data"],
])("%s", (_name, codec, text) => {
  it("says what is wrong with its text", () => expect(codec.parse(text)).toHaveProperty("error"));
});
