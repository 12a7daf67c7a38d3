/** Commands run inside a container for somebody who is there: with input, a terminal and signals, and without a time limit. */
import { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { Exec } from "dockerode";
import { ExecError, type ExecRequest, type Execution, type LogChunk, type TerminalSize } from "../runtime.ts";
import { exitCodeOf, killExec, type ExecParts } from "./container-exec.ts";
import { EngineError } from "./engine-error.ts";
import { OutputFrames } from "./output-frames.ts";

const RESIZE_ATTEMPTS = 5;
const RESIZE_PAUSE_MS = 20;

/** Rejects with an ExecError when the engine says that it cannot be run. Killed when the signal says so. */
export async function attachToContainer(
  parts: ExecParts,
  { id, request }: { readonly id: string; readonly request: ExecRequest },
  signal: AbortSignal,
): Promise<Execution> {
  const { engine, containers } = parts;
  const what = `a command in container ${id.slice(0, 12)}`;
  const { terminal } = request;
  const hasTerminal = terminal !== undefined;
  try {
    const exec = await engine.call({ what, isRepeatable: false }, (abortSignal) =>
      containers.handle(id).exec({ ...configOf(request), abortSignal }),
    );
    const started = await engine.open({ what }, (abortSignal) =>
      exec.start({ hijack: true, stdin: true, Tty: hasTerminal, abortSignal }),
    );
    if (!(started instanceof Duplex)) throw new EngineError("answered", `the engine takes no input (${what})`);
    const execution = new ContainerExecution({ parts, exec, id, connection: started, hasTerminal });
    signal.addEventListener("abort", () => void execution.abandon(), { once: true });
    if (signal.aborted) await execution.abandon();
    if (terminal !== undefined) await execution.resize(terminal);
    return execution;
  } catch (error) {
    if (error instanceof EngineError && error.reason === "answered")
      throw new ExecError(error.message, { cause: error });
    throw error;
  }
}

function configOf({ command, terminal, stdin = false, user, workingDir, env }: ExecRequest) {
  return {
    Cmd: [...command],
    AttachStdin: stdin,
    AttachStdout: true,
    AttachStderr: true,
    Tty: terminal !== undefined,
    ...(user === undefined ? {} : { User: user }),
    ...(workingDir === undefined ? {} : { WorkingDir: workingDir }),
    ...(env === undefined ? {} : { Env: Object.entries(env).map(([name, value]) => `${name}=${value}`) }),
  };
}

interface ContainerExecutionParts {
  readonly parts: ExecParts;
  readonly exec: Exec;
  /** Of the container. */
  readonly id: string;
  readonly connection: Duplex;
  readonly hasTerminal: boolean;
}

class ContainerExecution implements Execution {
  readonly #parts: ContainerExecutionParts;

  constructor(parts: ContainerExecutionParts) {
    this.#parts = parts;
  }

  get input(): Duplex {
    return this.#parts.connection;
  }

  get output(): AsyncIterable<LogChunk> {
    return this.#read();
  }

  async resize({ columns, rows }: TerminalSize): Promise<void> {
    const { exec, parts } = this.#parts;
    for (let attempt = 0; attempt < RESIZE_ATTEMPTS; attempt += 1) {
      try {
        await parts.engine.call({ what: "the size of a terminal" }, (abortSignal) =>
          exec.resize({ w: columns, h: rows, abortSignal }),
        );
        return;
      } catch (error) {
        // The command has not quite begun; or it has ended, and the size does not matter to it.
        if (!(error instanceof EngineError && error.reason === "answered")) throw error;
        await sleep(RESIZE_PAUSE_MS);
      }
    }
  }

  async signal(name: NodeJS.Signals): Promise<void> {
    const { parts, exec, id } = this.#parts;
    await killExec(parts.engine, { exec, containerId: id, signal: name });
  }

  exitCode(): Promise<number> {
    return exitCodeOf(this.#parts.parts.engine, this.#parts.exec);
  }

  /** Nobody is there any more. */
  async abandon(): Promise<void> {
    await Promise.allSettled([this.signal("SIGKILL")]);
    this.#parts.connection.destroy();
  }

  async *#read(): AsyncGenerator<LogChunk, void, undefined> {
    const { connection, hasTerminal } = this.#parts;
    const frames = new OutputFrames({ isFramed: !hasTerminal });
    for await (const bytes of connection as AsyncIterable<Buffer>) yield* frames.push(bytes);
  }
}
