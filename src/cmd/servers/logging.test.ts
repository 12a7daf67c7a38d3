import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import type { LogOptions } from "../server-options.ts";
import { createLogger } from "./logging.ts";

function logged(options: LogOptions, write: (log: ReturnType<typeof createLogger>) => void): string {
  const output = new PassThrough();
  write(createLogger(options, output, (_style, text) => text));
  return String(output.read() ?? "");
}

const text: LogOptions = { logLevel: "info", logFormat: "text" };

test("a line of text has time, level, message and fields, and no control character", () => {
  const line = logged(text, (log) =>
    log.child({ part: "worker1" }).info({ task: "a\u001b[2J", attempt: 2 }, "started\n"),
  );
  expect(line).toMatch(/^\d\d:\d\d:\d\d\.\d{3} INFO  started\\n  part=worker1 task=a\\x1b\[2J attempt=2\n$/);
});

test("an error is told with where it comes from, on one line", () => {
  const line = logged(text, (log) => log.error(new Error("broken")));
  expect(line).toMatch(/^\S+ ERROR broken {2}err=Error: broken\\n +at .*\n$/);
});

test("JSON is pino's own, one object a line", () => {
  const line = logged({ logLevel: "info", logFormat: "json" }, (log) => log.warn({ a: 1 }, "careful"));
  expect(JSON.parse(line)).toMatchObject({ level: 40, a: 1, msg: "careful" });
});

test("what is less important than the level is left out", () => {
  expect(logged({ ...text, logLevel: "error" }, (log) => log.info("chatter"))).toBe("");
});

test("tokens and credentials are left out in either format", () => {
  for (const logFormat of ["text", "json"] as const) {
    const line = logged({ ...text, logFormat }, (log) =>
      log.info({ headers: { authorization: "Bearer secret" }, token: "secret" }, "x"),
    );
    expect(line).not.toContain("secret");
  }
});
