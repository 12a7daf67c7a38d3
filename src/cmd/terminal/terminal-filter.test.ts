import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TerminalFilter } from "./terminal-filter.ts";

function filtered(...chunks: readonly (string | Uint8Array)[]): string {
  const filter = new TerminalFilter(true);
  const encoder = new TextEncoder();
  const parts = chunks.map((chunk) => filter.push(typeof chunk === "string" ? encoder.encode(chunk) : chunk));
  return parts.join("") + filter.end();
}

describe("TerminalFilter", () => {
  test("lets colours, tabs and line ends pass", () => {
    expect(filtered("\u001b[1;31mred\u001b[0m\tx\r\n")).toBe("\u001b[1;31mred\u001b[0m\tx\r\n");
  });

  test("takes colours out where they are not wanted", () => {
    expect(new TerminalFilter(false).push(new TextEncoder().encode("\u001b[31mred\u001b[0m"))).toBe("red");
  });

  test.each([
    ["clears the screen", "a\u001b[2Jb"],
    ["moves the cursor", "a\u001b[10;10Hb"],
    ["sets the title", "a\u001b]0;owned\u0007b"],
    ["sets the clipboard", "a\u001b]52;c;ZXZpbA==\u001b\\b"],
    ["asks for an answer", "a\u001b[6nb"],
    ["resets the terminal", "a\u001bcb"],
    ["uses the second set of controls", "a\u009b2Jb"],
    ["rings the bell", "a\u0007b"],
  ])("takes out what %s", (_what, text) => {
    expect(filtered(text)).toBe("ab");
  });

  test("waits for the rest of a character or a sequence that a chunk cuts", () => {
    const bytes = new TextEncoder().encode("ü\u001b[31mred");
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      expect(filtered(bytes.subarray(0, cut), bytes.subarray(cut))).toBe("ü\u001b[31mred");
    }
  });

  test("does not hold back a whole output for a sequence that never ends", () => {
    expect(filtered("\u001b]", "x".repeat(10_000))).toBe("x".repeat(10_000));
  });

  test("never lets another control character pass, however the text is cut", () => {
    const piece = fc.oneof(
      fc.constantFrom("\u001b", "[", "31m", "2J", "]", "\u0007", "\\", "\u009b", "0;", "\n"),
      fc.array(fc.integer({ min: 0, max: 0xff }), { maxLength: 5 }).map((codes) => String.fromCharCode(...codes)),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const rest = filtered(...pieces).replace(/\u001b\[[\d;:]*m/g, "");
        expect(rest.replace(/[\t\n\r]/g, "")).not.toMatch(/\p{Cc}/u);
      }),
    );
  });
});
