/** A command beside an instance, for somebody who is there: with input and signals. There are no terminals. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { PassThrough, type Readable, type Writable } from "node:stream";
import { ExecError, type ExecRequest, type Execution, type LogChunk } from "../runtime.ts";
import type { Launch } from "./instance-files.ts";
import { signal as sendSignal } from "./session.ts";

/** Rejects with an ExecError. The command and all of its process group are killed when the signal says so. */
export async function attachBeside(launch: Launch, request: ExecRequest, signal: AbortSignal): Promise<Execution> {
  const { command, terminal, stdin = false, user, workingDir, env } = request;
  if (terminal !== undefined) throw new ExecError("the process runtime has no terminals: run it without one");
  if (user !== undefined) throw new ExecError("beside a process a command runs as that process's user, and no other");
  const [program = "", ...args] = command;
  const { uid, gid } = launch;
  const child = spawn(program, args, {
    cwd: workingDir ?? launch.cwd,
    env: { ...launch.env, ...env },
    detached: true,
    stdio: [stdin ? "pipe" : "ignore", "pipe", "pipe"],
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  });
  const closed = once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>;
  try {
    await Promise.race([once(child, "spawn"), closed]);
  } catch (error) {
    closed.catch(() => undefined); // it is the same error
    throw new ExecError(`${program} cannot be run: ${error instanceof Error ? error.message : String(error)}`);
  }
  const abandon = (): void => killGroup(child, "SIGKILL");
  signal.addEventListener("abort", abandon, { once: true });
  if (signal.aborted) abandon();
  return {
    output: outputOf(child),
    input: child.stdin ?? discarded(),
    async resize() {
      // There is no terminal.
    },
    async signal(name) {
      killGroup(child, name);
    },
    async exitCode() {
      const [code, name] = await closed;
      return code ?? 128 + (name === null ? 0 : constants.signals[name]);
    },
  };
}

/** The command leads a group of its own, of which it may have been the first to end. */
function killGroup({ pid }: ChildProcess, name: NodeJS.Signals): void {
  if (pid !== undefined) sendSignal(-pid, name);
}

function discarded(): Writable {
  return new PassThrough().resume();
}

/** Both streams, each chunk as it comes. */
async function* outputOf({ stdout, stderr }: ChildProcess): AsyncGenerator<LogChunk, void, undefined> {
  const merged = new PassThrough({ objectMode: true });
  const sources = [
    { stream: "stdout" as const, source: stdout },
    { stream: "stderr" as const, source: stderr },
  ];
  let open = sources.length;
  for (const { stream, source } of sources) {
    void forward(source, (data) => offer(merged, { stream, data })).finally(() => {
      open -= 1;
      if (open === 0) merged.end();
    });
  }
  yield* merged as AsyncIterable<LogChunk>;
}

/** Ends with the source, however that ends. */
async function forward(source: Readable | null, take: (data: Buffer) => Promise<unknown>): Promise<void> {
  try {
    for await (const data of source ?? []) await take(data as Buffer);
  } catch {
    // What could be read has been passed on; how the command ended says the rest.
  }
}

async function offer(merged: PassThrough, chunk: LogChunk): Promise<void> {
  if (!merged.write(chunk)) await once(merged, "drain");
}
