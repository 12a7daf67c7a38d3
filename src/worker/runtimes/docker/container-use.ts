/**
 * What the worker's containers use, from the files of their control groups: the engine is asked once for each container,
 * for where its group is, and never again. Nothing is known of an engine on another machine, or behind a virtual one.
 */
import { readFile } from "node:fs/promises";
import type { TaskUse } from "../../../node/node.ts";
import {
  locateCgroup,
  parseCgroupMounts,
  parseCgroupPaths,
  readCgroupUse,
  type Cgroup,
  type CgroupMount,
  type CgroupUse,
} from "../../../stats/cgroup.ts";
import type { Containers } from "./containers.ts";
import { startedAtOf } from "./containers.ts";
import type { Engine } from "./engine.ts";

/** A reading of the processor time, in seconds, and when it was taken, in milliseconds of a clock that never goes back. */
interface Reading {
  readonly cpuSeconds: number;
  readonly at: number;
}

/** Where a container's group is, and its last reading; `unknown` when it runs where this machine cannot see it. */
type Source = { readonly cgroup: Cgroup; last: Reading } | "unknown";

interface Running {
  readonly containerId: string;
  /** Undefined until it is first measured. */
  source: Source | undefined;
}

export class ContainerUse {
  readonly #engine: Engine;
  readonly #containers: Containers;
  /** The containers that run, as far as is known, by instance name. */
  readonly #running = new Map<string, Running>();
  #mounts: Promise<CgroupMount[]> | undefined;

  constructor(engine: Engine, containers: Containers) {
    this.#engine = engine;
    this.#containers = containers;
  }

  started(name: string, containerId: string): void {
    if (this.#running.get(name)?.containerId !== containerId)
      this.#running.set(name, { containerId, source: undefined });
  }

  ended(name: string): void {
    this.#running.delete(name);
  }

  /** By instance name: cores over the time since the last call, at first since the container was started, and bytes. */
  async read(): Promise<ReadonlyMap<string, TaskUse>> {
    const use = new Map<string, TaskUse>();
    if (!this.#engine.isLocal) return use;
    const measured = Array.from(this.#running, async ([name, running]) => {
      running.source ??= await this.#locate(running.containerId);
      if (running.source === undefined) this.#running.delete(name);
      if (running.source === undefined || running.source === "unknown") return;
      const found = readCgroupUse(running.source.cgroup);
      if (found === undefined) this.#running.delete(name);
      else use.set(name, { cpu: cores(running.source, found), memory: found.memory });
    });
    await Promise.all(measured);
    return use;
  }

  /** Undefined when the container does not run any more. */
  async #locate(containerId: string): Promise<Source | undefined> {
    const found = await this.#containers.inspect(containerId);
    if (found === undefined || !found.State.Running) return undefined;
    const text = await readFile(`/proc/${String(found.State.Pid)}/cgroup`, "utf8").catch(() => "");
    // A process of that number may be another one: that of an engine in a virtual machine, or a later one.
    if (!text.includes(containerId)) return "unknown";
    this.#mounts ??= readFile("/proc/self/mountinfo", "utf8").then(parseCgroupMounts);
    const cgroup = locateCgroup(parseCgroupPaths(text), await this.#mounts);
    if (cgroup === undefined) return "unknown";
    const age = Date.now() - (startedAtOf(found) ?? Date.now());
    return { cgroup, last: { cpuSeconds: 0, at: performance.now() - age } };
  }
}

function cores(source: { last: Reading }, { cpuSeconds }: CgroupUse): number {
  const { last } = source;
  source.last = { cpuSeconds, at: performance.now() };
  const seconds = (source.last.at - last.at) / 1000;
  return seconds <= 0 ? 0 : Math.max(0, cpuSeconds - last.cpuSeconds) / seconds;
}
