import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { setImmediate } from "node:timers/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import type { LogOptions } from "../protocol/messages.ts";
import { requestOf } from "../../test/support/instances.ts";
import { freePort } from "../../test/support/sockets.ts";
import { createHollowRuntime } from "./runtimes/hollow/hollow-runtime.ts";
import type { LogChunk } from "./runtimes/runtime.ts";
import { sendStream } from "./streams.ts";

const ALL: LogOptions = { follow: true, timestamps: false, stdout: true, stderr: true };

type Logs = (signal: AbortSignal) => AsyncGenerator<LogChunk>;

/** The worker sends what these logs give to whoever listens on the port. */
function send(logs: Logs, port: number): { warnings: string[]; ended: Promise<void> } {
  const { ref } = requestOf({ runtime: "hollow" });
  const runtime = Object.assign(createHollowRuntime({ workerId: randomUUID() }), {
    logs: (_ref: unknown, _options: unknown, signal: AbortSignal) => logs(signal),
  });
  const warnings: string[] = [];
  const log = { info: () => undefined, warn: (_fields: object, message: string) => void warnings.push(message) };
  const parts = {
    manager: { url: `http://127.0.0.1:${String(port)}` },
    runtimes: new Map([["hollow", runtime] as const]),
    log,
  };
  const what = { kind: "logs", options: ALL } as const;
  return { warnings, ended: sendStream(parts, { kind: "stream", stream: "s1", run: ref, runtime: "hollow", what }) };
}

/** The manager's end of a stream of these logs. */
async function open(logs: Logs): Promise<{ socket: WebSocket; warnings: string[]; ended: Promise<void> }> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  onTestFinished(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  await once(server, "listening");
  const dialled = once(server, "connection") as Promise<[WebSocket]>;
  const sent = send(logs, (server.address() as AddressInfo).port);
  const [socket] = await dialled;
  return { socket, ...sent };
}

async function* printing(...texts: string[]): AsyncGenerator<LogChunk> {
  for (const text of texts) yield { stream: "stdout", data: Buffer.from(text) };
}

/** All that is received, and the code with which it ends. */
async function received(socket: WebSocket): Promise<{ text: string; code: number }> {
  const pieces: Buffer[] = [];
  socket.on("message", (data: Buffer) => pieces.push(data));
  const [code] = (await once(socket, "close")) as [number];
  return { text: Buffer.concat(pieces).toString(), code };
}

test("output is sent to its end, which is told", async () => {
  const long = "x".repeat(300_000);
  const { socket, ended, warnings } = await open(() => printing("one\n", long, "two\n"));
  expect(await received(socket)).toEqual({ text: `one\n${long}two\n`, code: 1000 });
  await ended;
  expect(warnings).toEqual([]);
});

test("output that breaks off is not closed as if that were its end", async () => {
  const { socket, ended, warnings } = await open(async function* () {
    yield* printing("one\n");
    throw new Error("the engine is gone");
  });
  expect((await received(socket)).code).toBe(1006);
  await ended;
  expect(warnings).toEqual(["a stream was cut off: Error: the engine is gone"]);
});

test("a reader who stops stops the reading, and goes on where it was", async () => {
  const most = 1000;
  let read = 0;
  const { socket } = await open(async function* () {
    for (; read < most; read += 1) yield { stream: "stdout", data: Buffer.alloc(65_536, "x") };
  });
  socket.pause();
  let before = -1;
  await vi.waitFor(
    () => {
      const isSettled = read === before;
      before = read;
      expect(isSettled).toBe(true);
    },
    { interval: 100, timeout: 5000 },
  );
  expect(read).toBeLessThan(most / 2);
  socket.resume();
  expect((await received(socket)).text.length).toBe(most * 65_536);
});

test("a reader who goes ends the reading", async () => {
  let isOver = false;
  const { socket, ended, warnings } = await open(async function* (signal) {
    try {
      while (!signal.aborted) {
        yield* printing("more\n");
        await setImmediate();
      }
    } finally {
      isOver = true;
    }
  });
  await once(socket, "message");
  socket.terminate();
  await ended;
  expect([isOver, warnings]).toEqual([true, []]);
});

test("a manager that is not there is nothing to end for", async () => {
  const { ended } = send(() => printing("one\n"), await freePort());
  await expect(ended).resolves.toBeUndefined();
});
