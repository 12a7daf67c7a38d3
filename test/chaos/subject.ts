/** A process under test: `birdman ARGS…`, killed and started again on the same arguments, its output kept in one file. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const PROGRAM = join(import.meta.dirname, "../../bin/birdman");
/** What a service manager would wait before it starts again what ended by itself. */
const REVIVE_MS = 1000;

export interface SubjectOptions {
  readonly name: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly logPath: string;
  /** It ended though nobody ended it. `wasUp`: it had been in service. */
  readonly onOwnEnd: (end: OwnEnd) => void;
}

export interface OwnEnd {
  readonly name: string;
  /** Exit code, or signal. */
  readonly how: string;
  /** It had said that it serves, and so did not merely fail to start. */
  readonly wasUp: boolean;
  /** Of this run's output, the last lines. */
  readonly lines: string;
}

export class Subject {
  readonly #options: SubjectOptions;
  #child: ChildProcess | undefined;
  /** Where in the log the output of this run begins. */
  #logStart = 0;
  #isWanted = false;

  constructor(options: SubjectOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** It is kept running from now on: what ends by itself is told of, and started again. */
  start(): void {
    this.#isWanted = true;
    const { args, env, logPath, name } = this.#options;
    const log = openSync(logPath, "a");
    this.#logStart = readFileSync(logPath).length;
    writeSync(log, `=== ${new Date().toISOString()} started\n`);
    const child = spawn(PROGRAM, args, {
      env: { ...process.env, ...env },
      stdio: ["ignore", log, log],
      detached: true,
    });
    closeSync(log);
    this.#child = child;
    child.once("exit", (code, signal) => {
      if (!this.#isWanted || this.#child !== child) return;
      const output = this.#output();
      const wasUp = output.includes(`birdman ${args[0] ?? ""} `);
      const lines = output.trim().split("\n").slice(-12).join("\n");
      this.#options.onOwnEnd({ name, how: signal ?? `exit code ${String(code)}`, wasUp, lines });
      setTimeout(() => {
        if (this.#isWanted && this.#child === child) this.start();
      }, REVIVE_MS);
    });
  }

  /** SIGKILL. Resolves when it is gone. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Ends it in good order; resolves to its exit code, undefined when it had to be killed. */
  async end(patienceMs: number): Promise<number | undefined> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return 0;
    const ended = this.#end("SIGTERM");
    const isEnded = await Promise.race([ended.then(() => true), delay(patienceMs, false)]);
    if (!isEnded) child.kill("SIGKILL");
    await ended;
    return child.exitCode ?? undefined;
  }

  suspend(): void {
    this.#child?.kill("SIGSTOP");
  }

  resume(): void {
    this.#child?.kill("SIGCONT");
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    this.#isWanted = false;
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }

  #output(): string {
    return readFileSync(this.#options.logPath).subarray(this.#logStart).toString();
  }
}
