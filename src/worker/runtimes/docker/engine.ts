/**
 * The connection to a container engine. Every call through it ends: with an answer, or with an EngineError once its time
 * is up. Connections are kept and used again.
 */
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { Readable } from "node:stream";
import { inspect } from "node:util";
import Docker from "dockerode";
import { EngineError, toEngineError } from "./engine-error.ts";

export const DEFAULT_DOCKER_HOST = "unix:///var/run/docker.sock";

/** A start may have to wait its turn among many on a small machine; nothing the engine does at once takes longer. */
export const CALL_TIMEOUT_MS = 60_000;

export interface EngineCall {
  /** What is asked, as a noun, for messages: `the start of birdman-…`. */
  readonly what: string;
  readonly timeoutMs?: number;
  /** Whether the engine may be asked twice when the connection broke; true if absent. */
  readonly isRepeatable?: boolean;
}

export class Engine {
  readonly docker: Docker;
  /** As it was given, for messages. */
  readonly address: string;
  /** The engine's processes can be those of this machine: it is reached by a socket in the file system. */
  readonly isLocal: boolean;
  readonly #agent: HttpAgent;
  readonly #timeoutMs: number;

  /** Throws an Error when the address is none. The timeout is that of calls which name none, in milliseconds. */
  constructor(address: string, timeoutMs = CALL_TIMEOUT_MS) {
    const { agent, ...where } = connectionOf(address);
    this.address = address;
    this.isLocal = where.socketPath !== undefined;
    this.#agent = agent;
    this.#timeoutMs = timeoutMs;
    const options = { ...where, agent };
    this.docker = new Docker(options);
  }

  /**
   * Asks once, and once more when the connection broke, as a kept one may have long before. The request may then reach the
   * engine twice, unless the call says that it must not.
   */
  async call<T>(
    { what, timeoutMs = this.#timeoutMs, isRepeatable = true }: EngineCall,
    request: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    try {
      return await this.#attempt(what, timeoutMs, request);
    } catch (error) {
      if (!isRepeatable || !(error instanceof EngineError && error.reason === "cut")) throw error;
      return this.#attempt(what, timeoutMs, request);
    }
  }

  /**
   * Opens a stream: only its beginning is bounded in time. Whoever reads it destroys it; the signal does so too.
   */
  async open(
    { what, timeoutMs = this.#timeoutMs }: EngineCall,
    request: (signal: AbortSignal) => Promise<unknown>,
    signal?: AbortSignal,
  ): Promise<Readable> {
    const stream = await this.#attempt(what, timeoutMs, (timeout) =>
      request(signal === undefined ? timeout : AbortSignal.any([signal, timeout])),
    );
    if (!(stream instanceof Readable)) throw new EngineError("answered", `the engine gave no stream (${what})`);
    return stream;
  }

  close(): void {
    this.#agent.destroy();
  }

  async #attempt<T>(what: string, timeoutMs: number, request: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    const { promise: expired, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      reject(new Error("timeout"));
      controller.abort();
    }, timeoutMs);
    try {
      // Raced, because the client library never settles when a connection breaks in the middle of an answer.
      return await Promise.race([request(controller.signal), expired]);
    } catch (cause) {
      const timedOutAfterMs = controller.signal.aborted ? timeoutMs : undefined;
      throw toEngineError(cause, { what, address: this.address, timedOutAfterMs });
    } finally {
      clearTimeout(timer);
    }
  }
}

/**
 * An agent that prints as its name. The client library prints the options of each request for its debug output, whether or
 * not that is wanted, and with them every connection of the agent: many times the cost of the request itself.
 */
class TerseAgent extends HttpAgent {
  [inspect.custom](): string {
    return "TerseAgent";
  }
}

class TerseTlsAgent extends HttpsAgent {
  [inspect.custom](): string {
    return "TerseTlsAgent";
  }
}

interface Connection {
  readonly socketPath: string | undefined;
  readonly host: string | undefined;
  readonly port: string | undefined;
  readonly protocol: "http" | "https";
  readonly agent: HttpAgent;
}

/** How the address is reached. All of it is said, since the client library fills in what is missing from DOCKER_HOST. */
function connectionOf(address: string): Connection {
  const socketPath = address.startsWith("unix://") ? address.slice("unix://".length) : address;
  if (socketPath.startsWith("/")) {
    const agent = new TerseAgent({ keepAlive: true });
    return { socketPath, host: undefined, port: undefined, protocol: "http", agent };
  }
  const url = URL.parse(address);
  if (url === null || !["tcp:", "http:", "https:"].includes(url.protocol) || url.hostname === "") {
    throw new Error(`"${address}" is no engine's address: use unix:///path/to/docker.sock or tcp://host:port`);
  }
  const isSecure = url.protocol === "https:" || process.env["DOCKER_TLS_VERIFY"] === "1";
  const defaultPort = isSecure ? "2376" : "2375";
  const port = url.port === "" ? defaultPort : url.port;
  const agent = isSecure ? new TerseTlsAgent({ keepAlive: true }) : new TerseAgent({ keepAlive: true });
  return { socketPath: undefined, host: url.hostname, port, protocol: isSecure ? "https" : "http", agent };
}
