/** The workers' connections: what comes in becomes events, what goes out is written. A worker that says nothing sensible is shown out. */
import type { WebSocket } from "ws";
import { decodeWorkerMessage, encodeMessage } from "../protocol/codec.ts";
import type { ManagerMessage, WorkerMessage } from "../protocol/messages.ts";
import type { SessionId } from "./core/events.ts";

export interface SocketEvents {
  received(session: SessionId, message: WorkerMessage): void;
  closed(session: SessionId): void;
}

/** A worker that does not introduce itself within this time is shown out. */
const HELLO_MS = 10_000;
/** A worker that reads so slowly that this much waits for it is cut off; it says everything again when it is back. */
const MOST_BUFFERED_BYTES = 64 * 2 ** 20;

export class WorkerSockets {
  readonly #events: SocketEvents;
  readonly #sockets = new Map<SessionId, WebSocket>();
  #lastSession = 0;

  constructor(events: SocketEvents) {
    this.#events = events;
  }

  /** Takes a new connection in. */
  open(socket: WebSocket): void {
    this.#lastSession += 1;
    const session = this.#lastSession;
    this.#sockets.set(session, socket);
    const impatience = setTimeout(() => socket.terminate(), HELLO_MS).unref();
    let hasIntroduced = false;
    socket.on("message", (data: Buffer, isBinary) => {
      const decoded = isBinary ? { malformed: "it is binary" } : decodeWorkerMessage(data.toString());
      if ("malformed" in decoded) {
        this.#refuse(session, decoded.malformed);
        return;
      }
      if ((decoded.message.kind === "hello") === hasIntroduced) {
        this.#refuse(session, hasIntroduced ? "a second hello" : "a frame before the hello");
        return;
      }
      clearTimeout(impatience);
      hasIntroduced = true;
      this.#events.received(session, decoded.message);
    });
    socket.on("error", () => socket.terminate());
    socket.on("close", () => {
      clearTimeout(impatience);
      if (this.#sockets.delete(session)) this.#events.closed(session);
    });
  }

  send(session: SessionId, message: ManagerMessage): void {
    const socket = this.#sockets.get(session);
    if (socket === undefined) return;
    socket.send(encodeMessage(message));
    if (socket.bufferedAmount > MOST_BUFFERED_BYTES) socket.terminate();
  }

  close(session: SessionId): void {
    this.#sockets.get(session)?.close(1000);
  }

  closeAll(): void {
    for (const socket of this.#sockets.values()) socket.terminate();
  }

  #refuse(session: SessionId, malformed: string): void {
    this.send(session, { kind: "refusal", code: "malformed", detail: `a message was refused: ${malformed}` });
    this.close(session);
  }
}
