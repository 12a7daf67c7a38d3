/**
 * What the tasks themselves say: every run appends to a file of its task, outside of Birdman and of the engines, that it
 * began and that it is about to end. A run that was cut short has no end there. So the truth does not depend on whom it is
 * held against.
 */
import { execFile } from "node:child_process";
import { copyFile, mkdir } from "node:fs/promises";
import { existsSync, readFileSync } from "node:fs";
import { uptime } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";

const MOUNTED_AT = "/journal";
const PROGRAMS = "bin";

export interface JournalRun {
  readonly attempt: number;
  /** The beginning of its container's id. */
  readonly container: string;
  /** Wall clock, milliseconds. */
  readonly startedAt: number;
  /** How it ended by itself; undefined where it did not get so far. */
  readonly end: { readonly code: number; readonly at: number } | undefined;
}

export interface JournalEntry {
  readonly runs: readonly JournalRun[];
  /** Lines that say that another run of the task was alive when this one began. */
  readonly overlaps: readonly string[];
  readonly text: string;
}

export class Journal {
  readonly directory: string;
  readonly #lock: string;

  private constructor(directory: string, lock: string) {
    this.directory = directory;
    this.#lock = lock;
  }

  /** Busybox has no `flock`: this machine's is put beside the journal with what it is linked to. */
  static async create(directory: string): Promise<Journal> {
    const programs = join(directory, PROGRAMS);
    await mkdir(programs, { recursive: true });
    const { stdout: path } = await promisify(execFile)("sh", ["-c", "command -v flock"]);
    const { stdout: linked } = await promisify(execFile)("ldd", [path.trim()]);
    const files = [path.trim(), ...[...linked.matchAll(/(\/\S+) \(0x/g)].map((match) => match[1] ?? "")];
    for (const file of files) await copyFile(file, join(programs, basename(file)));
    const loader = basename(files.find((file) => basename(file).startsWith("ld-")) ?? "");
    const inside = `${MOUNTED_AT}/${PROGRAMS}`;
    return new Journal(directory, `${inside}/${loader} --library-path ${inside} ${inside}/flock`);
  }

  get volume(): { source: string; target: string } {
    return { source: this.directory, target: MOUNTED_AT };
  }

  /**
   * A command line that notes its run and then does the work; `work` ends with `finish CODE`, or never. A fenced one holds
   * a lock of its task as long as any of its processes lives, and notes when it finds the lock taken.
   */
  script(work: string, { isFenced }: { readonly isFenced: boolean }): string[] {
    const lines = [
      `journal=${MOUNTED_AT}/$BIRDMAN_TASK_NAME`,
      `note() { read up rest </proc/uptime; echo "$1 $BIRDMAN_ATTEMPT $HOSTNAME $up $2" >>$journal; }`,
      `finish() { note end $1; exit $1; }`,
      ...(isFenced ? [`exec 9>>$journal.lock`, `${this.#lock} --nonblock 9 || note overlap`] : []),
      `note start`,
      // Told to end, by Birdman or by an engine that starts anew: cut short, as if it were killed.
      `trap "exit 143" TERM`,
      work,
    ];
    return ["sh", "-c", lines.join("\n")];
  }

  read(name: string): JournalEntry {
    const path = join(this.directory, name);
    const text = existsSync(path) ? readFileSync(path, "utf8") : "";
    const runs: JournalRun[] = [];
    const overlaps: string[] = [];
    for (const line of text.split("\n")) {
      const [what, attempt = "", container = "", up = "", code = ""] = line.split(" ");
      if (what === "overlap") overlaps.push(line);
      if (what === "start") {
        runs.push({ attempt: Number(attempt), container, startedAt: wallClock(Number(up)), end: undefined });
      }
      if (what !== "end") continue;
      const index = runs.findIndex((run) => run.container === container && run.end === undefined);
      const run = runs[index];
      if (run !== undefined) runs[index] = { ...run, end: { code: Number(code), at: wallClock(Number(up)) } };
    }
    return { runs, overlaps, text };
  }
}

/** From seconds since the machine started. */
function wallClock(up: number): number {
  return Date.now() - (uptime() - up) * 1000;
}
