/** What must be gone when all tasks have stopped and the processes have ended: looked for where it would be. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ChaosCluster, ChaosNode } from "./chaos-cluster.ts";

/** The networks that engines have by themselves. */
const BUILT_IN = new Set(["bridge", "host", "none"]);

/** Containers, volumes and networks of an engine, as sentences. */
export async function leftInEngine({ name, engine: { docker } }: ChaosNode): Promise<string[]> {
  const containers = await docker.listContainers({ all: true });
  const { Volumes: volumes } = await docker.listVolumes();
  const networks = (await docker.listNetworks()).filter(({ Name }) => !BUILT_IN.has(Name));
  return [
    ...containers.map(({ Names, State, Labels }) => {
      const whose = `${Labels["birdman.name"] ?? ""}, attempt ${Labels["birdman.attempt"] ?? ""}`;
      return `${name} still has container ${Names.join()} (${whose}), ${State}`;
    }),
    ...volumes.map(({ Name }) => `${name} still has volume ${Name}`),
    ...networks.map(({ Name }) => `${name} still has network ${Name}`),
  ];
}

/** Processes that work in the sandbox, or were started with a path of it: managers, workers, guards, shims. */
export function leftRunning({ sandbox }: ChaosCluster): string[] {
  const left: string[] = [];
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) continue;
    const command = read(join("/proc", entry, "cmdline"))
      .replaceAll("\0", " ")
      .trim();
    // Its reaper ends last.
    if (command.includes(sandbox.directory) && !command.includes("reaper.ts"))
      left.push(`process ${entry} still runs: ${command}`);
  }
  return left;
}

/** Files beside the store that a process keeps in its data directory. */
export function leftInData({ nodes, managerDisk }: ChaosCluster): string[] {
  const owners = [{ name: "manager", disk: managerDisk }, ...nodes];
  return owners.flatMap(({ name, disk }) => {
    const directory = join(disk.directory, "data");
    if (!existsSync(directory)) return [`${name} has lost its data directory`];
    const odd = readdirSync(directory, { recursive: true, withFileTypes: true }).filter(
      (entry) => entry.isFile() && !EXPECTED_FILES.some((form) => form.test(entry.name)),
    );
    return odd.map((entry) => `${name} has left ${join(entry.parentPath, entry.name)}`);
  });
}

const EXPECTED_FILES = [/^birdman\.(db(-wal|-shm)?|lock|pid)$/, /^guard\.json$/];

/** Mounts and loop devices of a sandbox that is closed. */
export function leftMounted(directory: string): string[] {
  const mounts = read("/proc/self/mountinfo")
    .split("\n")
    .filter((line) => line.includes(directory))
    .map((line) => `still mounted: ${line}`);
  const loops = readdirSync("/sys/block")
    .filter((device) => device.startsWith("loop"))
    .filter((device) => read(`/sys/block/${device}/loop/backing_file`).includes(directory))
    .map((device) => `still a loop device: ${device}`);
  return [...mounts, ...loops, ...(existsSync(directory) ? [`still there: ${directory}`] : [])];
}

/** A file that may be gone by now, or not be there for this process. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
