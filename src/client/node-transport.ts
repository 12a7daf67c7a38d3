/**
 * The transport of the command line: `node:http`, which of all clients is the one that is loaded soonest.
 *
 * A Node process that does nothing takes some 25 ms. One request on top of that, everything loaded, was measured on Node
 * 24 as 15 ms in this way, 60 ms with the global `fetch` and 115 ms with undici. `import "node:http"` would add 40 ms:
 * it reads all exports, one of which loads a WebSocket client. Hence `getBuiltinModule`, which reads none.
 */
import type { ClientRequest, IncomingMessage } from "node:http";
import { ClientError, type NetworkCode } from "./client-error.ts";
import type { Transport, TransportRequest } from "./transport.ts";

export interface NodeTransportOptions {
  /** Root of the server, its path included if it stands behind one. */
  readonly base: URL;
  /** Certificates (PEM) to trust in place of the usual ones. */
  readonly ca?: string;
  /** Milliseconds until a connection is given up that does not come about; 5 s by default. */
  readonly connectTimeoutMs?: number;
  /** Milliseconds from the request to the head of the response; a minute by default. */
  readonly responseTimeoutMs?: number;
}

export function nodeTransport(options: NodeTransportOptions): Transport {
  return async (request) => {
    const { signal } = request;
    signal?.throwIfAborted();
    try {
      const response = await send(options, request);
      return {
        url: options.base.origin + pathOf(options.base, request.path),
        status: response.statusCode ?? 0,
        header: (name) => {
          const value = response.headers[name];
          return Array.isArray(value) ? value.join(", ") : value;
        },
        body: chunksOf(response, options.base, signal),
      };
    } catch (error) {
      signal?.throwIfAborted();
      throw clientError(error, options.base);
    }
  };
}

function send(
  options: NodeTransportOptions,
  { method, path, headers, body, signal }: TransportRequest,
): Promise<IncomingMessage> {
  const { base, ca, connectTimeoutMs = 5_000, responseTimeoutMs = 60_000 } = options;
  const isTls = base.protocol === "https:";
  const { request } = isTls ? process.getBuiltinModule("node:https") : process.getBuiltinModule("node:http");
  return new Promise((resolve, reject) => {
    const sent = request({
      protocol: base.protocol,
      hostname: base.hostname.replace(/^\[(.*)\]$/, "$1"),
      port: base.port,
      path: pathOf(base, path),
      method,
      headers: body === undefined ? headers : { ...headers, "content-length": Buffer.byteLength(body) },
      ...(isTls && ca !== undefined ? { ca } : {}),
      ...(signal === undefined ? {} : { signal }),
    });
    giveUpAfter(sent, { connectTimeoutMs, responseTimeoutMs, event: isTls ? "secureConnect" : "connect" });
    sent.on("response", resolve);
    sent.on("error", reject);
    sent.end(body);
  });
}

function pathOf(base: URL, path: string): string {
  return base.pathname.replace(/\/$/, "") + path;
}

interface Patience {
  readonly connectTimeoutMs: number;
  readonly responseTimeoutMs: number;
  /** What the socket says when it is connected. */
  readonly event: "connect" | "secureConnect";
}

function giveUpAfter(request: ClientRequest, { connectTimeoutMs, responseTimeoutMs, event }: Patience): void {
  const expire = (what: string, ms: number): NodeJS.Timeout =>
    setTimeout(() => {
      request.destroy(new TimeoutError(`${what} within ${String(ms / 1000)} s`));
    }, ms);
  const response = expire("no answer", responseTimeoutMs);
  request.on("socket", (socket) => {
    if (!socket.connecting) return;
    const connect = expire("no connection", connectTimeoutMs);
    socket.once(event, () => clearTimeout(connect));
    request.once("close", () => clearTimeout(connect));
  });
  request.once("response", () => clearTimeout(response));
  request.once("close", () => clearTimeout(response));
}

class TimeoutError extends Error {
  override readonly name = "TimeoutError";
  readonly code = "ETIMEDOUT";
}

async function* chunksOf(
  response: IncomingMessage,
  base: URL,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of response) yield chunk as Uint8Array;
  } catch (error) {
    signal?.throwIfAborted();
    throw clientError(error, base);
  }
}

const NETWORK_CODES: Readonly<Record<string, NetworkCode>> = {
  ECONNREFUSED: "refused",
  ENOTFOUND: "unknown_host",
  EAI_AGAIN: "unknown_host",
  EHOSTUNREACH: "no_route",
  ENETUNREACH: "no_route",
  EADDRNOTAVAIL: "no_route",
  ETIMEDOUT: "timeout",
  ECONNRESET: "connection_lost",
  EPIPE: "connection_lost",
};

/** What OpenSSL and Node call a failure to agree on TLS or to trust the other side. */
const TLS_CODE =
  /^(EPROTO$|CERT_|ERR_(TLS|SSL|OSSL)_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE)/;

/** Why the server at this address did not answer. */
export function clientError(error: unknown, base: URL): ClientError {
  const systemCode = error instanceof Error && "code" in error ? String(error.code) : "";
  const code = networkCode(systemCode);
  return new ClientError(code, `${base.origin}: ${explain(code, systemCode, error)}`, { cause: error });
}

function networkCode(systemCode: string): NetworkCode {
  if (systemCode.startsWith("HPE_")) return "not_birdman";
  if (TLS_CODE.test(systemCode)) return "tls";
  return NETWORK_CODES[systemCode] ?? "connection_lost";
}

function explain(code: NetworkCode, systemCode: string, error: unknown): string {
  switch (code) {
    case "refused":
      return "connection refused";
    case "unknown_host":
      return "there is no such host";
    case "no_route":
      return "there is no route to this host";
    case "not_birdman":
      return "the answer is not HTTP";
    case "tls":
      return systemCode === "EPROTO" || systemCode.startsWith("ERR_SSL_")
        ? "the server does not speak TLS as asked"
        : `its certificate is not trusted (${message(error)})`;
    case "timeout":
      return error instanceof TimeoutError ? error.message : "no answer in time";
    case "connection_lost":
      return `the connection was lost (${message(error)})`;
  }
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
