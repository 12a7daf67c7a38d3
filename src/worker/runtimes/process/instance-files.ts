/**
 * What is on disk of the instances of one worker, and who writes it. Every file is written whole and renamed into place,
 * so that a reader sees all of it or nothing; the log is the exception.
 *
 *     instances/NAME/instance.json   the worker, before the start: what the instance is and how it is run. Holds secrets.
 *     instances/NAME/process.json    the shim: whose custody it is in, and once it runs, which process it is
 *     instances/NAME/output.log      the shim: what it prints (`output-log.ts`), and the older half in output.log.1
 *     exits/NAME                     the shim, as the last thing: how it ended. The worker, where the shim was lost
 *
 * The exits lie together, apart from the logs, so that one watch tells of every end and of nothing else.
 */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PortBinding } from "../../../task/task.ts";
import type { Exit, InstanceLabel, InstanceRef } from "../runtime.ts";
import type { Identity } from "./procfs.ts";

/** How to run a command: all that `spawn` needs. */
export interface Launch {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly uid?: number;
  readonly gid?: number;
}

export interface InstanceRecord {
  readonly ref: InstanceRef;
  readonly label: InstanceLabel;
  readonly ports: readonly PortBinding[];
  readonly launch: Launch;
}

/** Written twice: as a claim, without `leader`, before the command is run, so that no other shim runs it; and then with it. */
export interface Custody {
  readonly bootId: string;
  readonly shim: Identity;
  /** The process that was started; it leads the instance's session. */
  readonly leader?: Identity;
  /** Wall clock, milliseconds. */
  readonly startedAt?: number;
}

export class InstanceFiles {
  readonly instances: string;
  readonly exits: string;

  constructor(root: string) {
    this.instances = join(root, "instances");
    this.exits = join(root, "exits");
  }

  create(): void {
    for (const directory of [this.instances, this.exits]) mkdirSync(directory, { recursive: true, mode: 0o700 });
  }

  directory(name: string): string {
    return join(this.instances, name);
  }

  record(name: string): string {
    return join(this.instances, name, "instance.json");
  }

  custody(name: string): string {
    return join(this.instances, name, "process.json");
  }

  log(name: string): string {
    return join(this.instances, name, "output.log");
  }

  exit(name: string): string {
    return join(this.exits, name);
  }

  // What is read was written by this very class's other half, so it is of the type that was written.

  readRecord(name: string): InstanceRecord | undefined {
    return readJson(this.record(name)) as InstanceRecord | undefined;
  }

  readCustody(name: string): Custody | undefined {
    return readJson(this.custody(name)) as Custody | undefined;
  }

  readExit(name: string): Exit | undefined {
    return readJson(this.exit(name)) as Exit | undefined;
  }
}

/** Puts the value where readers find it whole. Only its owner may read it. */
export function writeJson(path: string, value: InstanceRecord | Custody | Exit): void {
  const unfinished = `${path}${UNFINISHED}`;
  writeFileSync(unfinished, JSON.stringify(value), { mode: 0o600 });
  renameSync(unfinished, path);
}

/** Like `writeJson`, but only where there is no file yet: of several that try, one succeeds. */
export function claimJson(path: string, value: Custody): boolean {
  const unfinished = `${path}.${String(process.pid)}${UNFINISHED}`;
  writeFileSync(unfinished, JSON.stringify(value), { mode: 0o600 });
  try {
    linkSync(unfinished, path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(unfinished, { force: true });
  }
}

/** Ends the name of a file that is still being written. */
export const UNFINISHED = ".new";

/** Undefined when it is not there, or was cut short by a crash of the machine, which ended the process as well. */
function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR"))
      return undefined;
    throw error;
  }
}
