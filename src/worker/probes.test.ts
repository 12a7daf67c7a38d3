import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import type { Probe } from "../task/spec.ts";
import { runProbe, type ProbeResult } from "./probes.ts";
import { createHollowRuntime } from "./runtimes/hollow/hollow-runtime.ts";
import { requestOf, start } from "../../test/support/instances.ts";

const servers: Server[] = [];
const sockets = new Set<Socket>();

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) {
    server.close();
    await once(server, "close");
  }
});

/** The port that the server listens on; it is closed after the test. */
async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function probe(look: Probe, host: number | undefined, timeoutMs = 5000): Promise<ProbeResult> {
  const ports = host === undefined ? [] : [{ container: 7777, host, protocol: "tcp", address: "127.0.0.1" } as const];
  const { ref } = requestOf({ runtime: "hollow" });
  const runtime = createHollowRuntime({ workerId: randomUUID() });
  return runProbe({ probe: look, runtime, ref, ports, timeoutMs });
}

const http = (path: string): Probe => ({ kind: "http", port: 7777, path });
const TCP: Probe = { kind: "tcp", port: 7777 };

const answer: RequestListener = ({ url = "" }, response) => {
  const status = Number(/\d+/.exec(url)?.[0] ?? 200);
  response.writeHead(status, { location: "/500" }).end("body");
};

test.each([
  ["/health", true, "HTTP 200 from /health"],
  ["/204", true, "HTTP 204 from /204"],
  ["/302", true, "HTTP 302 from /302"],
  ["/404", false, "HTTP 404 from /404"],
  ["/500?a=b", false, "HTTP 500 from /500?a=b"],
])("http %s is healthy: %s", async (path, ok, detail) => {
  expect(await probe(http(path), await listen(createServer(answer)))).toEqual({ ok, detail });
});

test("the status is the answer, however long the body is or whether it ends", async () => {
  let written = 0;
  const endless: RequestListener = (_request, response) => {
    const write = (): void => {
      written += 65_536;
      if (response.write(Buffer.alloc(65_536)) && !response.destroyed) setImmediate(write);
    };
    response.on("drain", write).on("error", () => response.destroy());
    write();
  };
  const stuck: RequestListener = (_request, response) => void response.writeHead(503).write("wait");
  expect(await probe(http("/"), await listen(createServer(endless)))).toEqual({ ok: true, detail: "HTTP 200 from /" });
  expect(written).toBeLessThan(50_000_000);
  const result = await probe(http("/"), await listen(createServer(stuck)), 100);
  expect(result).toEqual({ ok: false, detail: "HTTP 503 from /" });
});

test("no answer in time is unhealthy, and its connection is closed", async () => {
  const port = await listen(createTcpServer((socket) => void socket.resume()));
  expect(await probe(http("/slow"), port, 100)).toEqual({ ok: false, detail: "no answer from /slow within 100ms" });
  await vi.waitFor(() => expect(sockets.size).toBe(0));
});

test("what is no HTTP is unhealthy", async () => {
  const nonsense = createTcpServer((socket) => void socket.end("220 mail.example\r\n\r\n"));
  const hangUp = createTcpServer((socket) => socket.destroy());
  expect(await probe(http("/"), await listen(nonsense))).toMatchObject({
    ok: false,
    detail: expect.stringContaining("Parse"),
  });
  const port = await listen(hangUp);
  expect(await probe(http("/"), port)).toEqual({
    ok: false,
    detail: `127.0.0.1:${String(port)} closed the connection without an answer`,
  });
});

test("tcp is healthy where somebody listens", async () => {
  const server = createTcpServer();
  const port = await listen(server);
  expect(await probe(TCP, port)).toEqual({ ok: true, detail: `connected to 127.0.0.1:${String(port)}` });
  server.close();
  const refused = { ok: false, detail: `nothing listens on 127.0.0.1:${String(port)}` };
  expect(await probe(TCP, port)).toEqual(refused);
  expect(await probe(http("/"), port)).toEqual(refused);
});

test("a port that is reached nowhere is said by its number", async () => {
  expect(await probe(TCP, undefined)).toEqual({
    ok: false,
    detail: "port 7777 is not published, and the instance has no address of its own",
  });
});

test.each([
  ["0", true, "exit code 0 of check"],
  ["3", false, "exit code 3 of check"],
  ["124", false, "check did not end within 5s"],
])("a command that ends with %s is healthy: %s", async (exitCode, ok, detail) => {
  const runtime = createHollowRuntime({ workerId: randomUUID() });
  const request = requestOf({ runtime: "hollow", labels: { "hollow.exec": exitCode } });
  await start(runtime, request);
  const look = { probe: { kind: "command", command: ["check", "--all"] }, ports: [], timeoutMs: 5000 } as const;
  expect(await runProbe({ ...look, runtime, ref: request.ref })).toEqual({ ok, detail });
  await runtime.remove(request.ref);
  expect(await runProbe({ ...look, runtime, ref: request.ref })).toMatchObject({
    ok: false,
    detail: expect.stringContaining("does not run"),
  });
});

test("hundreds at once leave nothing open", async () => {
  const port = await listen(createServer(answer));
  const results = await Promise.all(Array.from({ length: 300 }, async () => probe(http("/health"), port)));
  expect(results.every(({ ok }) => ok)).toBe(true);
  await vi.waitFor(() => expect(sockets.size).toBe(0));
});
