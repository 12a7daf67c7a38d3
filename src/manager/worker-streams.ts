/**
 * Streams between a worker and somebody who asked for one: a task's output, or a command that runs inside it. The manager
 * asks the worker in a frame; the worker dials a connection for the stream alone. So heartbeats never wait behind a
 * stream, and a reader who stops stops the worker's reading, by TCP and nothing else.
 */
import type { WebSocket } from "ws";

/** How long a worker may take to dial. */
const DIAL_MS = 10_000;

interface Awaited {
  readonly resolve: (socket: WebSocket) => void;
  readonly reject: (reason: Error) => void;
}

export class WorkerStreams {
  readonly #awaited = new Map<string, Awaited>();

  /** Resolves once the worker has dialled; rejects when it does not, or when the reader is gone. */
  expect(stream: string, signal: AbortSignal): Promise<WebSocket> {
    return new Promise((resolve, reject) => {
      const forget = (reason: string) => (): void => {
        if (this.#awaited.delete(stream)) reject(new Error(reason));
      };
      const timer = setTimeout(forget("its worker did not answer in time"), DIAL_MS).unref();
      const abort = forget("the reader is gone");
      signal.addEventListener("abort", abort, { once: true });
      this.#awaited.set(stream, {
        resolve: (socket) => {
          clearTimeout(timer);
          resolve(socket);
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

  /** A worker has dialled. Nothing it says is lost: the one who waits listens before the next message is read. */
  open(stream: string, socket: WebSocket): void {
    const awaited = this.#awaited.get(stream);
    this.#awaited.delete(stream);
    if (awaited === undefined) {
      socket.close(1000, "nobody waits for this stream");
      return;
    }
    socket.on("error", () => socket.terminate());
    socket.pause();
    awaited.resolve(socket);
  }
}
