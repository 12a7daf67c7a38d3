/** The history as it happens, over as many connections as it takes: a lost one is gone on with where it broke off. */
import type { EventJson } from "../api/event-json.ts";
import { type Backoff, fullJitter } from "../utils/backoff.ts";
import { ClientError } from "./client-error.ts";
import { serverSentEvents } from "./server-sent-events.ts";
import type { TransportResponse } from "./transport.ts";

export interface EventStreamOptions {
  readonly signal?: AbortSignal | undefined;
  /**
   * The history does not reach back to where this stream was cut off, or the manager's store was put back: what was read
   * from it before should be read anew. The stream goes on with what follows.
   */
  readonly onReset?: (() => void) | undefined;
  /** The connection was lost (with the error), or is there again. */
  readonly onConnection?: ((lost: ClientError | undefined) => void) | undefined;
}

const RECONNECT: Backoff = { delayMs: 250, delayMaxMs: 2000 };

/** Opens a connection that begins behind the event of this number, or anew. */
export type OpenEvents = (lastEventId: number | undefined) => Promise<TransportResponse>;

/** Rejects when the first connection does not come about, or the manager refuses a later one. */
export async function* eventStream(open: OpenEvents, options: EventStreamOptions): AsyncGenerator<EventJson> {
  const { signal, onReset, onConnection } = options;
  let last: number | undefined;
  let response = await open(undefined);
  for (;;) {
    let lost = new ClientError("connection_lost", `${response.url}: the stream of events ended`);
    try {
      for await (const { id, event, data } of serverSentEvents(response.body)) {
        if (id !== undefined) last = Number(id);
        if (event === "reset") onReset?.();
        else yield JSON.parse(data) as EventJson;
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof ClientError)) throw error;
      lost = error;
    }
    onConnection?.(lost);
    response = await openAgain(open, last, signal);
    onConnection?.(undefined);
  }
}

async function openAgain(
  open: OpenEvents,
  last: number | undefined,
  signal: AbortSignal | undefined,
): Promise<TransportResponse> {
  for (let attempt = 0; ; attempt += 1) {
    await pause(fullJitter(RECONNECT, attempt, Math.random), signal);
    try {
      return await open(last);
    } catch (error) {
      signal?.throwIfAborted();
      const isStarting = error instanceof ClientError && error.status === 503;
      if (!isStarting && !(error instanceof ClientError && error.isUnreachable)) throw error;
    }
  }
}

/** Rejects with the signal's reason. */
function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const abort = (): void => {
      clearTimeout(timer);
      // An abort's reason is whatever the caller chose.
      // oxlint-disable-next-line prefer-promise-reject-errors
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", abort, { once: true });
  });
}
