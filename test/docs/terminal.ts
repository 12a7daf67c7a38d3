/**
 * A terminal with a shell in it: 132 columns wide, where the engine's networks are, with a home directory, a
 * `/var/lib/birdman`, names and ports of its own, so that what a reader types can be typed as it is and touches nothing of the machine's.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { until } from "../support/birdman-process.ts";
import { ROOT } from "./markdown.ts";
import { screenLines } from "./screen.ts";

/** What the shell prints when it waits for a command: around the exit status of the last one. */
const [BEGIN, END] = ["\u001e", "\u001f"];
const PROMPT = new RegExp(`${BEGIN}(\\d+)${END}`);

const RC = `PS1=$'\\x1e$?\\x1f' PS2=
stty -echo -echoctl cols 132 rows 40
`;

/** Where the terminals of a page are. */
export interface Place {
  /** Below it is everything that they write. It is part of the command line of whatever they start. */
  readonly directory: string;
  /** The words before a command that is to run where the engine's networks are. */
  readonly enterNetwork: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Makes the home directory, and in it what a checkout has: links to ours. */
export function furnish({ directory }: Place): void {
  const checkout = join(directory, "home/birdman");
  for (const folder of ["home/birdman", "lib/birdman", "tmp"]) mkdirSync(join(directory, folder), { recursive: true });
  for (const name of readdirSync(ROOT)) symlinkSync(join(ROOT, name), join(checkout, name));
  writeFileSync(join(directory, "bashrc"), RC);
  writeFileSync(join(directory, "hosts"), `127.0.0.1 localhost ${hostname()} manager.example\n`);
}

export class Terminal {
  readonly #child: ChildProcess;
  #written = "";

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (this.#written += text));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.#written += text));
  }

  static async open({ directory, enterNetwork, env }: Place): Promise<Terminal> {
    const shell = `bash --noediting --noprofile --rcfile ${directory}/bashrc -i`;
    const script = `mount --bind ${directory}/lib /var/lib && mount --bind ${directory}/hosts /etc/hosts && exec script -qfc '${shell}' /dev/null`;
    const [command, ...args] = [...enterNetwork, "unshare", "--mount", "sh", "-c", script] as const;
    const child = spawn(command, args, {
      cwd: join(directory, "home/birdman"),
      env: {
        PATH: `${ROOT}bin:${process.env["PATH"] ?? ""}`,
        HOME: join(directory, "home"),
        TMPDIR: join(directory, "tmp"),
        TERM: "xterm",
        NO_COLOR: "1",
        LANG: "C.UTF-8",
        ...env,
      },
      stdio: ["pipe", "pipe", "pipe"],
    });
    const terminal = new Terminal(child);
    await terminal.#untilPrompt();
    return terminal;
  }

  /** Types a line. */
  type(line: string): void {
    this.#written = "";
    this.#child.stdin?.write(`${line}\n`);
  }

  /** Presses Ctrl-C. */
  interrupt(): void {
    this.#written = "";
    this.#child.stdin?.write("\u0003");
  }

  /** True when the last command has ended. */
  get isIdle(): boolean {
    return PROMPT.test(this.#written);
  }

  /** What has been printed since the last line was typed. */
  get lines(): readonly string[] {
    return screenLines(this.#written.split(BEGIN)[0] ?? "");
  }

  async untilIdle(): Promise<void> {
    await this.#untilPrompt();
  }

  async #untilPrompt(): Promise<void> {
    await until(
      "the shell's prompt",
      () => {
        if (this.#child.exitCode !== null) throw new Error(`the terminal is gone:\n${this.#written}`);
        return this.isIdle;
      },
      { timeoutMs: 120_000 },
    ).catch((error: unknown) => {
      throw new Error(`the command does not end; it has printed:\n${this.#written}`, { cause: error });
    });
  }

  /** Ends what runs in it, in good order, then the shell, and then what outlives both on purpose: guards and shims. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    if (!this.isIdle) {
      this.interrupt();
      await this.#untilPrompt();
    }
    const world = mountsOf(String(this.#child.pid));
    const ended = once(this.#child, "exit");
    this.type("exit");
    await ended;
    for (const pid of readdirSync("/proc")) {
      if (/^\d+$/.test(pid) && mountsOf(pid) === world) process.kill(Number(pid), "SIGKILL");
    }
  }
}

/** The mount namespace of a process, which each terminal has one of its own of; empty when the process is gone. */
function mountsOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`);
  } catch {
    return "";
  }
}
