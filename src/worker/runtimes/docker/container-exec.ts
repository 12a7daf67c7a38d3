/** Commands run inside a container, for probes: bounded in time and in what is kept of their output. */
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Readable } from "node:stream";
import type { Exec } from "dockerode";
import type { Containers } from "./containers.ts";
import { EngineError } from "./engine-error.ts";
import type { Engine } from "./engine.ts";
import { OutputFrames } from "./output-frames.ts";

/** Bytes of output kept; the rest is read and dropped. */
const OUTPUT_BYTES = 65_536;

/** The exit code of `timeout(1)` for what it had to end. */
const TIMED_OUT = 124;
/** The exit codes of a shell for what cannot be executed, and for what is not there. */
const NOT_EXECUTABLE = 126;
const NOT_FOUND = 127;

/** How long the engine may take, after the output has ended, to know the exit code, in milliseconds. */
const EXIT_CODE_MS = 2000;

/** How long the engine may take from its answer to a start until the command runs, in milliseconds. */
const BEGIN_MS = 2000;

export interface ExecParts {
  readonly engine: Engine;
  readonly containers: Containers;
}

export interface ExecRequest {
  /** The container's full id. */
  readonly id: string;
  readonly command: readonly string[];
  readonly timeoutMs: number;
}

export interface ExecResult {
  readonly exitCode: number;
  readonly output: string;
}

/** Runs the command to its end or its timeout, after which it is killed where the engine runs on this machine. */
export async function execInContainer(parts: ExecParts, { id, command, timeoutMs }: ExecRequest): Promise<ExecResult> {
  const { engine, containers } = parts;
  const what = `a command in container ${id.slice(0, 12)}`;
  const exec = await engine.call({ what }, (abortSignal) =>
    containers.handle(id).exec({ Cmd: [...command], AttachStdout: true, AttachStderr: true, abortSignal }),
  );
  const timeout = AbortSignal.timeout(timeoutMs);
  const kept: Buffer[] = [];
  try {
    const stream = await engine.open({ what }, (abortSignal) => exec.start({ abortSignal }), timeout);
    await keepOutput(stream, kept);
  } catch (error) {
    if (!timeout.aborted) return resultOf(error);
  }
  const output = Buffer.concat(kept).toString();
  // Checked whether or not the stream ended with an error: one that is called off may end as if it were complete.
  if (timeout.aborted) {
    await killExec(engine, { exec, containerId: id, signal: "SIGKILL" });
    return { exitCode: TIMED_OUT, output };
  }
  return { exitCode: await exitCodeOf(engine, exec), output };
}

/** The result of a command that could not be started; any other error is thrown again. */
function resultOf(error: unknown): ExecResult {
  if (error instanceof EngineError && error.reason === "answered") {
    const { message: output } = error;
    if (/not found|no such file/.test(output)) return { exitCode: NOT_FOUND, output };
    if (/permission denied/i.test(output)) return { exitCode: NOT_EXECUTABLE, output };
  }
  throw error;
}

async function keepOutput(stream: Readable, kept: Buffer[]): Promise<void> {
  const frames = new OutputFrames({ isFramed: true });
  let room = OUTPUT_BYTES;
  for await (const bytes of stream as AsyncIterable<Buffer>) {
    for (const { data } of frames.push(bytes)) {
      if (room > 0) kept.push(Buffer.from(data.subarray(0, room)));
      room -= data.length;
    }
  }
}

/** To be asked when its output has ended. */
export async function exitCodeOf(engine: Engine, exec: Exec): Promise<number> {
  const deadline = performance.now() + EXIT_CODE_MS;
  for (;;) {
    const { ExitCode: exitCode, Running: isRunning } = await inspect(engine, exec);
    if (!isRunning && exitCode !== null) return exitCode;
    if (performance.now() > deadline) throw new EngineError("timeout", "the engine does not say how a command ended");
    await sleep(10);
  }
}

interface Killing {
  readonly exec: Exec;
  readonly containerId: string;
  readonly signal: NodeJS.Signals;
}

/**
 * The engine's interface has no way to send a command a signal: it is sent to a process of this machine, and to all that
 * it started, once it is certain that it is one of the container's. On an engine elsewhere nothing is sent.
 */
export async function killExec(engine: Engine, { exec, containerId, signal }: Killing): Promise<void> {
  if (!engine.isLocal) return;
  const pid = await pidOf(engine, exec);
  if (pid === undefined) return;
  const cgroup = await readFile(`/proc/${String(pid)}/cgroup`, "utf8").catch(() => "");
  if (!cgroup.includes(containerId)) return;
  for (const each of await processTree(pid)) {
    try {
      process.kill(each, signal);
    } catch (error) {
      if (!isMissingProcess(error)) throw error;
    }
  }
}

/** Of a command that runs, or is about to; undefined for one that has ended. */
async function pidOf(engine: Engine, exec: Exec): Promise<number | undefined> {
  const deadline = performance.now() + BEGIN_MS;
  for (;;) {
    const { Pid: pid, Running: isRunning, ExitCode: exitCode } = await inspect(engine, exec);
    if (isRunning && pid > 0) return pid;
    if (exitCode !== null || performance.now() > deadline) return undefined;
    await sleep(10);
  }
}

/** The process and all its descendants, parents first. */
async function processTree(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${String(pid)}/task/${String(pid)}/children`, "utf8").catch(() => "");
  const children = text
    .split(" ")
    .map(Number)
    .filter((child) => child > 0);
  const descendants = await Promise.all(children.map(processTree));
  return [pid, ...descendants.flat()];
}

function isMissingProcess(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ESRCH";
}

function inspect(engine: Engine, exec: Exec): ReturnType<Exec["inspect"]> {
  return engine.call({ what: "a look at a command" }, (abortSignal) => exec.inspect({ abortSignal }));
}
