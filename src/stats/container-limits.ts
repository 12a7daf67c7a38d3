/**
 * What the container that this process runs in may use, if it runs in one that is limited.
 *
 * Only the group at the root of what is mounted counts: in a container that is the container's own, on a machine it is
 * all of it. A group further down that only the worker was put in (a service with a limit of its own) says nothing of
 * what its tasks may use, which an engine runs in groups elsewhere.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseCgroupMounts, type CgroupMount, type ControllerFiles } from "./cgroup.ts";

export interface ContainerLimits {
  readonly cpu?: { readonly cores: number; readonly files: ControllerFiles };
  readonly memory?: { readonly bytes: number; readonly files: ControllerFiles };
}

/** Read once: a limit is as old as its container, more or less. `mountinfo` is for tests. */
export function readContainerLimits(mountinfo = "/proc/self/mountinfo"): ContainerLimits {
  const mounts = parseCgroupMounts(read(mountinfo) ?? "");
  const cores = cpuLimit(filesOf("cpu", mounts));
  const bytes = memoryLimit(filesOf("memory", mounts));
  const [cpu, memory] = [filesOf("cpuacct", mounts), filesOf("memory", mounts)];
  return {
    ...(cores === undefined || cpu === undefined ? {} : { cpu: { cores, files: cpu } }),
    ...(bytes === undefined || memory === undefined ? {} : { memory: { bytes, files: memory } }),
  };
}

function filesOf(controller: string, mounts: readonly CgroupMount[]): ControllerFiles | undefined {
  const mount =
    mounts.find(({ version, controllers }) => version === 1 && controllers.includes(controller)) ??
    mounts.find(({ version }) => version === 2);
  return mount === undefined ? undefined : { version: mount.version, directory: mount.mountPoint };
}

function cpuLimit(files: ControllerFiles | undefined): number | undefined {
  if (files === undefined) return undefined;
  const { version, directory } = files;
  const [quota, period] =
    version === 2
      ? (read(join(directory, "cpu.max")) ?? "").split(" ")
      : [read(join(directory, "cpu.cfs_quota_us")), read(join(directory, "cpu.cfs_period_us"))];
  const cores = amount(quota) / amount(period);
  return Number.isFinite(cores) && cores > 0 ? cores : undefined;
}

function memoryLimit(files: ControllerFiles | undefined): number | undefined {
  if (files === undefined) return undefined;
  const bytes = amount(read(join(files.directory, files.version === 2 ? "memory.max" : "memory.limit_in_bytes")));
  // Without a limit, version 1 says a number of which no machine has as much.
  return bytes > 0 && bytes < 2 ** 60 ? bytes : undefined;
}

/** NaN for what is no number, such as `max`. */
function amount(text: string | undefined): number {
  return Number.parseInt(text ?? "", 10);
}

/** Undefined when it cannot be read: the group has no such limit, or hides it. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    if (error instanceof Error && "code" in error) return undefined;
    throw error;
  }
}
