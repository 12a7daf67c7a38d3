/** The load of `store-load.ts` in a process of its own, so that it can be killed. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface LoadProcess {
  readonly pid: number;
  /** Resolves once it has acknowledged this many batches; with 0, once it is about to open the store. */
  acknowledged(count: number): Promise<void>;
  /** The last batch that it has said to be committed; undefined before the first. */
  last(): number | undefined;
  /** Kills it as `kill -9` does, and resolves once it is gone and all that it said is read. */
  kill(): Promise<void>;
}

export function startLoad(directory: string): LoadProcess {
  const program = fileURLToPath(new URL("./store-load.ts", import.meta.url));
  const child = spawn(process.execPath, [program, directory], { stdio: ["ignore", "pipe", "pipe"] });
  const closed = once(child, "close");
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  const lines: string[] = [];
  const output = createInterface(child.stdout).on("line", (line) => lines.push(line));
  return {
    pid: child.pid ?? 0,
    last: () => (lines.length > 1 ? Number(lines.at(-1)) : undefined),
    async acknowledged(count) {
      while (lines.length <= count) {
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`the load ended by itself: ${errors}`);
        await Promise.race([once(output, "line"), closed]);
      }
    },
    async kill() {
      child.kill("SIGKILL");
      const [, signal] = (await closed) as [number | null, NodeJS.Signals | null];
      if (signal !== "SIGKILL") throw new Error(`the load ended by itself: ${errors}`);
    },
  };
}
