/** What only a real socket shows: requests that are no HTTP, that never end, that are too large; TLS; upgrades. */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request as httpsRequest } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { createToken, TokenSet } from "../../src/api/access.ts";
import { PROBLEMS } from "../../src/api/problems.ts";
import { buildManagerServer } from "../../src/manager/http/server.ts";
import { ManagerApi } from "../support/manager-api.ts";

let manager: ManagerApi;
let port = 0;

beforeEach(async () => {
  manager = await ManagerApi.open();
  await manager.app.listen({ host: "127.0.0.1", port: 0 });
  port = (manager.app.server.address() as AddressInfo).port;
});

afterEach(async () => {
  await manager[Symbol.asyncDispose]();
});

/** Sends bytes as they are, and resolves to all that comes back until the server hangs up. */
async function exchange(...pieces: (string | Uint8Array)[]): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  // The server may hang up while this end is still writing: what matters is what it said before.
  socket.on("error", () => undefined);
  const answer = text(socket);
  for (const piece of pieces) socket.write(piece);
  return answer;
}

/** One answer of a connection that may stay open; closes it. */
async function firstAnswer(socket: Socket): Promise<string> {
  let answer = "";
  for await (const piece of socket.setEncoding("utf8")) {
    answer += String(piece);
    if (answer.endsWith("}")) break;
  }
  return answer;
}

/** The code of the problem that a raw answer is, with the status that belongs to it. */
function problemOf(answer: string): string {
  const [head = "", body = ""] = answer.split("\r\n\r\n", 2);
  expect(head).toMatch(/content-type: application\/problem\+json/i);
  const { code } = JSON.parse(body) as { code: keyof typeof PROBLEMS };
  expect(head.split(" ")[1]).toBe(String(PROBLEMS[code].status));
  return code;
}

async function stillServes(): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${String(port)}/tasks`);
  expect(response.status).toBe(200);
}

const HOST = "Host: localhost\r\n";

test.each([
  ["bytes that are no HTTP", "\u0001\u0002nonsense\r\n\r\n", "malformed_request"],
  [
    "TLS on a plain port",
    Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03]),
    "malformed_request",
  ],
  ["a request without a host", "GET /tasks HTTP/1.0\r\n\r\n", "host_unknown"],
  ["headers without end", `GET /tasks HTTP/1.1\r\n${HOST}X: ${"x".repeat(20_000)}\r\n\r\n`, "headers_too_large"],
  [
    "two lengths",
    `POST /tasks HTTP/1.1\r\n${HOST}Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}`,
    "malformed_request",
  ],
  [
    "a length and chunks",
    `POST /tasks HTTP/1.1\r\n${HOST}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    "malformed_request",
  ],
] as const)("%s are answered with a problem", async (_what, bytes, code) => {
  expect(problemOf(await exchange(bytes))).toBe(code);
  await stillServes();
});

test("a body of 100 MB is refused by its length, before it is sent", async () => {
  const head = `POST /tasks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${String(100 * 2 ** 20)}\r\n\r\n`;
  const socket = connect(port, "127.0.0.1");
  socket.write(head);
  expect(problemOf(await firstAnswer(socket))).toBe("body_too_large");
});

test.each([
  ["a length", `Content-Length: ${String(300 * 2 ** 20)}`, 200],
  ["chunks", "Transfer-Encoding: chunked", 250],
])(
  "a body of 300 MB sent with %s is never whole in memory, and who sends all of it reads why",
  async (kind, header, most) => {
    const megabyte = Buffer.alloc(2 ** 20, " ");
    const piece =
      kind === "chunks" ? Buffer.concat([Buffer.from("100000\r\n"), megabyte, Buffer.from("\r\n")]) : megabyte;
    const socket = connect(port, "127.0.0.1");
    const before = process.memoryUsage().rss;
    let peak = before;
    socket.write(`POST /tasks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${header}\r\n\r\n`);
    for (let sent = 0; sent < 300; sent++) {
      if (!socket.write(piece)) await once(socket, "drain");
      peak = Math.max(peak, process.memoryUsage().rss);
    }
    expect(problemOf(await firstAnswer(socket))).toBe("body_too_large");
    expect((peak - before) / 2 ** 20).toBeLessThan(most);
    await stillServes();
  },
);

test("a list of 100,000 tasks is accepted, and others are answered meanwhile", async () => {
  const base = `http://127.0.0.1:${String(port)}`;
  const tasks = Array.from({ length: 100_000 }, (_, index) => ({
    name: `t${String(index)}`,
    image: "x",
    env: { A: "1" },
  }));
  const headers = { "content-type": "application/json", prefer: "return=minimal" };
  const done = new AbortController();
  const body = JSON.stringify(tasks);
  const posted = fetch(`${base}/tasks`, { method: "POST", headers, body }).finally(() => done.abort());
  let asked = 0;
  while (!done.signal.aborted) {
    expect((await fetch(`${base}/healthz`)).status).toBe(200);
    asked += 1;
  }
  const response = await posted;
  expect(response.status).toBe(201);
  expect(((await response.json()) as string[]).length).toBe(100_000);
  expect(asked).toBeGreaterThan(5);
});

describe("a slow client", () => {
  test("is cut off when its headers do not come", async () => {
    const socket = connect(port, "127.0.0.1");
    const answer = text(socket);
    socket.write("GET /tasks HTTP/1.1\r\nHost: local");
    expect(problemOf(await answer)).toBe("request_timeout");
    await stillServes();
  });

  test("does not hold the others up", async () => {
    const sockets: Socket[] = Array.from({ length: 200 }, () => connect(port, "127.0.0.1"));
    for (const socket of sockets)
      socket.write(
        "POST /tasks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{",
      );
    expect((await fetch(`http://127.0.0.1:${String(port)}/healthz`)).status).toBe(200);
    for (const socket of sockets) socket.destroy();
  });
});

test("a server that closes does not wait for a request that never ends", async () => {
  const socket = connect(port, "127.0.0.1");
  socket.write(
    "POST /tasks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{",
  );
  await stillServes();
  const cut = once(socket, "close");
  await manager.app.close();
  await cut;
  expect(manager.app.server.listening).toBe(false);
}, 8_000);

describe("an upgrade", () => {
  const opening = (path: string, more = "") =>
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${more}\r\n`;

  test("to an address that has none is answered as plain HTTP, and the connection ends", async () => {
    expect(await exchange(opening("/tasks"))).toMatch(/^HTTP\/1.1 200 OK[^]*\r\n\r\n\[\]$/);
    expect(problemOf(await exchange(opening("/nothing")))).toBe("not_found");
  });

  test("from a web page is refused", async () => {
    expect(problemOf(await exchange(opening("/node/session", "Origin: http://evil.example\r\n")))).toBe(
      "origin_unknown",
    );
  });

  test("to another protocol, as curl offers it, is not taken up", async () => {
    const answer = await exchange(
      "GET /tasks HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n",
    );
    expect(answer).toMatch(/^HTTP\/1.1 200 OK/);
  });

  test("with malformed keys is refused and harms nobody", async () => {
    const answer = await exchange(
      "GET /node/session HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n",
    );
    expect(answer).toMatch(/^HTTP\/1.1 4\d\d/);
    await stillServes();
  });

  test("a message that is no frame of the protocol is refused with a reason", async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${String(port)}/node/session`);
    const messages: string[] = [];
    socket.on("message", (data: Buffer) => messages.push(data.toString()));
    socket.on("open", () => socket.send("{"));
    await new Promise((resolve) => socket.once("close", resolve));
    expect(messages.join("")).toContain("malformed");
    await stillServes();
  });
});

describe("with TLS and tokens", () => {
  let folder = "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "birdman-tls-"));
    const names = "subjectAltName=DNS:manager1.example,IP:127.0.0.1";
    const files = ["-keyout", join(folder, "key.pem"), "-out", join(folder, "cert.pem")];
    const kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
    execFileSync("openssl", ["req", ...kind, "-subj", "/CN=manager1", "-addext", names, ...files], { stdio: "ignore" });
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  test("it serves who knows the certificate's names and has a token, workers too", async () => {
    const [reader, worker] = [createToken(["read"], 0), createToken(["node"], 0)];
    const cert = readFileSync(join(folder, "cert.pem"), "utf8");
    const app = buildManagerServer({
      service: manager.host,
      sockets: {
        session: manager.host.openSession.bind(manager.host),
        stream: manager.host.openStream.bind(manager.host),
      },
      access: { listenHost: "127.0.0.1", tokens: TokenSet.parse(`${reader.line}\n${worker.line}`) },
      tls: { cert, key: readFileSync(join(folder, "key.pem"), "utf8") },
    });
    await app.listen({ host: "127.0.0.1", port: 0 });
    try {
      const tlsPort = (app.server.address() as AddressInfo).port;
      const get = (host: string, authorization: string) =>
        new Promise<number | undefined>((resolve, reject) => {
          const options = {
            host: "127.0.0.1",
            port: tlsPort,
            path: "/tasks",
            servername: "manager1.example",
            ca: cert,
            headers: { host, authorization },
          };
          httpsRequest(options, (response) => {
            response.resume();
            resolve(response.statusCode);
          })
            .on("error", reject)
            .end();
        });
      expect(await get("manager1.example", `Bearer ${reader.token}`)).toBe(200);
      expect(await get("manager2.example", `Bearer ${reader.token}`)).toBe(421);
      expect(await get("manager1.example", "")).toBe(401);
      const dial = (token: string) =>
        new Promise((resolve) => {
          const headers = { authorization: `Bearer ${token}` };
          const socket = new WebSocket(`wss://127.0.0.1:${String(tlsPort)}/node/session`, { ca: cert, headers });
          socket.on("open", () => resolve("open"));
          socket.on("error", (error) => resolve(error.message));
          socket.on("open", () => socket.terminate());
        });
      expect(await dial(worker.token)).toBe("open");
      expect(await dial(reader.token)).toContain("403");
    } finally {
      await app.close();
    }
  });
});
