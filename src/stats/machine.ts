/**
 * What the machine has and uses: cores, memory, a disk, load. Read from the kernel's own files, since asking commands or
 * libraries costs ten times as much; elsewhere than on Linux, from Node.
 *
 * In a container, the machine is what the container may use (`container-limits.ts`), not the host around it.
 */
import { readFileSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { availableParallelism, cpus, freemem, loadavg, totalmem } from "node:os";
import { dirname } from "node:path";
import type { NodeUse } from "../node/node.ts";
import { readCpuSeconds, readMemory } from "./cgroup.ts";
import { readContainerLimits, type ContainerLimits } from "./container-limits.ts";

/** Cores and bytes, at one moment. */
export interface MachineSample {
  /** Undefined until there are two measurements to tell a rate from. */
  readonly use: NodeUse | undefined;
  readonly cores: number;
  readonly memory: MemoryAmounts;
  readonly disk: { readonly path: string; readonly total: number; readonly available: number };
}

/** Bytes. `available` is what can be had without swapping: more than what is free, since caches give way. */
export interface MemoryAmounts {
  readonly total: number;
  readonly available: number;
}

/** Counters since some start; both in the same unit, whichever it is. */
export interface CpuCounters {
  /** Time in which a processor did something, of all processors together. */
  readonly busy: number;
  /** Time that passed, times the processors. */
  readonly total: number;
  readonly processors: number;
}

/** Over less than this, in milliseconds, counters that tick every 10 ms tell nothing. */
const MIN_WINDOW_MS = 200;

const isLinux = process.platform === "linux";

export class MachineSampler {
  readonly #diskPath: string;
  readonly #limits: ContainerLimits;
  #baseline: { readonly counters: CpuCounters; readonly at: number } | undefined;
  #cpu: number | undefined;

  /** `diskPath`: any path on the disk that tasks are given space of. It need not exist yet. */
  constructor(diskPath: string) {
    this.#diskPath = diskPath;
    this.#limits = isLinux ? readContainerLimits() : {};
  }

  async sample(): Promise<MachineSample> {
    const cores = Math.min(availableParallelism(), this.#limits.cpu?.cores ?? Infinity);
    const cpu = this.#measureCpu(cores);
    const memory = this.#memory();
    const disk = await diskAt(this.#diskPath);
    const load = loadAverages();
    return {
      use: cpu === undefined ? undefined : { cpu, memory: memory.total - memory.available, disk: disk.used, load },
      cores,
      memory,
      disk: { path: this.#diskPath, total: disk.total, available: disk.available },
    };
  }

  /** Cores in use since the last measurement, however many ask. */
  #measureCpu(cores: number): number | undefined {
    const at = performance.now();
    const before = this.#baseline;
    if (before !== undefined && at - before.at < MIN_WINDOW_MS) return this.#cpu;
    const counters = this.#counters(at);
    this.#baseline = { counters, at };
    if (before !== undefined) this.#cpu = Math.min(cores, coresBetween(before.counters, counters));
    return this.#cpu;
  }

  #counters(at: number): CpuCounters {
    const { cpu } = this.#limits;
    if (cpu !== undefined) return { busy: readCpuSeconds(cpu.files), total: at / 1000, processors: 1 };
    return (isLinux ? parseCpuCounters(readFileSync("/proc/stat", "utf8")) : undefined) ?? nodeCpuCounters();
  }

  #memory(): MemoryAmounts {
    const machine = (isLinux ? parseMemory(readFileSync("/proc/meminfo", "utf8")) : undefined) ?? nodeMemory();
    const { memory: limit } = this.#limits;
    if (limit === undefined || limit.bytes >= machine.total) return machine;
    return { total: limit.bytes, available: Math.max(0, limit.bytes - readMemory(limit.files)) };
  }
}

/** The cores that were busy between two readings; 0 when the counters did not move, or went back as they may. */
export function coresBetween(before: CpuCounters, after: CpuCounters): number {
  const total = after.total - before.total;
  const share = total > 0 ? (after.busy - before.busy) / total : 0;
  return Math.min(1, Math.max(0, share)) * after.processors;
}

/** Parses `/proc/stat`, proc(5); undefined when it is none. Waiting for a disk is not being busy. */
export function parseCpuCounters(text: string): CpuCounters | undefined {
  const times = /^cpu +([\d ]+)$/m.exec(text)?.[1]?.trim().split(/ +/).map(Number);
  if (times === undefined || times.length < 4) return undefined;
  // The time of guests is part of the first two already.
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = times;
  const busy = user + nice + system + irq + softirq + steal;
  return { busy, total: busy + idle + iowait, processors: Math.max(1, text.match(/^cpu\d+ /gm)?.length ?? 0) };
}

/** Parses `/proc/meminfo`; undefined when it is none. */
export function parseMemory(text: string): MemoryAmounts | undefined {
  const bytes = (name: string): number | undefined => {
    const kib = new RegExp(`^${name}: +(\\d+) kB$`, "m").exec(text)?.[1];
    return kib === undefined ? undefined : Number(kib) * 1024;
  };
  const total = bytes("MemTotal");
  // Kernels before 3.14 do not say what is available.
  const available = bytes("MemAvailable") ?? sum(bytes("MemFree"), bytes("Buffers"), bytes("Cached"));
  return total === undefined ? undefined : { total, available: Math.min(total, available) };
}

function sum(...parts: readonly (number | undefined)[]): number {
  return parts.reduce<number>((total, part) => total + (part ?? 0), 0);
}

function nodeCpuCounters(): CpuCounters {
  const all = cpus();
  const times = all.map(({ times: { user, nice, sys, irq, idle } }) => ({ busy: user + nice + sys + irq, idle }));
  const busy = sum(...times.map((each) => each.busy));
  return { busy, total: busy + sum(...times.map((each) => each.idle)), processors: Math.max(1, all.length) };
}

function nodeMemory(): MemoryAmounts {
  return { total: totalmem(), available: freemem() };
}

function loadAverages(): [number, number, number] {
  const [one = 0, five = 0, fifteen = 0] = loadavg();
  return [one, five, fifteen];
}

/** Bytes of the disk that holds the path, or will hold it once it is made. */
async function diskAt(path: string): Promise<{ total: number; available: number; used: number }> {
  try {
    const { bsize, blocks, bfree, bavail } = await statfs(path);
    return { total: blocks * bsize, available: bavail * bsize, used: (blocks - bfree) * bsize };
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (!isMissing || dirname(path) === path) throw error;
    return diskAt(dirname(path));
  }
}
