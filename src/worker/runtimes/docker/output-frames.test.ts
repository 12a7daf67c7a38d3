import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OutputFrames } from "./output-frames.ts";

function frame(stream: number, text: string): Buffer {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
}

function read(chunks: readonly Buffer[], isFramed = true): { stdout: string; stderr: string } {
  const frames = new OutputFrames({ isFramed });
  const parts: { stdout: Uint8Array[]; stderr: Uint8Array[] } = { stdout: [], stderr: [] };
  for (const chunk of chunks) for (const { stream, data } of frames.push(chunk)) parts[stream].push(data);
  return { stdout: Buffer.concat(parts.stdout).toString(), stderr: Buffer.concat(parts.stderr).toString() };
}

describe("output in frames", () => {
  test("is told apart", () => {
    const bytes = Buffer.concat([frame(1, "out"), frame(2, "err"), frame(1, ""), frame(1, "!")]);
    expect(read([bytes])).toEqual({ stdout: "out!", stderr: "err" });
  });

  test("is the same wherever the stream is cut", () => {
    const frames = fc.array(fc.tuple(fc.constantFrom(1, 2), fc.string({ unit: "grapheme", maxLength: 40 })), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(frames, fc.array(fc.nat({ max: 400 }), { maxLength: 12 }), (written, cuts) => {
        const bytes = Buffer.concat(written.map(([stream, text]) => frame(stream, text)));
        const edges = [0, ...cuts.filter((cut) => cut < bytes.length).toSorted((a, b) => a - b), bytes.length];
        const chunks = edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
        const textOf = (wanted: number): string =>
          written.flatMap(([stream, text]) => (stream === wanted ? [text] : [])).join("");
        expect(read(chunks)).toEqual({ stdout: textOf(1), stderr: textOf(2) });
      }),
    );
  });

  test("of a frame that has only begun is passed on", () => {
    const frames = new OutputFrames({ isFramed: true });
    const bytes = frame(1, "a long line").subarray(0, 8 + 6);
    expect([...frames.push(bytes)]).toEqual([{ stream: "stdout", data: Buffer.from("a long") }]);
  });

  test("of one stream is one chunk, however many frames it takes", () => {
    const frames = new OutputFrames({ isFramed: true });
    const bytes = Buffer.concat([frame(1, "one\n"), frame(1, "two\n"), frame(2, "oh\n"), frame(1, "three\n")]);
    expect(frames.push(bytes)).toEqual([
      { stream: "stdout", data: Buffer.from("one\ntwo\n") },
      { stream: "stderr", data: Buffer.from("oh\n") },
      { stream: "stdout", data: Buffer.from("three\n") },
    ]);
  });

  test("of a terminal has no frames", () => {
    expect(read([frame(2, "raw")], false).stdout).toBe(frame(2, "raw").toString());
  });
});
