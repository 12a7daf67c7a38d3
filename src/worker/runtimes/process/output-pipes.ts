/**
 * The pipes between a command and its log. They are named pipes, which lose their names at once, because what Node makes
 * for a child are sockets, and those cannot be opened as `/dev/stdout` and `/dev/stderr`, as shell scripts like to do.
 */
import { execFile } from "node:child_process";
import { closeSync, constants, openSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import { promisify } from "node:util";
import { OutputLog, type OutputStream } from "./output-log.ts";

/** How long a pipe may stay open after the end of a command because somebody out of our reach holds it, in milliseconds. */
const PATIENCE_MS = 1000;

interface Pipe {
  readonly writeEnd: number;
  readonly readEnd: Socket;
  readonly closed: Promise<void>;
}

export class OutputPipes {
  readonly #log: OutputLog;
  readonly #stdout: Pipe;
  readonly #stderr: Pipe;

  /** The pipes have these names, for now. */
  private constructor(log: OutputLog, names: readonly [string, string]) {
    this.#log = log;
    this.#stdout = openPipe(names[0], "stdout", log);
    try {
      this.#stderr = openPipe(names[1], "stderr", log);
    } catch (error) {
      this.#stdout.readEnd.destroy();
      closeSync(this.#stdout.writeEnd);
      throw error;
    }
  }

  static async open(log: string, logBytes: number): Promise<OutputPipes> {
    const names = [`${log}.stdout`, `${log}.stderr`] as const;
    try {
      // Others may write to them, so that a command which runs as another user can open them too.
      await promisify(execFile)("mkfifo", ["-m", "622", ...names]);
      return new OutputPipes(new OutputLog(log, logBytes), names);
    } catch (error) {
      throw new Error(`no pipes for its output: ${String(error)}`, { cause: error });
    } finally {
      for (const name of names) rmSync(name, { force: true });
    }
  }

  /** What the command gets as its stdout and stderr. */
  get writeEnds(): readonly [number, number] {
    return [this.#stdout.writeEnd, this.#stderr.writeEnd];
  }

  /** To be called once the command has them: the pipes end when nobody else holds them. */
  closeWriteEnds(): void {
    for (const fd of this.writeEnds) closeSync(fd);
  }

  /** Resolves once everything is in the log, which is then closed. */
  async drain(): Promise<void> {
    const pipes = [this.#stdout, this.#stderr];
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, PATIENCE_MS);
    });
    await Promise.race([Promise.all(pipes.map(({ closed }) => closed)), late]);
    clearTimeout(timer);
    for (const { readEnd } of pipes) readEnd.destroy();
    this.#log.close(Date.now());
  }
}

/** Opens both ends, so that neither waits for the other, and writes to the log what comes out, as fast as the disk takes it. */
function openPipe(path: string, stream: OutputStream, log: OutputLog): Pipe {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writeEnd = openSync(path, constants.O_WRONLY);
  const readEnd = new Socket({ fd, readable: true, writable: false });
  const closed = new Promise<void>((resolve) => readEnd.once("close", resolve));
  readEnd.on("data", (bytes: Buffer) => {
    log.write(stream, bytes, Date.now());
    // One piece at a time, so that who prints without end does not keep the others waiting.
    readEnd.pause();
    setImmediate(() => readEnd.resume());
  });
  readEnd.on("error", (error) => process.stderr.write(`${path}: ${error.message}\n`));
  return { writeEnd, readEnd, closed };
}
