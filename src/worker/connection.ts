/**
 * The worker's connection to its manager: dialled, and dialled again, with full jitter so that a cluster that lost its
 * manager does not come back all at once.
 */
import type { IncomingMessage } from "node:http";
import { WebSocket } from "ws";
import { decodeManagerMessage, encodeMessage } from "../protocol/codec.ts";
import type { ManagerMessage, WorkerMessage } from "../protocol/messages.ts";
import { fullJitter } from "../utils/backoff.ts";
import type { SessionId } from "./core/events.ts";
import type { Log } from "../utils/log.ts";

export interface ManagerAddress {
  /** `http://host:port` or `https://host:port`. */
  readonly url: string;
  readonly token?: string;
  /** Certificates to trust besides the system's, PEM. */
  readonly ca?: string;
}

export interface ConnectionEvents {
  opened(session: SessionId): void;
  received(session: SessionId, message: ManagerMessage): void;
  closed(session: SessionId): void;
}

const BACKOFF = { delayMs: 100, delayMaxMs: 2000 };
const HANDSHAKE_MS = 5000;
/** A manager that says nothing for so long is not there, whatever TCP believes. */
const SILENCE_MS = 10_000;

export class Connection {
  readonly #address: ManagerAddress;
  readonly #events: ConnectionEvents;
  readonly #log: Log;
  #socket: WebSocket | undefined;
  #session: SessionId = 0;
  #tries = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #lastComplaint = "";

  constructor(address: ManagerAddress, events: ConnectionEvents, log: Log) {
    this.#address = address;
    this.#events = events;
    this.#log = log;
  }

  open(): void {
    if (this.#isClosed) return;
    this.#session += 1;
    const session = this.#session;
    const socket = dial(this.#address, "/node/session");
    this.#socket = socket;
    let silence: NodeJS.Timeout | undefined;
    const heard = (): void => {
      silence ??= setTimeout(() => socket.terminate(), SILENCE_MS);
      silence.refresh();
    };
    socket.on("open", () => {
      this.#lastComplaint = "";
      heard();
      this.#events.opened(session);
    });
    socket.on("message", (data: Buffer) => {
      heard();
      const decoded = decodeManagerMessage(data.toString());
      if ("message" in decoded) {
        if (decoded.message.kind === "welcome") this.#tries = 0;
        this.#events.received(session, decoded.message);
      } else this.close(session, `the manager sent what cannot be understood: ${decoded.malformed}`);
    });
    socket.on("unexpected-response", (_request, response) => {
      refusalOf(response)
        .then((refusal) => this.#complain(refusal))
        .catch((error: unknown) => this.#complain(String(error)))
        .finally(() => socket.terminate());
    });
    socket.on("error", (error) => this.#complain(error.message));
    socket.on("close", () => {
      clearTimeout(silence);
      this.#events.closed(session);
      this.#again();
    });
  }

  send(session: SessionId, message: WorkerMessage): void {
    if (session === this.#session && this.#socket?.readyState === WebSocket.OPEN)
      this.#socket.send(encodeMessage(message));
  }

  /** Gives this connection up; another one is dialled. */
  close(session: SessionId, reason: string): void {
    if (session !== this.#session) return;
    this.#complain(reason);
    this.#socket?.close(1000);
  }

  /** Ends for good, once what was sent is out. */
  async shutDown(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    const socket = this.#socket;
    if (socket === undefined || socket.readyState === WebSocket.CLOSED) return;
    await new Promise<void>((resolve) => {
      const impatience = setTimeout(() => socket.terminate(), 1000);
      socket.once("close", () => {
        clearTimeout(impatience);
        resolve();
      });
      socket.close(1000);
    });
  }

  #again(): void {
    if (this.#isClosed) return;
    const wait = fullJitter(BACKOFF, this.#tries, Math.random);
    this.#tries += 1;
    this.#timer = setTimeout(() => this.open(), wait);
  }

  /** The same trouble is told once, not at every try. */
  #complain(complaint: string): void {
    if (complaint === this.#lastComplaint || this.#isClosed) return;
    this.#lastComplaint = complaint;
    this.#log.warn({ manager: this.#address.url }, `no connection to the manager, trying on: ${complaint}`);
  }
}

/** So much of a refusal is read. Bytes. */
const REFUSAL_BYTES = 16_384;

/** Why the manager did not open a session, in its own words, and what helps. Rejects when the answer breaks off. */
async function refusalOf(response: IncomingMessage): Promise<string> {
  const status = response.statusCode ?? 0;
  let body = "";
  for await (const chunk of response as AsyncIterable<Buffer>) {
    body += chunk.toString();
    if (body.length > REFUSAL_BYTES) break;
  }
  const detail = /"detail":"((?:[^"\\]|\\.)*)"/.exec(body)?.[1];
  const isAboutTokens = status === 401 || status === 403;
  const remedy = isAboutTokens ? "; a worker needs a token of scope node: --token or BIRDMAN_TOKEN" : "";
  return `it answers ${String(status)}${detail === undefined ? "" : `, ${detail}`}${remedy}`;
}

/**
 * A connection to a path of the manager, not yet open. What it sends is masked with zeros, which is to say not at all:
 * masks keep a script in a browser from choosing the bytes that are on the wire (RFC 6455, 10.3), and would cost both
 * ends more than all else that they do with a task's output.
 */
export function dial({ url, token, ca }: ManagerAddress, path: string): WebSocket {
  return new WebSocket(new URL(path, url.replace(/^http/, "ws")), {
    perMessageDeflate: false,
    generateMask: (mask) => mask.fill(0),
    handshakeTimeout: HANDSHAKE_MS,
    maxPayload: 256 * 2 ** 20,
    ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
    ...(ca === undefined ? {} : { ca }),
  });
}
