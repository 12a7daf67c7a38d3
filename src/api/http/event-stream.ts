/** Server-sent events (WHATWG HTML, section 9.2), written no faster than they are read. */
import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";

export const EVENT_STREAM_MEDIA_TYPE = "text/event-stream";

/** Keeps connections through proxies that close silent ones. */
export const QUIET_MS = 15_000;
/** A comment, for when there is nothing to say. */
export const QUIET_FRAME = ": quiet\n\n";

export interface ServerSentEvent {
  /** What a reader that connects again sends as `Last-Event-ID`. */
  readonly id?: number;
  /** Its type; `message` without one. */
  readonly event?: string;
  readonly data: unknown;
}

/** JSON has no line breaks, so that the data is one line. */
export function eventFrame({ id, event, data }: ServerSentEvent): string {
  const head = `${event === undefined ? "" : `event: ${event}\n`}${id === undefined ? "" : `id: ${String(id)}\n`}`;
  return `${head}data: ${JSON.stringify(data)}\n\n`;
}

/** Answers with the frames as they come; the answer ends with them, or when the signal says so. */
export function sendEventStream(
  reply: FastifyReply,
  frames: AsyncIterable<string | Uint8Array>,
  signal: AbortSignal,
): FastifyReply {
  const body = Readable.from(frames, { objectMode: false });
  signal.addEventListener("abort", () => body.destroy(), { once: true });
  return reply.type(EVENT_STREAM_MEDIA_TYPE).header("x-accel-buffering", "no").send(body);
}
