import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { displayWidth, printable, printableJson, printableLines, truncate } from "./text.ts";

/** Any text, half of it from where the controls are. */
const anyText = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0x9f }), fc.integer({ min: 0, max: 0xffff })), { maxLength: 40 })
  .map((codes) => String.fromCharCode(...codes));

describe("printable", () => {
  test("shows control characters as escapes", () => {
    expect(printable("a\u001b[31mb\u0007\r\n\tc")).toBe("a\\x1b[31mb\\x07\\r\\n\\tc");
    expect(printable("\u009b2J\u202eevil")).toBe("\\x9b2J\\u202eevil");
  });

  test("leaves letters of every script alone", () => {
    expect(printable("größe 東京 🚀 naïve")).toBe("größe 東京 🚀 naïve");
  });

  test("never lets a control character through", () => {
    fc.assert(fc.property(anyText, (text) => !/\p{Cc}/u.test(printable(text))));
  });

  test("keeps line breaks where lines are wanted", () => {
    expect(printableLines("one\n\ttwo\u001b[2J")).toBe("one\n\ttwo\\x1b[2J");
  });

  test("keeps the value of JSON", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const json = printableJson(JSON.stringify({ text }));
        expect(JSON.parse(json)).toEqual({ text });
        expect(json).not.toMatch(/\p{Cc}/u);
      }),
    );
  });
});

describe("width", () => {
  test("counts wide characters twice and marks not at all", () => {
    expect(displayWidth("abc")).toBe(3);
    expect(displayWidth("東京")).toBe(4);
    expect(displayWidth("🚀")).toBe(2);
    expect(displayWidth("e\u0301")).toBe(1);
  });

  test("cuts to the width and marks the cut", () => {
    expect(truncate("abcdef", 6)).toBe("abcdef");
    expect(truncate("abcdef", 4)).toBe("abc…");
    expect(truncate("東京都", 4)).toBe("東…");
    expect(truncate("abc", 0)).toBe("");
  });
});
