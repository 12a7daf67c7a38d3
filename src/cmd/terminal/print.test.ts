import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { Context, Output } from "../context.ts";
import { painter } from "./paint.ts";
import { printDocument } from "./print.ts";

function contextOf(isTTY: boolean, env: Context["env"] = {}): { context: Context; printed: () => string } {
  const stdout: Output = Object.assign(new PassThrough(), { isTTY, columns: 80 });
  let text = "";
  stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  return {
    context: { env, stdin: new PassThrough(), stdout, stderr: new PassThrough(), now: Date.now },
    printed: () => text,
  };
}

const nasty = { name: "a\u001b[2J\u009b\u202eb", list: [1, null], größe: "東京" };

describe("printDocument", () => {
  test("prints JSON as it came in a pipe, and indents it on a terminal", async () => {
    const [pipe, terminal] = [contextOf(false), contextOf(true)];
    await printDocument(pipe.context, "json", [{ a: 1 }]);
    await printDocument(terminal.context, "json", [{ a: 1 }]);
    expect(pipe.printed()).toBe('[{"a":1}]\n');
    expect(terminal.printed()).toBe('[\n  {\n    "a": 1\n  }\n]\n');
  });

  test.each(["json", "yaml"] as const)("keeps every value in %s, and no control character", async (format) => {
    const { context, printed } = contextOf(true);
    await printDocument(context, format, nasty);
    expect(parse(printed())).toEqual(nasty);
    expect(printed().replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u202e]/u);
  });
});

describe("colour", () => {
  const painted = (isTTY: boolean, env: Context["env"] = {}, wanted = true): boolean => {
    const { context } = contextOf(isTTY, env);
    return painter(context, context.stdout, wanted)("green", "x") !== "x";
  };

  test("is for terminals, unless it is not wanted", () => {
    expect(painted(true)).toBe(true);
    expect(painted(false)).toBe(false);
    expect(painted(true, {}, false)).toBe(false);
    expect(painted(true, { NO_COLOR: "1" })).toBe(false);
    expect(painted(true, { NO_COLOR: "" })).toBe(true);
    expect(painted(true, { TERM: "dumb" })).toBe(false);
  });
});
