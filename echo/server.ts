/**
 * The sample service: answers the JSON that it was sent. Small, so that what is seen in an example is Birdman at work.
 *
 *   POST /            200 and the body as it came; 400 when it is not JSON; 413 when it is larger than a mebibyte
 *   GET  /health      200
 *   GET  /healthfail  500, for trying out what an unhealthy task looks like
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

const BODY_LIMIT_BYTES = 2 ** 20;
const JSON_TYPE = "application/json";

const server = createServer((request, response) => {
  // What fails here is the connection: there is nobody left to tell.
  handle(request, response).catch(() => response.destroy());
});

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url?.split("?")[0];
  switch (path) {
    case "/":
      return request.method === "POST" ? echo(request, response) : methodNotAllowed(response, "POST");
    case "/health":
      return isRead(request) ? reply(response, 200, { status: "healthy" }) : methodNotAllowed(response, "GET, HEAD");
    case "/healthfail":
      return isRead(request) ? reply(response, 500, { status: "unhealthy" }) : methodNotAllowed(response, "GET, HEAD");
    default:
      return reply(response, 404, { error: `there is nothing at ${path ?? ""}` });
  }
}

async function echo(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await read(request);
  if (body === undefined) {
    response.setHeader("connection", "close");
    return reply(response, 413, { error: `the body is larger than ${String(BODY_LIMIT_BYTES)} bytes` });
  }
  try {
    JSON.parse(body.toString("utf8"));
  } catch (error) {
    return reply(response, 400, { error: `the body is not JSON: ${String(error)}` });
  }
  send(response, { status: 200, type: request.headers["content-type"] ?? JSON_TYPE, body });
}

/** The whole body, or undefined when it is too large. */
async function read(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Leaving the loop must not close the connection: the refusal is still to be sent.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_LIMIT_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function isRead(request: IncomingMessage): boolean {
  return request.method === "GET" || request.method === "HEAD";
}

function methodNotAllowed(response: ServerResponse, allowed: string): void {
  response.setHeader("allow", allowed);
  reply(response, 405, { error: `only ${allowed} here` });
}

function reply(response: ServerResponse, status: number, body: object): void {
  send(response, { status, type: JSON_TYPE, body: Buffer.from(`${JSON.stringify(body)}\n`) });
}

function send(response: ServerResponse, answer: { status: number; type: string; body: Buffer }): void {
  response.writeHead(answer.status, { "content-type": answer.type, "content-length": answer.body.length });
  response.end(answer.body);
}

server.listen(Number(process.env["PORT"] ?? 7777), () => {
  const address = server.address();
  console.log(`echo listens on port ${typeof address === "object" ? String(address?.port) : ""}`);
});

// As the first process of a container it gets no default for these: without a handler it could only be killed.
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, () => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
  });
}
