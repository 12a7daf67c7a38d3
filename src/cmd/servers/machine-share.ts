import type { Resources } from "../../task/spec.ts";
import type { MachineSample, MachineSource } from "../../worker/usage-sampler.ts";

/** One of several equal parts of a machine, in what it has and in what it uses; load is that of the whole. */
export function shareOf(machine: MachineSource, parts: number): MachineSource {
  return {
    async sample(): Promise<MachineSample> {
      const { use, cores, memory, disk } = await machine.sample();
      return {
        use: use === undefined ? undefined : { ...use, ...share(use, parts) },
        cores: cores / parts,
        memory: { total: part(memory.total, parts), available: part(memory.available, parts) },
        disk: { path: disk.path, total: part(disk.total, parts), available: part(disk.available, parts) },
      };
    },
  };
}

function share({ cpu, memory, disk }: Resources, parts: number): Resources {
  return { cpu: cpu / parts, memory: part(memory, parts), disk: part(disk, parts) };
}

function part(bytes: number, parts: number): number {
  return Math.floor(bytes / parts);
}
