/**
 * Output on its way from a worker to a reader. The manager asks the worker for a stream in a frame; the worker dials a
 * connection for it alone. So heartbeats never wait behind output, and a reader who stops stops the worker's reading,
 * by TCP and nothing else.
 */
import { createWebSocketStream, type WebSocket } from "ws";

/** How long a worker may take to dial. */
const DIAL_MS = 10_000;

interface Awaited {
  readonly resolve: (bytes: AsyncIterable<Uint8Array>) => void;
  readonly reject: (reason: Error) => void;
}

export class LogStreams {
  readonly #awaited = new Map<string, Awaited>();

  /** Resolves to the bytes once the worker has dialled; rejects when it does not, or when the reader is gone. */
  expect(stream: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    return new Promise((resolve, reject) => {
      const forget = (reason: string) => (): void => {
        if (this.#awaited.delete(stream)) reject(new Error(reason));
      };
      const timer = setTimeout(forget("the worker did not send the output in time"), DIAL_MS).unref();
      const abort = forget("the reader is gone");
      signal.addEventListener("abort", abort, { once: true });
      this.#awaited.set(stream, {
        resolve: (bytes) => {
          clearTimeout(timer);
          resolve(bytes);
        },
        reject,
      });
      if (signal.aborted) abort();
    });
  }

  /** Gives up a stream that nobody will dial. */
  cancel(stream: string, reason: string): void {
    const awaited = this.#awaited.get(stream);
    this.#awaited.delete(stream);
    awaited?.reject(new Error(reason));
  }

  /** A worker has dialled. */
  open(stream: string, socket: WebSocket): void {
    const awaited = this.#awaited.get(stream);
    this.#awaited.delete(stream);
    if (awaited === undefined) {
      socket.close(1000, "nobody waits for this stream");
      return;
    }
    const bytes = createWebSocketStream(socket);
    bytes.on("error", () => bytes.destroy());
    awaited.resolve(bytes);
  }
}
