/**
 * What a control group uses, read from the kernel's own files: of version 1, of version 2, and of machines that have
 * both, where each controller is looked for in the version that has it.
 *
 * Source: Linux kernel documentation, admin-guide/cgroup-v1 and admin-guide/cgroup-v2.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Where one of a group's controllers keeps its files. */
export interface ControllerFiles {
  readonly version: 1 | 2;
  readonly directory: string;
}

export interface Cgroup {
  readonly cpu: ControllerFiles;
  readonly memory: ControllerFiles;
}

export interface CgroupUse {
  /** Processor time since the group was made, in seconds. */
  readonly cpuSeconds: number;
  /** Bytes, without the file cache that the kernel would give back at once; what the engines themselves show. */
  readonly memory: number;
}

export interface CgroupMount {
  readonly version: 1 | 2;
  readonly mountPoint: string;
  /** The part of the hierarchy that is mounted, `/` for all of it. */
  readonly root: string;
  /** Of version 1: its controllers. */
  readonly controllers: readonly string[];
}

/** The hierarchies that are mounted, from the text of `/proc/self/mountinfo`. */
export function parseCgroupMounts(mountinfo: string): CgroupMount[] {
  const mounts: CgroupMount[] = [];
  for (const line of mountinfo.split("\n")) {
    const [before, after] = line.split(" - ");
    const [, , , root, mountPoint] = (before ?? "").split(" ");
    const [type, , options] = (after ?? "").split(" ");
    if (root === undefined || mountPoint === undefined) continue;
    if (type === "cgroup2") mounts.push({ version: 2, mountPoint: unescape(mountPoint), root, controllers: [] });
    if (type === "cgroup") {
      mounts.push({ version: 1, mountPoint: unescape(mountPoint), root, controllers: (options ?? "").split(",") });
    }
  }
  return mounts;
}

/**
 * A process's place in each hierarchy, from the text of `/proc/PID/cgroup`: by controller for version 1, under the empty
 * name for version 2.
 */
export function parseCgroupPaths(text: string): ReadonlyMap<string, string> {
  const paths = new Map<string, string>();
  for (const line of text.split("\n")) {
    const match = /^\d+:([^:]*):(\/.*)$/.exec(line);
    if (match === null) continue;
    for (const controller of (match[1] ?? "").split(",")) paths.set(controller, match[2] ?? "/");
  }
  return paths;
}

/** Where the group of a process keeps its files; undefined when its processor time or its memory is not accounted. */
export function locateCgroup(paths: ReadonlyMap<string, string>, mounts: readonly CgroupMount[]): Cgroup | undefined {
  const cpu = locateController("cpuacct", paths, mounts);
  const memory = locateController("memory", paths, mounts);
  return cpu === undefined || memory === undefined ? undefined : { cpu, memory };
}

/**
 * What a group uses; undefined once it is gone. Read at once: these files are in the kernel's memory, and a read that
 * waits its turn among threads costs ten times as much.
 */
export function readCgroupUse({ cpu, memory }: Cgroup): CgroupUse | undefined {
  try {
    return { cpuSeconds: readCpuSeconds(cpu), memory: readMemory(memory) };
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENODEV"))
      return undefined;
    throw error;
  }
}

/** Processor time since the group was made, in seconds. Throws ENOENT once the group is gone. */
export function readCpuSeconds({ version, directory }: ControllerFiles): number {
  if (version === 1) return Number(readFileSync(join(directory, "cpuacct.usage"), "utf8")) / 1e9;
  return statValue(readFileSync(join(directory, "cpu.stat"), "utf8"), "usage_usec") / 1e6;
}

/** Bytes, without the file cache that the kernel would give back at once. Throws ENOENT once the group is gone. */
export function readMemory({ version, directory }: ControllerFiles): number {
  const total = readFileSync(join(directory, version === 1 ? "memory.usage_in_bytes" : "memory.current"), "utf8");
  const stat = readFileSync(join(directory, "memory.stat"), "utf8");
  return Math.max(0, Number(total) - statValue(stat, version === 1 ? "total_inactive_file" : "inactive_file"));
}

function locateController(
  controller: string,
  paths: ReadonlyMap<string, string>,
  mounts: readonly CgroupMount[],
): ControllerFiles | undefined {
  const old = mounts.find((mount) => mount.version === 1 && mount.controllers.includes(controller));
  const mount = old ?? mounts.find(({ version }) => version === 2);
  const path = paths.get(old === undefined ? "" : controller);
  if (mount === undefined || path === undefined) return undefined;
  const inside = mount.root !== "/" && path.startsWith(mount.root) ? path.slice(mount.root.length) : path;
  return { version: mount.version, directory: join(mount.mountPoint, inside) };
}

/** The number after a name in a file of `name number` lines; 0 when it is not there. */
function statValue(text: string, name: string): number {
  const match = new RegExp(`^${name} (\\d+)$`, "m").exec(text);
  return Number(match?.[1] ?? 0);
}

/** mountinfo writes blanks and the like as `\040`. */
function unescape(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}
