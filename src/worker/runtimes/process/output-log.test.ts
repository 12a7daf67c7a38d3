import fc from "fast-check";
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { LogOptions } from "../../../protocol/messages.ts";
import { olderLog, OutputLog, type OutputStream } from "./output-log.ts";
import { readLog } from "./output-reader.ts";

const ALL: LogOptions = { follow: false, timestamps: false, stdout: true, stderr: true };
const AT = Date.parse("2026-11-23T08:00:00.000Z");
const NEVER = new Promise<void>(() => undefined);

let directory = "";
let path = "";

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "birdman-log-"));
  path = join(directory, "output.log");
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Everything that the options choose, as one text for each stream. */
async function read(options: Partial<LogOptions> = {}): Promise<{ stdout: string; stderr: string }> {
  const parts: Record<OutputStream, Buffer[]> = { stdout: [], stderr: [] };
  const signal = new AbortController().signal;
  for await (const { stream, data } of readLog({ path, options: { ...ALL, ...options }, signal, ended: NEVER })) {
    parts[stream].push(Buffer.from(data));
  }
  return {
    stdout: Buffer.concat(parts.stdout).toString("latin1"),
    stderr: Buffer.concat(parts.stderr).toString("latin1"),
  };
}

function writeAll(pieces: readonly (readonly [OutputStream, string])[], maxBytes = 1e6): void {
  const log = new OutputLog(path, maxBytes);
  for (const [index, [stream, text]] of pieces.entries()) log.write(stream, Buffer.from(text, "latin1"), AT + index);
  log.close(AT + pieces.length);
}

describe("what is written", () => {
  test("is one record a line, with its time and its stream", () => {
    writeAll([
      ["stdout", "one\ntw"],
      ["stderr", "oh\n"],
      ["stdout", "o\nrest"],
    ]);
    expect(readFileSync(path, "utf8")).toBe(
      [
        "2026-11-23T08:00:00.000Z stdout F one",
        "2026-11-23T08:00:00.001Z stderr F oh",
        "2026-11-23T08:00:00.002Z stdout F two",
        "2026-11-23T08:00:00.003Z stdout P rest",
        "",
      ].join("\n"),
    );
  });

  test("comes in parts where a line has no end", () => {
    const log = new OutputLog(path, 1e6);
    for (let written = 0; written < 100; written += 1) log.write("stdout", Buffer.alloc(1000, "x"), AT);
    expect(statSync(path).size).toBeGreaterThan(80_000);
    log.close(AT);
    expect(readFileSync(path, "utf8")).toMatch(/^(\S+ stdout P x+\n)+$/);
  });

  test("never takes more than two files", () => {
    const log = new OutputLog(path, 10_000);
    for (let line = 0; line < 2000; line += 1) log.write("stdout", Buffer.from(`line ${String(line)}\n`), AT);
    log.close(AT);
    expect(statSync(path).size).toBeLessThanOrEqual(10_000);
    expect(statSync(olderLog(path)).size).toBeLessThanOrEqual(10_000);
    expect(readFileSync(path, "utf8")).toContain("line 1999\n");
  });

  test("is dropped, and nothing else happens, when there is no place for it", () => {
    const log = new OutputLog(path, 100);
    rmSync(directory, { recursive: true });
    for (let line = 0; line < 10; line += 1) log.write("stdout", Buffer.from("a line that fills the file\n"), AT);
    log.close(AT);
    expect(existsSync(path)).toBe(false);
  });
});

/** Pieces of output: text with line feeds in odd places, bytes that are no text, nothing, and lines longer than a block. */
const pieces = fc.array(
  fc.tuple(
    fc.constantFrom<OutputStream>("stdout", "stderr"),
    fc.oneof(
      fc.string({ unit: fc.constantFrom("a", "\n", "\0", "\xff", "F", " "), maxLength: 40 }),
      fc.integer({ min: 15_000, max: 70_000 }).map((length) => "x".repeat(length)),
    ),
  ),
  { maxLength: 12 },
);

describe("what is read", () => {
  test("is what was printed, to the byte", async () => {
    await fc.assert(
      fc.asyncProperty(pieces, async (printed) => {
        writeAll(printed);
        const of = (wanted: OutputStream) =>
          printed.flatMap(([stream, text]) => (stream === wanted ? [text] : [])).join("");
        expect(await read()).toEqual({ stdout: of("stdout"), stderr: of("stderr") });
      }),
      { numRuns: 60 },
    );
  });

  test("by its tail is the last lines of the chosen stream, over both files", async () => {
    const lines = fc.array(fc.tuple(fc.constantFrom<OutputStream>("stdout", "stderr"), fc.nat({ max: 5000 })), {
      maxLength: 80,
    });
    await fc.assert(
      fc.asyncProperty(lines, fc.nat({ max: 90 }), async (widths, tail) => {
        rmSync(olderLog(path), { force: true });
        writeAll(
          widths.map(([stream, width], index) => [stream, `${String(index)} ${"x".repeat(width)}\n`]),
          150_000,
        );
        const whole = (await read({ stderr: false })).stdout.split("\n").slice(0, -1);
        const last = (await read({ stderr: false, tail })).stdout.split("\n").slice(0, -1);
        expect(last).toEqual(tail === 0 ? [] : whole.slice(-tail));
      }),
      { numRuns: 60 },
    );
  });

  test("by its tail counts a line without an end, and parts as one line", async () => {
    writeAll([
      ["stdout", "one\n"],
      ["stdout", "x".repeat(20_000)],
      ["stdout", "y\n"],
      ["stdout", "rest"],
    ]);
    expect((await read({ tail: 1 })).stdout).toBe("rest");
    expect((await read({ tail: 2 })).stdout).toBe(`${"x".repeat(20_000)}y\nrest`);
    expect((await read({ tail: 9 })).stdout).toBe(`one\n${"x".repeat(20_000)}y\nrest`);
  });

  test("has one time for each line, also for one in parts", async () => {
    writeAll([
      ["stdout", "x".repeat(20_000)],
      ["stdout", "y\nz\n"],
    ]);
    const { stdout } = await read({ timestamps: true });
    expect(stdout).toBe(`2026-11-23T08:00:00.000Z ${"x".repeat(20_000)}y\n2026-11-23T08:00:00.001Z z\n`);
  });

  test("from a moment on leaves out what is older", async () => {
    writeAll([
      ["stdout", "a\n"],
      ["stdout", "b\n"],
      ["stdout", "c\n"],
    ]);
    expect((await read({ since: AT + 1 })).stdout).toBe("b\nc\n");
    expect((await read({ since: AT + 1, tail: 1 })).stdout).toBe("c\n");
    expect((await read({ since: AT + 9 })).stdout).toBe("");
  });

  test("of a log that does not exist is nothing", async () => {
    expect(await read({ tail: 5 })).toEqual({ stdout: "", stderr: "" });
  });

  test("along with the writing is whole, through rotations, and ends when it ends", async () => {
    const log = new OutputLog(path, 20_000);
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    let seen = "";
    const reading = (async () => {
      const signal = AbortSignal.timeout(15_000);
      for await (const { data } of readLog({ path, options: { ...ALL, follow: true }, signal, ended })) {
        seen += Buffer.from(data).toString();
      }
    })();
    const lines = Array.from({ length: 3000 }, (_, index) => `line ${String(index)}\n`);
    for (let index = 0; index < lines.length; index += 100) {
      for (const line of lines.slice(index, index + 100)) log.write("stdout", Buffer.from(line), Date.now());
      await vi.waitFor(() => expect(seen).toContain(`line ${String(index + 99)}\n`), { timeout: 5000, interval: 1 });
    }
    log.write("stdout", Buffer.from("the end"), Date.now());
    log.close(Date.now());
    end();
    await reading;
    expect(seen).toBe(`${lines.join("")}the end`);
  });

  test("along with the writing goes on where a file has been renamed and there is no new one yet", async () => {
    writeAll([["stdout", "one\n"]]);
    renameSync(path, olderLog(path));
    const controller = new AbortController();
    const options = { ...ALL, follow: true, tail: 0 };
    let seen: string | undefined;
    const reading = (async () => {
      const { value } = await readLog({ path, options, signal: controller.signal, ended: NEVER }).next();
      seen = value === undefined ? "" : Buffer.from(value.data).toString();
    })();
    await setImmediate();
    const log = new OutputLog(path, 1e6);
    await vi.waitFor(
      () => {
        log.write("stdout", Buffer.from("two\n"), AT);
        expect(seen).toMatch(/^(two\n)+$/);
      },
      { timeout: 5000, interval: 10 },
    );
    controller.abort();
    await reading;
    log.close(AT);
  });

  test("reads no further ahead than one block", async () => {
    writeAll(
      Array.from({ length: 500 }, () => ["stdout", `${"x".repeat(9999)}\n`] as const),
      1e8,
    );
    const reading = readLog({ path, options: ALL, signal: new AbortController().signal, ended: NEVER });
    const first = await reading.next();
    expect(first.done === true ? 0 : first.value.data.length).toBeLessThan(200_000);
    await reading.return(undefined);
  });
});
