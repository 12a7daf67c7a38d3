/**
 * Waits until its input ends, then ends all that runs out of the directory that it is given, and removes it: containers
 * and networks through the engine's own socket while that answers, then every process whose command line names the
 * directory, with its descendants, then its network bridge and what is mounted beneath it.
 *
 * It is a program of its own, so that this happens also when a test is killed.
 */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Docker from "dockerode";
import { bridgeOf } from "./sandbox.ts";

const directory = process.argv[2] ?? "";
if (!/^\/.*birdman-/.test(directory)) throw new Error(`will not clean up "${directory}"`);

/** The networks that engines have by themselves. */
const BUILT_IN = new Set(["bridge", "host", "none", "podman"]);

// Where the complaints go may be gone as well by then; the work is done all the same.
process.stderr.on("error", () => undefined);
process.stdin.resume();
await once(process.stdin, "end");

const socketPath = join(directory, "engine.sock");
if (existsSync(socketPath)) await emptyEngine(new Docker({ socketPath, host: undefined })).catch(report);
await endProcesses("SIGTERM", 5000);
await endProcesses("SIGKILL", 5000);
if (existsSync(`/sys/class/net/${bridgeOf(directory)}`)) execFileSync("ip", ["link", "delete", bridgeOf(directory)]);
for (const mountPoint of mountsBeneath(directory)) execFileSync("umount", ["--lazy", mountPoint]);
await rm(directory, { recursive: true, force: true });
process.exitCode = existsSync(directory) || processesOf(directory).length > 0 ? 1 : 0;

/** Removes all containers and networks, within 20 s. */
async function emptyEngine(docker: Docker): Promise<void> {
  const abortSignal = AbortSignal.timeout(20_000);
  const containers = await docker.listContainers({ all: true, abortSignal });
  const remove = { force: true, v: true, abortSignal };
  await Promise.allSettled(containers.map(({ Id }) => docker.getContainer(Id).remove(remove)));
  const networks = (await docker.listNetworks({ abortSignal })).filter(({ Name }) => !BUILT_IN.has(Name));
  await Promise.allSettled(networks.map(({ Id }) => docker.getNetwork(Id).remove({ abortSignal })));
}

/** Signals all processes and waits until they are gone, or the time is up. */
async function endProcesses(signal: "SIGTERM" | "SIGKILL", withinMs: number): Promise<void> {
  for (const pid of processesOf(directory)) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) report(error);
    }
  }
  const deadline = performance.now() + withinMs;
  while (processesOf(directory).length > 0 && performance.now() < deadline) await sleep(20);
}

/** The processes whose command line names the directory, and their descendants; not this one. */
function processesOf(folder: string): number[] {
  const parents = new Map<number, number>();
  const found = new Set<number>();
  for (const entry of readdirSync("/proc")) {
    const pid = Number(entry);
    if (!(pid > 0) || pid === process.pid) continue;
    const [commandLine, stat] = [read(`/proc/${entry}/cmdline`), read(`/proc/${entry}/stat`)];
    const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === undefined || state === "Z") continue;
    parents.set(pid, Number(parent));
    if (commandLine.includes(folder)) found.add(pid);
  }
  for (let before = -1; before < found.size;) {
    before = found.size;
    for (const [pid, parent] of parents) if (found.has(parent)) found.add(pid);
  }
  return [...found];
}

/** What is mounted beneath the directory, the innermost first. */
function mountsBeneath(folder: string): string[] {
  const points = read("/proc/self/mountinfo")
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "");
  return points.filter((point) => point.startsWith(`${folder}/`)).toReversed();
}

/** A file that may be gone by now. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function report(error: unknown): void {
  console.error("cleaning up", directory, error);
}
