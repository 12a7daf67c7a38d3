/** From whatever went wrong while a request was served to the problem that it is answered with. */
import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { formatSize } from "../../utils/sizes.ts";
import { problem, PROBLEM_MEDIA_TYPE, PROBLEMS, type Problem, type ProblemCode, ProblemError } from "../problems.ts";

/** Errors of a server's own service, told apart by whoever builds the server. */
export type ErrorMapping = (error: unknown) => Problem | undefined;

export interface Failure {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
}

/** Never fails: what it does not know is an `internal` problem, and in the log. */
export function failureOf(error: unknown, request: FastifyRequest, mapping: ErrorMapping): Failure {
  if (error instanceof ProblemError) return { problem: error.problem, headers: error.headers };
  const mapped = mapping(error) ?? fastifyProblem(error, request);
  if (mapped !== undefined) {
    return { problem: mapped, headers: mapped.status === 503 ? { "retry-after": "1" } : {} };
  }
  request.log.error({ err: error, method: request.method, url: request.url }, "a request failed unexpectedly");
  return { problem: problem("internal", "this is a fault of the server's; its log has the cause"), headers: {} };
}

export function sendProblem(reply: FastifyReply, { problem: body, headers }: Failure): FastifyReply {
  readOn(reply);
  return reply.code(body.status).headers(headers).type(PROBLEM_MEDIA_TYPE).send(JSON.stringify(body));
}

/**
 * Fastify would hang up on a body that it does not read to its end, and whoever is still sending it would see a broken
 * connection instead of the answer. So the rest is read and thrown away; the request timeout bounds it.
 */
export function readOn(reply: FastifyReply): void {
  reply.removeHeader("connection");
  reply.request.raw.resume();
}

const FASTIFY_CODES = new Map<string, ProblemCode>([
  ["FST_ERR_CTP_INVALID_MEDIA_TYPE", "unsupported_media_type"],
  ["FST_ERR_CTP_BODY_TOO_LARGE", "body_too_large"],
  ["FST_ERR_CTP_INVALID_CONTENT_LENGTH", "malformed_request"],
  ["FST_ERR_BAD_URL", "malformed_request"],
  ["FST_ERR_MAX_PARAM_LENGTH", "malformed_request"],
]);

/** The requests that Fastify itself refuses. */
function fastifyProblem(error: unknown, { routeOptions }: FastifyRequest): Problem | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, statusCode } = error as Partial<FastifyError>;
  const known = FASTIFY_CODES.get(code ?? "");
  if (known === "unsupported_media_type") {
    return problem(known, "the body has to be JSON and to say so: Content-Type: application/json");
  }
  if (known === "body_too_large")
    return problem(known, `the body is larger than ${formatSize(routeOptions.bodyLimit)}`);
  if (known !== undefined) return problem(known, error.message);
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return problem("malformed_request", error.message);
  return undefined;
}

const SOCKET_CODES = new Map<string, ProblemCode>([
  ["HPE_HEADER_OVERFLOW", "headers_too_large"],
  ["ERR_HTTP_REQUEST_TIMEOUT", "request_timeout"],
]);

/** Answers what is no HTTP, or too slow, or has too large headers, on the bare socket. */
export function refuseOnSocket(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const code = SOCKET_CODES.get(error.code ?? "") ?? "malformed_request";
  const body = JSON.stringify(problem(code, PROBLEMS[code].meaning));
  const { status } = PROBLEMS[code];
  const head = [
    `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ""}`,
    `content-type: ${PROBLEM_MEDIA_TYPE}`,
    `content-length: ${String(Buffer.byteLength(body))}`,
    "connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
}
