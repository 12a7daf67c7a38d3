/** The worker's end of its shim: starts it when it is first needed, hands it names, and lets it go. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { assert } from "../../../utils/assert.ts";
import type { ShimAnswer } from "./shim.ts";

/** The source beside this file; where that was bundled into a chunk, the entry that the bundle has for it. */
const SHIM_FILE = import.meta.filename.endsWith(".ts") ? "./shim.ts" : "../process-shim.js";

/** How the shim is run where nothing else is said: by this Node. */
export const SHIM_COMMAND: readonly string[] = [process.execPath, fileURLToPath(new URL(SHIM_FILE, import.meta.url))];

/** A shim answers within milliseconds; one that does not is stuck. */
const ANSWER_MS = 20_000;
/** A shim with nothing to do ends within milliseconds once it is let go. */
const RELEASE_MS = 2000;

export interface ShimOptions {
  readonly command: readonly string[];
  /** Where the instances' files are. */
  readonly root: string;
  /** Where Node may keep the shim's compiled code, which makes the next start three times as fast. */
  readonly cache: string;
  readonly logBytes: number;
  /** The shim has ended though it was not let go. */
  readonly onLost: () => void;
}

/** No answer: the shim ended before, or is stuck. The instance may run or not. */
export interface ShimLoss {
  readonly outcome: "lost";
  readonly message: string;
}

interface Shim {
  readonly child: ChildProcess;
  readonly stdin: Writable;
  /** Who waits for the answer to a name. */
  readonly waiting: Map<string, (answer: ShimAnswer | ShimLoss) => void>;
}

export class ShimClient {
  readonly #options: ShimOptions;
  #shim: Shim | undefined;

  constructor(options: ShimOptions) {
    this.#options = options;
  }

  /** Runs an instance whose record is on disk. */
  async run(name: string): Promise<ShimAnswer | ShimLoss> {
    const { stdin, waiting } = (this.#shim ??= this.#open());
    return new Promise((resolve) => {
      const settle = (answer: ShimAnswer | ShimLoss) => {
        clearTimeout(timer);
        waiting.delete(name);
        resolve(answer);
      };
      const timer = setTimeout(() => settle({ outcome: "lost", message: "the shim does not answer" }), ANSWER_MS);
      waiting.set(name, settle);
      stdin.write(`${name}\n`);
    });
  }

  /** Takes on nothing more with this shim, which ends with its last command. Waits for that if it has none. */
  async release(isIdle: boolean): Promise<void> {
    const shim = this.#shim;
    this.#shim = undefined;
    if (shim === undefined) return;
    shim.stdin.end();
    if (!isIdle) return;
    shim.child.ref();
    // One that is busy after all is left to itself.
    await once(shim.child, "exit", { signal: AbortSignal.timeout(RELEASE_MS) }).catch(() => undefined);
  }

  #open(): Shim {
    const { command, root, cache, logBytes } = this.#options;
    const [program = "", ...args] = command;
    const errors = openSync(join(root, "shim.log"), "a", 0o600);
    const child = spawn(program, [...args, root, String(logBytes)], {
      cwd: "/",
      // Not the worker's environment, which holds its own secrets and options for its own Node.
      env: { PATH: process.env["PATH"], NODE_COMPILE_CACHE: cache },
      detached: true,
      stdio: ["pipe", "pipe", errors],
    });
    closeSync(errors);
    const { stdin, stdout } = child;
    assert(stdin !== null && stdout !== null, "a child with pipes has them");
    const shim: Shim = { child, stdin, waiting: new Map() };
    child.once("error", (error) => this.#lose(shim, error.message));
    child.once("exit", (code, signal) => this.#lose(shim, signal ?? `exit code ${String(code)}`));
    // That it is gone is told by the end of the process.
    stdin.on("error", () => undefined);
    createInterface({ input: stdout }).on("line", (line) => {
      const answer = JSON.parse(line) as ShimAnswer;
      shim.waiting.get(answer.name)?.(answer);
    });
    // The shim is to outlive the worker, so the worker does not wait for it.
    child.unref();
    for (const stream of [stdin, stdout]) if (stream instanceof Socket) stream.unref();
    return shim;
  }

  #lose(shim: Shim, how: string): void {
    for (const settle of shim.waiting.values()) settle({ outcome: "lost", message: `the shim ended: ${how}` });
    if (this.#shim !== shim) return;
    this.#shim = undefined;
    this.#options.onLost();
  }
}
