/** What a process costs, out of /proc. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Processor time so far, in milliseconds; the kernel counts in hundredths of a second. */
export function processorMs(pid: number): number {
  const fields =
    readFileSync(join("/proc", String(pid), "stat"), "utf8")
      .split(") ")[1]
      ?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

export function residentBytes(pid: number): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(join("/proc", String(pid), "status"), "utf8"));
  return Number(line?.[1]) * 1024;
}
