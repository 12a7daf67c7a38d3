/**
 * The ground that the manager's server and a worker's stand on: JSON bodies, problems, access, limits. No request,
 * however malformed, gets past it with a 500 or stops the process.
 */
import { createHash, X509Certificate } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { setImmediate } from "node:timers/promises";
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyRequest, LogController } from "fastify";
import type { TokenSource } from "../access.ts";
import { parseJsonBody } from "../json-body.ts";
import { problem, ProblemError } from "../problems.ts";
import { guard } from "./access-hooks.ts";
import { type ErrorMapping, failureOf, refuseOnSocket, sendProblem } from "./errors.ts";
import { RouteTable } from "./route-table.ts";

/** Of most addresses. */
const BODY_LIMIT = 64 * 1024;
/** Of those that take lists of tasks. */
export const SUBMISSION_BODY_LIMIT = 64 * 2 ** 20;

/** A client that is slower than this with its headers, or with the whole of its request, is cut off. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 120_000;
const TIMEOUT_CHECK_MS = 2_000;
/** A server that closes waits this long for requests that are under way; those that never end must not hold it up. */
const CLOSING_MS = 2_000;
const MAX_HEADER_BYTES = 16 * 1024;

declare module "fastify" {
  interface FastifyContextConfig {
    /** Served before the server is ready. */
    whileStarting?: boolean;
  }
  interface FastifyRequest {
    /** SHA-256 of the body as it came, in hex; null unless the request has an Idempotency-Key. */
    bodyDigest: string | null;
  }
}

export interface TlsOptions {
  /** PEM, the chain with the server's own certificate first. */
  readonly cert: string;
  readonly key: string;
}

export interface AccessOptions {
  /** The address that the server will listen on. */
  readonly listenHost: string;
  /** Other names that it is addressed by: the machine's name, an advertised one. */
  readonly names?: readonly string[] | undefined;
  /** Absent: no token is asked for, which is for loopback and `--insecure` alone (`checkExposure`). */
  readonly tokens?: TokenSource | undefined;
}

export interface HttpServerOptions {
  readonly access: AccessOptions;
  readonly tls?: TlsOptions | undefined;
  /** Absent: nothing is logged. Build it with `LOG_REDACTION`. */
  readonly logger?: FastifyBaseLogger | undefined;
}

export interface ServerGround {
  /** False: everything but what is served `whileStarting` is 503. */
  readonly isReady: () => boolean;
  readonly errors: ErrorMapping;
}

/** A server without routes, not listening yet. */
export function createHttpServer(options: HttpServerOptions, { isReady, errors }: ServerGround): FastifyInstance {
  const app = newFastify(options, errors);
  const routes = new RouteTable();
  app.addHook("onRoute", ({ url, method }) => {
    routes.add(url, [method].flat());
  });
  app.setErrorHandler((error, request, reply) => sendProblem(reply, failureOf(error, request, errors)));
  app.setNotFoundHandler(() => {
    throw new ProblemError(problem("not_found", "there is nothing at this address"));
  });
  parseBodies(app);
  app.addHook("onRequest", async (_request, reply) => {
    reply.headers({ "x-content-type-options": "nosniff", "cache-control": "no-store" });
  });
  guard(app, { hosts: knownHosts(options), tokens: options.access.tokens });
  app.addHook("onRequest", async (request, reply) => {
    if (request.is404) return reply.code(204).header("allow", methodsForOptions(request, routes)).send();
    if (!isReady() && request.routeOptions.config.whileStarting !== true) {
      throw new ProblemError(problem("unavailable", "the server is starting; try again soon"), { "retry-after": "1" });
    }
    return undefined;
  });
  app.addHook("preClose", async () => {
    setTimeout(() => app.server.closeAllConnections(), CLOSING_MS).unref();
  });
  app.addHook("onResponse", async (request, reply) => {
    const { method, url } = request;
    request.log.debug({ method, url, status: reply.statusCode, ms: Math.round(reply.elapsedTime) }, "answered");
  });
  return app;
}

function newFastify({ tls, logger }: HttpServerOptions, errors: ErrorMapping): FastifyInstance {
  const options = {
    ...(logger === undefined ? { logger: false } : { loggerInstance: logger }),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: {
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      // A client that offers another protocol (curl offers h2c) is answered in this one.
      shouldUpgradeCallback: ({ headers }: IncomingMessage) => headers.upgrade?.toLowerCase() === "websocket",
    },
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 512 },
    clientErrorHandler: refuseOnSocket,
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: Parameters<typeof sendProblem>[0]) => {
      void sendProblem(reply, failureOf(error, request, errors));
    },
  };
  if (tls === undefined) return Fastify(options);
  const { http, ...rest } = options;
  return Fastify({ ...rest, https: { ...http, ...tls, minVersion: "TLSv1.2" } });
}

function knownHosts({ access, tls }: HttpServerOptions) {
  const certificate = tls === undefined ? undefined : new X509Certificate(tls.cert);
  return { listenHost: access.listenHost, names: access.names ?? [], certificate };
}

/** JSON alone. What is not JSON is refused as such whatever its address (415), which also keeps plain web forms out. */
function parseBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.decorateRequest("bodyDigest", null);
  const json = /^application\/(?:[\w.-]+\+)?json(?:\s*;|\s*$)/i;
  app.addContentTypeParser<Buffer>(json, { parseAs: "buffer" }, async (request: FastifyRequest, body: Buffer) => {
    if (body.length === 0) return undefined;
    if (request.headers["idempotency-key"] !== undefined) {
      request.bodyDigest = await digestOf(body);
    }
    const parsed = await parseJsonBody(body);
    if (parsed.kind === "refused") throw new ProblemError(parsed.problem);
    return parsed.value;
  });
}

/** Others get their turn after so many bytes: a few milliseconds. */
const DIGESTED_BYTES = 1024 * 1024;

/** SHA-256 in hex. */
async function digestOf(body: Buffer): Promise<string> {
  const hash = createHash("sha256");
  for (let from = 0; from < body.length; from += DIGESTED_BYTES) {
    if (from > 0) await setImmediate();
    hash.update(body.subarray(from, from + DIGESTED_BYTES));
  }
  return hash.digest("hex");
}

/** Of a request that no route takes: the methods of its address, if that is what it asks for; else throws a ProblemError. */
function methodsForOptions(request: FastifyRequest, routes: RouteTable): string {
  const path = request.url.split("?", 1)[0] ?? "";
  const methods = routes.methodsAt(path);
  const shown = path.slice(0, 256);
  if (methods.length === 0) throw new ProblemError(problem("not_found", `there is nothing at ${shown}`));
  const allow = [...methods, "OPTIONS"].join(", ");
  if (request.method === "OPTIONS") return allow;
  throw new ProblemError(problem("method_not_allowed", `${shown} answers to ${allow}, not to ${request.method}`), {
    allow,
  });
}
