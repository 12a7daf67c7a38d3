/** Runs a command beside an instance, as it would itself: with its environment, in its directory, as its user. */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import type { Launch } from "./instance-files.ts";
import { signal } from "./session.ts";

/** So much of what a command prints is kept, from the beginning; the rest is read and thrown away. Bytes. */
const OUTPUT_LIMIT = 65_536;
const TIMED_OUT = 124;
const NOT_EXECUTABLE = 126;
const NOT_FOUND = 127;

export async function execBeside(
  { env, cwd, uid, gid }: Launch,
  command: readonly string[],
  timeoutMs: number,
): Promise<{ exitCode: number; output: string }> {
  const [program = "", ...args] = command;
  const child = spawn(program, args, {
    cwd,
    env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  });
  const kept: Buffer[] = [];
  let size = 0;
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (bytes: Buffer) => {
      if (size < OUTPUT_LIMIT) kept.push(bytes.subarray(0, OUTPUT_LIMIT - size));
      size += bytes.length;
    });
  }
  return new Promise((resolve) => {
    const finish = (exitCode: number, reason = "") => {
      clearTimeout(timer);
      child.stdout.destroy();
      child.stderr.destroy();
      resolve({ exitCode, output: Buffer.concat(kept).toString() + reason });
    };
    const timer = setTimeout(() => {
      // Its whole group, of which it may have been the first to end.
      if (child.pid !== undefined) signal(-child.pid, "SIGKILL");
      finish(TIMED_OUT);
    }, timeoutMs);
    child.once("error", (error) => {
      finish("code" in error && error.code === "ENOENT" ? NOT_FOUND : NOT_EXECUTABLE, error.message);
    });
    child.once("close", (code, name) => finish(code ?? 128 + (name === null ? 0 : constants.signals[name])));
  });
}
