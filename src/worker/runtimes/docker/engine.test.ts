/** The connection to the engine, tried on servers that misbehave as real ones do. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EngineError, toEngineError } from "./engine-error.ts";
import { Engine } from "./engine.ts";

let directory = "";
let closers: (() => void)[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "birdman-engine-"));
  closers = [];
});

afterEach(async () => {
  for (const close of closers) close();
  await rm(directory, { recursive: true });
});

async function listen(server: Server): Promise<Engine> {
  const path = join(directory, "engine.sock");
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const engine = new Engine(`unix://${path}`);
  closers.push(() => {
    engine.close();
    server.close();
  });
  return engine;
}

function serve(onRequest: RequestListener): Promise<Engine> {
  const server = createHttpServer(onRequest);
  closers.push(() => server.closeAllConnections());
  return listen(server);
}

function ping(engine: Engine, timeoutMs = 5000): Promise<unknown> {
  return engine.call({ what: "a ping", timeoutMs }, (abortSignal) => engine.docker.listContainers({ abortSignal }));
}

async function failure(attempt: Promise<unknown>): Promise<EngineError> {
  const error: unknown = await attempt.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (!(error instanceof EngineError)) throw new Error(`no EngineError but ${String(error)}`);
  return error;
}

describe("an engine that is not there", () => {
  test("says which socket was tried, and what to do", async () => {
    const engine = new Engine(`unix://${directory}/none.sock`);
    const { reason, message } = await failure(ping(engine));
    expect(reason).toBe("unreachable");
    expect(message).toContain(`unix://${directory}/none.sock`);
    expect(message).toMatch(
      /not installed or not running.*apt-get install docker\.io.*systemctl start docker.*DOCKER_HOST/,
    );
  });

  test("but was: its socket is left and nothing listens", async () => {
    await writeFile(join(directory, "dead.sock"), "");
    const { reason, message } = await failure(ping(new Engine(join(directory, "dead.sock"))));
    expect(reason).toBe("unreachable");
    expect(message).toMatch(/is not running: nothing listens there\. Start it/);
  });

  test("for us: the system forbids it", () => {
    const cause = Object.assign(new Error("connect EACCES /var/run/docker.sock"), { code: "EACCES" });
    const call = { what: "a ping", address: "unix:///var/run/docker.sock", timedOutAfterMs: undefined };
    const { reason, message } = toEngineError(cause, call);
    expect(reason).toBe("unreachable");
    expect(message).toBe(
      "no permission to use the container engine at unix:///var/run/docker.sock: run as root, join its group (usermod -aG " +
        "docker USER, then log in again), or name another engine with DOCKER_HOST",
    );
  });

  test("on another machine", async () => {
    const engine = new Engine("tcp://127.0.0.1:1");
    expect(engine.isLocal).toBe(false);
    expect(await failure(ping(engine))).toMatchObject({
      reason: "unreachable",
      message: expect.stringContaining("tcp://127.0.0.1:1"),
    });
  });

  test.each(["nonsense", "unix://relative", "ftp://host"])("at %s, which is no address", (address) => {
    expect(() => new Engine(address)).toThrow(/is no engine's address: use unix:\/\/\/path/);
  });
});

describe("an engine that answers", () => {
  test("with an error gives its status and its own words alone", async () => {
    const engine = await serve((_, response) => {
      response.writeHead(500, { "content-type": "application/json" }).end('{"message":"the disk is on fire"}\n');
    });
    expect(await failure(ping(engine))).toMatchObject({
      reason: "answered",
      status: 500,
      message: "the disk is on fire",
    });
  });

  test("is asked on one connection", async () => {
    let connections = 0;
    const server = createHttpServer((_, response) => response.writeHead(200).end("[]"));
    server.on("connection", () => (connections += 1));
    const engine = await listen(server);
    for (let index = 0; index < 5; index += 1) await ping(engine);
    expect(connections).toBe(1);
  });
});

describe("an engine in trouble", () => {
  test("that never answers is given up in time", async () => {
    const engine = await serve(() => undefined);
    const { reason, message } = await failure(ping(engine, 100));
    expect(reason).toBe("timeout");
    expect(message).toMatch(/did not answer within .* s \(a ping\)/);
  });

  test("that stops in the middle of an answer is given up in time", async () => {
    const engine = await serve((_, response) => void response.writeHead(200, { "content-length": "100" }).write("["));
    expect(await failure(ping(engine, 100))).toMatchObject({ reason: "timeout" });
  });

  test("that dies in the middle of an answer is given up in time", async () => {
    const engine = await serve((request, response) => {
      response.writeHead(200, { "content-length": "100" }).write("[");
      setImmediate(() => request.socket.destroy());
    });
    expect(await failure(ping(engine, 100))).toMatchObject({ reason: "timeout" });
  });

  test("that breaks a connection is asked once more", async () => {
    let requests = 0;
    const engine = await serve((request, response) => {
      requests += 1;
      if (requests === 1) request.socket.destroy();
      else response.writeHead(200).end("[]");
    });
    expect(await ping(engine)).toEqual([]);
    expect(requests).toBe(2);
  });

  test("that breaks every connection is asked no more than twice", async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.once("data", () => socket.destroy());
    });
    const engine = await listen(server);
    expect(await failure(ping(engine))).toMatchObject({ reason: "cut" });
    expect(connections).toBe(2);
  });
});
