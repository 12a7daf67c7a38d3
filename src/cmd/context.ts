/** What a command may touch of its process. It is handed in, so that a test runs a command without a process. */
import type { Writable } from "node:stream";

/** Where text goes: a terminal, a pipe or a file. */
export type Output = Writable & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  /** Its number in this process. */
  readonly fd?: number;
};

/** Where text comes from. */
export type Input = AsyncIterable<Uint8Array | string> & {
  readonly isTTY?: boolean;
  /** Of a terminal: whether keys come one by one, as they are pressed. */
  setRawMode?(isRaw: boolean): unknown;
  /** Stops reading: nothing more is wanted. */
  destroy?(): unknown;
};

export interface Context {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
}

/** The context of this process. */
export function processContext(): Context {
  return {
    env: process.env,
    // Opening standard input costs time and keeps the process alive: only a command that reads it does so.
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: process.stderr,
    now: Date.now,
  };
}
