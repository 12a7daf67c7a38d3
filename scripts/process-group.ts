/** Runs a Node program in a process group of its own, so that what it started in that group does not outlive it. */
import { type ChildProcess, spawn } from "node:child_process";
import { exitOf } from "./launch.mjs";

export interface GroupOptions {
  readonly args: readonly string[];
  readonly cwd: string;
  /** Asks it to end: the group gets a SIGINT, and after the grace a SIGKILL. */
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** True once its work is done and all that is left is to end. */
  readonly isDone: () => boolean;
  /** How long it may take to end. */
  readonly graceMs: number;
}

/** Resolves to the exit code of the program; null when it had to be killed. Its output goes where ours goes. */
export async function runGroup(options: GroupOptions): Promise<number | null> {
  const { args, cwd, signal, timeoutMs, isDone, graceMs } = options;
  const child = spawn(process.execPath, args, { cwd, detached: true, stdio: ["ignore", "inherit", "inherit"] });
  let deadline = performance.now() + timeoutMs;
  let isEnding = false;
  const expectEnd = (): void => {
    if (!isEnding) deadline = performance.now() + graceMs;
    isEnding = true;
  };
  const interrupt = (): void => {
    expectEnd();
    signalGroup(child, "SIGINT");
  };
  signal.addEventListener("abort", interrupt);
  const watch = setInterval(() => {
    if (isDone()) expectEnd();
    if (performance.now() > deadline) signalGroup(child, "SIGKILL");
  }, 500);
  try {
    return await exitOf(child);
  } finally {
    clearInterval(watch);
    signal.removeEventListener("abort", interrupt);
    signalGroup(child, "SIGKILL");
  }
}

function signalGroup({ pid }: ChildProcess, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch (error) {
    // Nobody is left in the group: that is what was wanted.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
