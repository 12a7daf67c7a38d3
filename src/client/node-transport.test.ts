import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { createServer as createTcpServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ClientError } from "./client-error.ts";
import { fetchTransport } from "./fetch-transport.ts";
import { nodeTransport, type NodeTransportOptions } from "./node-transport.ts";
import type { Transport, TransportRequest } from "./transport.ts";

const GET: TransportRequest = { method: "GET", path: "/tasks?limit=1", headers: {} };

let directory: string;
let certificate: { readonly cert: string; readonly key: string };
let servers: Server[] = [];

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "birdman-tls-"));
  const [cert, key] = [join(directory, "cert.pem"), join(directory, "key.pem")];
  const subject = ["-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1"];
  const made = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", cert];
  execFileSync("openssl", ["req", "-x509", ...made, ...subject, "-days", "2"], { stdio: "ignore" });
  certificate = { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
});

afterAll(() => rmSync(directory, { recursive: true }));

afterEach(() => {
  for (const server of servers) {
    if ("closeAllConnections" in server && typeof server.closeAllConnections === "function")
      server.closeAllConnections();
    server.close();
  }
  servers = [];
});

/** Resolves to the address once the server listens; it is closed after the test. */
async function listening(server: Server): Promise<string> {
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

const serving = async (listener: RequestListener): Promise<string> =>
  `http://${await listening(createHttpServer(listener))}`;

function transportTo(base: string, options: Omit<NodeTransportOptions, "base"> = {}): Transport {
  return nodeTransport({ base: new URL(base), ...options });
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

async function bodyOf(transport: Transport, request: TransportRequest): Promise<string> {
  const { body } = await transport(request);
  return Buffer.concat(await Array.fromAsync(body)).toString();
}

describe.each([
  ["nodeTransport", transportTo],
  ["fetchTransport", (base: string) => fetchTransport(base)],
])("%s", (_name, transportFor) => {
  test("carries method, path, headers and body, and brings back status, headers and body", async () => {
    const base = await serving((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const seen = [request.method, request.url, request.headers["x-test"], request.headers["content-length"]];
        response.writeHead(201, { "x-answer": "yes" }).end(`${seen.join(" ")} ${Buffer.concat(chunks).toString()}`);
      });
    });
    const transport = transportFor(base);
    const answer = await transport({ method: "POST", path: "/a?b=c", headers: { "x-test": "1" }, body: "größe" });
    expect(answer.status).toBe(201);
    expect(answer.url).toBe(`${base}/a?b=c`);
    expect(answer.header("x-answer")).toBe("yes");
    expect(answer.header("x-none")).toBeUndefined();
    expect(Buffer.concat(await Array.fromAsync(answer.body)).toString()).toBe("POST /a?b=c 1 7 größe");
  });

  test("keeps the path that the server stands behind", async () => {
    const base = await serving((request, response) => response.end(request.url));
    expect(await bodyOf(transportFor(`${base}/birdman/`), GET)).toBe("/birdman/tasks?limit=1");
  });

  test("says that nothing listens", async () => {
    expect(await failure(transportFor("http://127.0.0.1:1")(GET))).toMatchObject({
      code: "refused",
      status: undefined,
    });
  });

  test("ends with the signal's reason, before, while and after the answer begins", async () => {
    const reason = new Error("enough");
    expect(await failure(transportFor("http://127.0.0.1:1")({ ...GET, signal: AbortSignal.abort(reason) }))).toBe(
      reason,
    );

    const waiting = new AbortController();
    const silent = await serving(() => waiting.abort(reason));
    expect(await failure(transportFor(silent)({ ...GET, signal: waiting.signal }))).toBe(reason);

    const reading = new AbortController();
    const endless = await serving((_request, response) => response.write("first"));
    const { body } = await transportFor(endless)({ ...GET, signal: reading.signal });
    const all = failure(
      (async () => {
        for await (const _chunk of body) reading.abort(reason);
      })(),
    );
    expect(await all).toBe(reason);
  });

  test("says that the connection was lost in the middle of an answer", async () => {
    const base = await serving((request, response) => {
      response.writeHead(200, { "content-length": 100 });
      response.write("some", () => request.socket.destroy());
    });
    expect(await failure(bodyOf(transportFor(base), GET))).toMatchObject({ code: "connection_lost" });
  });
});

describe("nodeTransport says why there is no answer", () => {
  test("an unknown host", async () => {
    const error = await failure(transportTo("http://host.invalid:8080")(GET));
    expect(error).toBeInstanceOf(ClientError);
    expect(error).toMatchObject({ code: "unknown_host", isUnreachable: true });
    expect(String(error)).toContain("http://host.invalid:8080");
  });

  test("a connection that is cut before the answer", async () => {
    const base = await serving((request) => request.socket.destroy());
    expect(await failure(transportTo(base)(GET))).toMatchObject({ code: "connection_lost" });
  });

  test("a server that is not HTTP", async () => {
    const address = await listening(createTcpServer((socket) => socket.end("220 smtp.example ESMTP\r\n")));
    expect(await failure(transportTo(`http://${address}`)(GET))).toMatchObject({ code: "not_birdman" });
  });

  test("a server that does not answer in time", async () => {
    const base = await serving(() => undefined);
    const error = await failure(transportTo(base, { responseTimeoutMs: 50 })(GET));
    expect(error).toMatchObject({ code: "timeout" });
    expect(String(error)).toContain("no answer within 0.05 s");
  });

  test("a certificate that nothing vouches for, or that is another host's", async () => {
    const address = await listening(createHttpsServer(certificate, (_request, response) => response.end("hello")));
    expect(await failure(transportTo(`https://${address}`)(GET))).toMatchObject({ code: "tls" });
    const port = address.split(":")[1] ?? "";
    const other = await failure(transportTo(`https://localhost:${port}`, { ca: certificate.cert })(GET));
    expect(other).toMatchObject({ code: "tls" });
    expect(await bodyOf(transportTo(`https://${address}`, { ca: certificate.cert }), GET)).toBe("hello");
  });

  test("TLS asked of a server without it, and the other way round", async () => {
    const plain = await serving((_request, response) => response.end());
    expect(await failure(transportTo(plain.replace("http:", "https:"))(GET))).toMatchObject({ code: "tls" });
    const address = await listening(createHttpsServer(certificate, (_request, response) => response.end()));
    const error = await failure(transportTo(`http://${address}`)(GET));
    expect(error).toBeInstanceOf(ClientError);
    expect(error).toMatchObject({ isUnreachable: true });
  });
});
