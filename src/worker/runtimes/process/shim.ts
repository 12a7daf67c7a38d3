/**
 * The shim: a process of its own, in a session of its own, that runs commands for a worker and outlives it. It holds the
 * ends of their pipes, writes what they print to their logs, and writes down how they ended.
 *
 * There is one for all the commands of a worker process, started with the first of them. (A shell script for each would
 * be smaller, but can neither say when a line was written nor bound a log nor hand on an environment as it is; a Node
 * process for each would be 45 MB and 40 ms every time.) It reads names of instances from stdin, one a line, and answers
 * each with a line on stdout. When the worker goes, stdin ends: the shim then takes on nothing more, and ends with the
 * last command. A new worker has a shim of its own; of this one it needs nothing but the files, so either may be of
 * another version.
 *
 * A shim that is killed takes no command with it, but the pipes: a command that prints is then ended by SIGPIPE, and how
 * its commands end is told by nobody (the worker gives them exit code 255).
 *
 * The order on disk: claim, run, log, exit. Only one shim can claim an instance, so that a start which is asked for again
 * after a crash runs nothing twice.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { constants } from "node:os";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import type { Exit } from "../runtime.ts";
import { claimJson, InstanceFiles, writeJson, type Custody, type Launch } from "./instance-files.ts";
import { OutputPipes } from "./output-pipes.ts";
import { readBootId } from "../../../stats/boot-clock.ts";
import { readIdentity, type Identity } from "./procfs.ts";
import { killInstance } from "./session.ts";

/** The shim's answer to a name: it runs, it has been claimed before, or it could not be run. */
export type ShimAnswer =
  | { readonly name: string; readonly outcome: "started" | "claimed" }
  | { readonly name: string; readonly outcome: "failed"; readonly code: string; readonly message: string };

/** How long after a failure to write down an exit, for want of disk space, it is tried again, in milliseconds. */
const RETRY_MS = 1000;

const [root = "", logBytes = ""] = process.argv.slice(2);
const files = new InstanceFiles(root);
const custody: Custody = { bootId: readBootId(), shim: identityOf(process.pid) };

// It ends by itself with the last command. Where the whole machine or service is told to end, so are the commands, and
// somebody has to write down how they did.
for (const name of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(name, () => undefined);
// Nobody is left to be answered.
process.stdout.on("error", () => undefined);

createInterface({ input: process.stdin }).on("line", (name) => {
  void run(name).then(
    (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`),
    (error: unknown) => process.stdout.write(`${JSON.stringify(failure(name, error))}\n`),
  );
});

async function run(name: string): Promise<ShimAnswer> {
  const record = files.readRecord(name);
  if (record === undefined) return { name, outcome: "failed", code: "", message: "its record is not there" };
  if (!claimJson(files.custody(name), custody)) return { name, outcome: "claimed" };
  try {
    const pipes = await OutputPipes.open(files.log(name), Number(logBytes));
    const startedAt = Date.now();
    const child = await launch(record.launch, pipes);
    const leader = identityOf(child.pid);
    try {
      writeJson(files.custody(name), { ...custody, leader, startedAt });
    } catch (error) {
      await killInstance(name, leader);
      throw error;
    }
    child.once("exit", (code, signal) => {
      const exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
      void finish({ name, leader, pipes, exit: { exitCode, oomKilled: false, finishedAt: Date.now() } });
    });
    return { name, outcome: "started" };
  } catch (error) {
    rmSync(files.custody(name), { force: true });
    return failure(name, error);
  }
}

/**
 * Runs the command as the leader of a session of its own. Nothing can come between: the promise is settled before its end,
 * if it has ended already, is noticed. Rejects with the system's error.
 */
async function launch(
  { argv, env, cwd, uid, gid }: Launch,
  pipes: OutputPipes,
): Promise<ChildProcess & { pid: number }> {
  const [program = "", ...args] = argv;
  try {
    const child = spawn(program, args, {
      cwd,
      env,
      detached: true,
      stdio: ["ignore", ...pipes.writeEnds],
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
    });
    if (isRunning(child)) return child;
    const [error] = (await once(child, "error")) as [Error];
    throw error;
  } finally {
    pipes.closeWriteEnds();
  }
}

interface Ending {
  readonly name: string;
  readonly leader: Identity;
  readonly pipes: OutputPipes;
  readonly exit: Exit;
}

/** Called when the command has ended. What it leaves running goes with it, as it would in a container. */
async function finish({ name, leader, pipes, exit }: Ending): Promise<void> {
  await killInstance(name, leader);
  await pipes.drain();
  while (!wroteExit(name, exit)) await delay(RETRY_MS);
}

/** False when the disk is full, and it is worth trying again. */
function wroteExit(name: string, exit: Exit): boolean {
  try {
    writeJson(files.exit(name), exit);
    return true;
  } catch (error) {
    // Where the directory is gone, so is whoever would read it.
    if (codeOf(error) === "ENOENT") return true;
    if (codeOf(error) === "") throw error;
    return false;
  }
}

function isRunning(child: ChildProcess): child is ChildProcess & { pid: number } {
  return child.pid !== undefined;
}

/** Of a process that cannot have been forgotten yet: this one, or a child whose end has not been asked for. */
function identityOf(pid: number): Identity {
  const identity = readIdentity(pid);
  if (identity === undefined) throw new Error(`/proc has no process ${String(pid)}`);
  return identity;
}

function failure(name: string, error: unknown): ShimAnswer {
  return { name, outcome: "failed", code: codeOf(error), message: messageOf(error) };
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
