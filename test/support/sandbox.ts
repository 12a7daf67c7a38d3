/**
 * A directory of its own for daemons under test. When it is closed, or the test process ends in whatever way, a process
 * beside it (`reaper.ts`) ends all that runs out of it and removes it.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, open, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const REAPER = fileURLToPath(new URL("reaper.ts", import.meta.url));

export interface Daemon {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Rejects as long as it does not answer. */
  readonly answers: () => Promise<unknown>;
}

/** `bd-XXXXXX`, after the random part of the directory's name: an interface's name has 15 characters at most. */
export function bridgeOf(directory: string): string {
  return `bd-${directory.slice(-6)}`;
}

export class Sandbox {
  readonly directory: string;
  readonly #reaper: ChildProcess;

  private constructor(directory: string, reaper: ChildProcess) {
    this.directory = directory;
    this.#reaper = reaper;
  }

  /** `purpose` becomes part of the directory's name. */
  static async open(purpose: string): Promise<Sandbox> {
    const directory = await mkdtemp(join(tmpdir(), `birdman-${purpose}-`));
    // Its input is a pipe that only this process holds: when it ends, so did the test. Detached, so that Ctrl-C spares it.
    const reaper = spawn(process.execPath, [REAPER, directory], {
      stdio: ["pipe", "ignore", "inherit"],
      detached: true,
    });
    reaper.unref();
    return new Sandbox(directory, reaper);
  }

  /** The name of a network bridge, which is deleted too if it was made. */
  get bridge(): string {
    return bridgeOf(this.directory);
  }

  path(...parts: readonly string[]): string {
    return join(this.directory, ...parts);
  }

  /** Starts a daemon and waits until it answers. Rejects with the end of its log when it does not within 30 s. */
  async run({ command, args, env, answers }: Daemon): Promise<ChildProcess> {
    const logPath = this.path(`${command}.log`);
    const log = await open(logPath, "a");
    const daemon = spawn(command, args, {
      stdio: ["ignore", log.fd, log.fd],
      env: { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`, ...env },
      detached: true,
    });
    const failed = new Promise<Error>((resolve) => daemon.once("error", resolve));
    daemon.unref();
    await log.close();
    const deadline = performance.now() + 30_000;
    for (;;) {
      const error = await Promise.race([
        failed,
        answers().then(
          () => undefined,
          (cause: unknown) => cause,
        ),
      ]);
      if (error === undefined) return daemon;
      if (daemon.pid === undefined || daemon.exitCode !== null || performance.now() > deadline) {
        const lines = (await readFile(logPath, "utf8")).trim().split("\n").slice(-15);
        throw new Error(`${command} does not answer; the end of its log:\n${lines.join("\n")}`, { cause: error });
      }
      await sleep(20);
    }
  }

  /** Ends everything and removes the directory. */
  async close(): Promise<void> {
    if (this.#reaper.exitCode !== null) return;
    const exited = once(this.#reaper, "exit");
    this.#reaper.ref();
    this.#reaper.stdin?.end();
    await exited;
    if (this.#reaper.exitCode !== 0) throw new Error(`something of ${this.directory} could not be ended or removed`);
  }
}
