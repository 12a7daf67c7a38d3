/**
 * What `/proc` says of processes. Every reading is of a moment: the process may be gone with the next line, so a missing
 * file is an answer (undefined), never an error.
 *
 * A pid alone names nobody, for the kernel hands it out again. An `Identity` does: within one boot, no two processes have
 * the same pid and the same start time (clock ticks since boot).
 */
import { readdirSync, readFileSync } from "node:fs";

export interface Identity {
  readonly pid: number;
  /** Clock ticks since boot, as in `/proc/PID/stat`. */
  readonly startTicks: number;
}

export interface ProcessStat extends Identity {
  /** One letter; Z and X are processes that have ended and only wait to be forgotten. */
  readonly state: string;
  readonly session: number;
  /** Processor time of it and of the children it has waited for, in clock ticks. */
  readonly cpuTicks: number;
  readonly residentPages: number;
}

/** Clock ticks in a second: 100 for programs on every Linux, whatever the kernel itself ticks with. */
export const TICKS_PER_SECOND = 100;

/** Bytes in a page of memory. */
export function readPageSize(): number {
  const kib = /^KernelPageSize:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/smaps", "utf8"))?.[1];
  return Number(kib ?? 4) * 1024;
}

/** The process with this pid, undefined when there is none that has not ended. */
export function readProcess(pid: number): ProcessStat | undefined {
  const stat = readStat(pid);
  return stat?.state === "Z" || stat?.state === "X" ? undefined : stat;
}

/** Who has this pid now, also when it has ended and its parent has not asked how. */
export function readIdentity(pid: number): Identity | undefined {
  const stat = readStat(pid);
  return stat === undefined ? undefined : { pid, startTicks: stat.startTicks };
}

function readStat(pid: number): ProcessStat | undefined {
  const text = readIfThere(`/proc/${String(pid)}/stat`);
  return text === undefined ? undefined : parseProcessStat(text);
}

/** Parses `/proc/PID/stat`, whose second field is a name that may itself hold spaces and parentheses. */
export function parseProcessStat(text: string): ProcessStat | undefined {
  const nameEnd = text.lastIndexOf(")");
  const pid = Number.parseInt(text, 10);
  // Numbered as in proc(5), where the field after the name is the third.
  const fields = text.slice(nameEnd + 2).split(" ");
  const field = (number: number) => Number(fields[number - 3]);
  const stat = {
    pid,
    state: fields[0] ?? "",
    session: field(6),
    cpuTicks: field(14) + field(15) + field(16) + field(17),
    startTicks: field(22),
    residentPages: field(24),
  };
  return nameEnd > 0 && Object.values(stat).every((value) => !Number.isNaN(value)) ? stat : undefined;
}

/** The very process is there and has not ended. */
export function isAlive({ pid, startTicks }: Identity): boolean {
  return readProcess(pid)?.startTicks === startTicks;
}

/** Every process of the machine that this one may see and that has not ended. */
export function readProcesses(): ProcessStat[] {
  return readdirSync("/proc")
    .filter((entry) => entry >= "0" && entry < ":")
    .flatMap((entry) => readProcess(Number(entry)) ?? []);
}

/** The variables that a process was started with; empty when it is gone or not ours to look at. */
export function readEnvironment(pid: number): readonly string[] {
  return (readIfThere(`/proc/${String(pid)}/environ`) ?? "").split("\0");
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    // ESRCH: it ended between opening and reading.
    if (code === "ENOENT" || code === "ESRCH" || code === "EACCES" || code === "EPERM") return undefined;
    throw error;
  }
}
