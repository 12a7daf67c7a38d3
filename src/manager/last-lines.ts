import type { LogOptions } from "../protocol/messages.ts";

/**
 * The kept output of an ended attempt, as a stream; `tail` applies. Which line was written to which stream is not kept: it
 * all counts as standard output, so that whoever reads the two apart has it once.
 */
export async function* lastLines(text: string, { tail, stdout }: LogOptions): AsyncGenerator<Uint8Array> {
  if (!stdout) return;
  const lines = text.split(/(?<=\n)/);
  const wanted = tail === undefined ? lines : lines.slice(Math.max(0, lines.length - tail));
  yield await Promise.resolve(Buffer.from(wanted.join("")));
}
