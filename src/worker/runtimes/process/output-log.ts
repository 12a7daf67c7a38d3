/**
 * The log of an instance: one record a line, in the form that Kubernetes' container runtimes write, so that people and
 * log collectors can read it as it is:
 *
 *     2026-11-23T08:00:00.000Z stdout F the line, without its line feed
 *     2026-11-23T08:00:00.042Z stderr P the first part of a line that goes on in the stream's next record
 *
 * Both streams share one file, which keeps their order. All that stands before the text has a fixed width, so that
 * records can be read from either end. F is a whole line or the last part of one, P a part without its line feed: put
 * together, the records are the output to the byte.
 *
 * The file holds at most `maxBytes`; then it becomes `output.log.1`, in place of the one before, and a new one begins.
 */
import { closeSync, openSync, renameSync, writeFileSync, writeSync } from "node:fs";

export type OutputStream = "stdout" | "stderr";

/** Width of a time, and where the parts of a record begin. */
export const TIME_WIDTH = 24;
export const STREAM_AT = TIME_WIDTH + 1;
export const TAG_AT = STREAM_AT + 7;
export const TEXT_AT = TAG_AT + 2;
export const WHOLE = "F";
export const PART = "P";

/** A line that is longer is written in parts; so much of an unfinished line is kept in memory. Bytes. */
const LINE_LIMIT = 16_384;

export const DEFAULT_LOG_BYTES = 10 * 2 ** 20;

export function olderLog(path: string): string {
  return `${path}.1`;
}

/**
 * Writes at once and synchronously, so that whoever prints faster than the disk writes is slowed down, and nothing is
 * left in memory when the shim is killed.
 */
export class OutputLog {
  readonly #path: string;
  readonly #maxBytes: number;
  readonly #unfinished: Record<OutputStream, string> = { stdout: "", stderr: "" };
  /** Open from the first output on: many print nothing. */
  #file: number | undefined;
  #size = 0;

  constructor(path: string, maxBytes: number) {
    this.#path = path;
    this.#maxBytes = maxBytes;
    writeFileSync(path, "", { mode: 0o600 });
  }

  /** Takes what the stream printed at this moment (wall clock, milliseconds). */
  write(stream: OutputStream, bytes: Buffer, at: number): void {
    // Latin-1 maps bytes to characters one to one, and the engine's string functions are the fastest way through them.
    const text = this.#unfinished[stream] + bytes.toString("latin1");
    const end = text.lastIndexOf("\n");
    const rest = text.slice(end + 1);
    const head = `${new Date(at).toISOString()} ${stream} `;
    let records = end < 0 ? "" : `${head}F ${text.slice(0, end).replaceAll("\n", `\n${head}F `)}\n`;
    if (rest.length > LINE_LIMIT) records += `${head}P ${rest}\n`;
    this.#unfinished[stream] = rest.length > LINE_LIMIT ? "" : rest;
    this.#append(records);
  }

  /** Writes what was printed without a line feed at the end. */
  close(at: number): void {
    for (const stream of ["stdout", "stderr"] as const) {
      const rest = this.#unfinished[stream];
      if (rest !== "") this.#append(`${new Date(at).toISOString()} ${stream} P ${rest}\n`);
    }
    this.#closeFile();
  }

  /** Output is lost rather than the task held up, or the shim ended, by a disk that is full or gone. */
  #append(records: string): void {
    if (records === "") return;
    try {
      if (this.#size > 0 && this.#size + records.length > this.#maxBytes) this.#rotate();
      this.#file ??= openSync(this.#path, "a", 0o600);
      writeSync(this.#file, records, null, "latin1");
      this.#size += records.length;
    } catch (error) {
      if (!(error instanceof Error && "syscall" in error)) throw error;
    }
  }

  #rotate(): void {
    this.#closeFile();
    renameSync(this.#path, olderLog(this.#path));
    this.#size = 0;
  }

  #closeFile(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}
