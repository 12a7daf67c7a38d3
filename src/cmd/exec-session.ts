/** Ties a command inside a task to this process: what is typed goes there, what it writes comes here, signals and sizes too. */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import type { ExecSession } from "../client/exec.ts";
import type { Context, Output } from "./context.ts";

export interface Ends {
  /** What is typed is passed on. */
  readonly hasInput: boolean;
  /** It has a terminal of its own, which looks at every key and draws on this one. */
  readonly hasTerminal: boolean;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGQUIT", "SIGHUP"] as const;

/** Resolves to the command's exit status. Rejects with a ClientError when it could not be run, or was lost. */
export async function converse(session: ExecSession, context: Context, ends: Ends): Promise<number> {
  using undo = new DisposableStack();
  if (ends.hasTerminal) followSize(session, context.stdout, undo);
  passSignals(session, undo);
  if (ends.hasInput) {
    const { stdin } = context;
    if (ends.hasTerminal) handOver(stdin, undo);
    // It may wait for a key for ever; the end of the command ends it.
    void passInput(session, stdin);
    undo.defer(() => stdin.destroy?.());
  }
  try {
    for await (const { stream, data } of session.output()) {
      const output = stream === "stdout" ? context.stdout : context.stderr;
      if (!output.write(data)) await once(output, "drain");
    }
  } finally {
    session.close();
  }
  return session.exitCode ?? 1;
}

/**
 * Every key goes to the other terminal as it is, and what that draws comes here as it is. Node's raw mode goes on turning
 * line feeds into two characters, which editors do not expect; `stty` does the rest, and knows how things were.
 */
function handOver(stdin: Context["stdin"], undo: DisposableStack): void {
  const before = stty("-g");
  stdin.setRawMode?.(true);
  stty("-opost");
  undo.defer(() => {
    stdin.setRawMode?.(false);
    if (before !== "") stty(before);
  });
}

/** What it prints; empty where there is no such program, or no terminal. */
function stty(setting: string): string {
  const { stdout, error } = spawnSync("stty", [setting], { stdio: ["inherit", "pipe", "ignore"], encoding: "utf8" });
  return error === undefined ? stdout.trim() : "";
}

async function passInput(session: ExecSession, stdin: Context["stdin"]): Promise<void> {
  try {
    for await (const data of stdin) await session.write(typeof data === "string" ? Buffer.from(data) : data);
    await session.end();
  } catch {
    // The command has ended, and reads no more.
  }
}

function followSize(session: ExecSession, output: Output, undo: DisposableStack): void {
  const tell = (): void => {
    const { columns, rows } = output;
    if (columns !== undefined && rows !== undefined) void session.resize({ columns, rows });
  };
  output.on("resize", tell);
  undo.defer(() => output.off("resize", tell));
}

/** With a terminal Ctrl-C is a key like any other, and no signal. */
function passSignals(session: ExecSession, undo: DisposableStack): void {
  for (const signal of SIGNALS) {
    const pass = (): void => void session.signal(signal);
    process.on(signal, pass);
    undo.defer(() => process.off(signal, pass));
  }
}
