import type { LogOptions } from "../protocol/messages.ts";

/** The kept output of an ended attempt, as a stream; `tail` applies, the other options have nothing to work on. */
export async function* lastLines(text: string, { tail }: LogOptions): AsyncGenerator<Uint8Array> {
  const lines = text.split(/(?<=\n)/);
  const wanted = tail === undefined ? lines : lines.slice(Math.max(0, lines.length - tail));
  yield await Promise.resolve(Buffer.from(wanted.join("")));
}
