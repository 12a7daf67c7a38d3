/** Conversations over WebSocket, for Node: with the headers that a browser's WebSocket cannot send. */
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { WebSocket } from "ws";
import { clientError, type NodeTransportOptions } from "./node-transport.ts";
import { refusal } from "./requests.ts";
import type { MessageSocket, SocketRequest, SocketTransport } from "./socket-transport.ts";

const HANDSHAKE_MS = 15_000;

export function nodeSockets({ base, ca }: Pick<NodeTransportOptions, "base" | "ca">): SocketTransport {
  return async ({ path, headers, signal }: SocketRequest): Promise<MessageSocket> => {
    signal?.throwIfAborted();
    // Loaded when it is needed: no other command pays for it.
    const { WebSocket: Socket, createWebSocketStream } = await import("ws");
    const url = new URL(base.pathname.replace(/\/$/, "") + path, base.origin.replace(/^http/, "ws"));
    const options = { headers, perMessageDeflate: false, handshakeTimeout: HANDSHAKE_MS };
    const socket = new Socket(url, { ...options, ...(ca === undefined ? {} : { ca }) });
    await opened(socket, base);
    signal?.addEventListener("abort", () => socket.terminate(), { once: true });
    const stream = createWebSocketStream(socket, { readableObjectMode: true });
    return {
      send: (message) => new Promise((resolve) => socket.send(message, () => resolve())),
      messages: messagesOf(stream, { socket, base, signal }),
      close: () => socket.close(1000),
    };
  };
}

/** Rejects with a ClientError. */
function opened(socket: WebSocket, base: URL): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", (error) => reject(clientError(error, base)));
    socket.once("unexpected-response", (_request, response: IncomingMessage) => {
      refusal({
        url: base.href,
        status: response.statusCode ?? 0,
        header: (name) => [response.headers[name]].flat().join(", "),
        body: response,
      }).then(reject, reject);
    });
  });
}

interface From {
  readonly socket: WebSocket;
  readonly base: URL;
  readonly signal: AbortSignal | undefined;
}

async function* messagesOf(
  stream: AsyncIterable<string | Buffer>,
  { socket, base, signal }: From,
): AsyncGenerator<string | Uint8Array> {
  const closed = once(socket, "close") as Promise<[number, Buffer]>;
  try {
    yield* stream;
  } catch (error) {
    signal?.throwIfAborted();
    throw clientError(error, base);
  }
  signal?.throwIfAborted();
  const [code, reason] = await closed;
  if (code !== 1000) throw clientError(new Error(`closed with ${String(code)} ${reason.toString()}`.trim()), base);
}
