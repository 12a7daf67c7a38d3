/**
 * A container's processes, found and killed without its engine: for the case that the engine answers nobody and the
 * container must not run on. They are told by their control group, whose path has the container's id in it.
 */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

const ID_PATTERN = /[0-9a-f]{64}/;
const LOOK_MS = 50;
/** What is killed is gone at once, but for a process that the kernel holds. */
const PATIENCE_MS = 1000;

export interface WhichContainer {
  /** Undefined when its start was not answered: then it is told by its environment. */
  readonly containerId: string | undefined;
  /** What only the container's processes have in their environment, all of it. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Kills them all; resolves to false when some are still there after a second. */
export async function killProcesses(container: WhichContainer): Promise<boolean> {
  const id = container.containerId ?? findByEnvironment(container.environment);
  if (id === undefined) return true;
  for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += LOOK_MS) {
    const pids = processesOf(id);
    if (pids.length === 0) return true;
    for (const pid of pids) kill(pid);
    await delay(LOOK_MS);
  }
  return processesOf(id).length === 0;
}

function processesOf(containerId: string): number[] {
  return allPids().filter((pid) => read(pid, "cgroup").includes(containerId) && !read(pid, "stat").includes(") Z "));
}

/** Id of the container of a process with this environment. */
function findByEnvironment(environment: WhichContainer["environment"]): string | undefined {
  const wanted = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  for (const pid of allPids()) {
    const variables = new Set(read(pid, "environ").split("\0"));
    const id = wanted.every((variable) => variables.has(variable)) ? containerOf(pid) : undefined;
    if (id !== undefined) return id;
  }
  return undefined;
}

function containerOf(pid: number): string | undefined {
  return ID_PATTERN.exec(read(pid, "cgroup"))?.[0];
}

function allPids(): number[] {
  return readdirSync("/proc").map(Number).filter(Number.isInteger);
}

/** Empty for a process that is gone, or that this one may not look at. */
function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${String(pid)}/${file}`, "utf8");
  } catch {
    return "";
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It is gone by itself; or it is not ours to kill, and still there when it is looked for again.
  }
}
