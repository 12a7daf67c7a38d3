import { Readable } from "node:stream";
import type { LogOptions } from "../protocol/messages.ts";

/**
 * The kept output of an ended attempt, as a stream; `tail` applies. Which line was written to which stream is not kept: it
 * all counts as standard output, so that whoever reads the two apart has it once.
 */
export function lastLines(text: string, { tail, stdout }: LogOptions): Readable {
  const lines = stdout ? text.split(/(?<=\n)/) : [];
  const wanted = tail === undefined ? lines : lines.slice(Math.max(0, lines.length - tail));
  return Readable.from(Buffer.from(wanted.join("")), { objectMode: false });
}
