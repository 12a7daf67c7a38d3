/** One command line, run in this process with an environment and streams of its own. */
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import type { Context } from "../../src/cmd/context.ts";
import { runProgram } from "../../src/cmd/program.ts";

export interface Outcome {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

export interface Surroundings {
  readonly env?: Context["env"];
  readonly stdin?: string;
}

export async function runLine(args: readonly string[], { env = {}, stdin = "" }: Surroundings = {}): Promise<Outcome> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const input = new PassThrough();
  input.end(stdin);
  const printed = Promise.all([text(stdout), text(stderr)]);
  // Whoever runs the tests may have contexts of their own.
  const surroundings = { XDG_CONFIG_HOME: "/nonexistent", ...env };
  const status = await runProgram(args, { env: surroundings, stdin: input, stdout, stderr, now: Date.now });
  stdout.end();
  stderr.end();
  const [out, err] = await printed;
  return { status, out, err };
}
