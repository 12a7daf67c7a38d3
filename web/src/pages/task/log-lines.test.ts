import { describe, expect, it } from "vitest";
import { LogLines, MOST_LINES, withLines } from "./log-lines.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("log lines", () => {
  it("come out whole, however the bytes are cut", () => {
    const lines = new LogLines();
    const all = [...bytes("erste\nzweite größer\nrest")].flatMap((byte) => lines.take(Uint8Array.of(byte)));
    expect([...all, ...lines.end()]).toEqual([
      { number: 1, text: "erste" },
      { number: 2, text: "zweite größer" },
      { number: 3, text: "rest" },
    ]);
    expect(lines.end()).toEqual([]);
  });

  it("are shown without what steers a terminal", () => {
    const lines = new LogLines();
    const [coloured, progress, windows] = lines.take(
      bytes("\u001B[31mred\u001B[0m \u001B]0;title\u0007x\n10%\r99%\nend\r\n"),
    );
    expect(coloured?.text).toBe("red x");
    expect(progress?.text).toBe("99%");
    expect(windows?.text).toBe("end");
  });

  it("are kept to a number", () => {
    const many = Array.from({ length: MOST_LINES }, (_, index) => ({ number: index + 1, text: "" }));
    const kept = withLines(many, [{ number: MOST_LINES + 1, text: "new" }]);
    expect(kept.length).toBe(MOST_LINES);
    expect(kept[0]?.number).toBe(2);
    expect(kept.at(-1)?.text).toBe("new");
    expect(withLines(many, [])).toBe(many);
  });
});
