import { Readable } from "node:stream";
import { afterEach, expect, test, vi } from "vitest";
import { ManagerApi } from "../../../test/support/manager-api.ts";
import type { LogOptions } from "../../protocol/messages.ts";

const ID = "21b23589-5d2d-4731-b5c9-a97e9832d021";

interface Asked {
  options: LogOptions;
  signal: AbortSignal;
}

const managers: ManagerApi[] = [];

afterEach(async () => {
  await Promise.all(managers.splice(0).map(async (manager) => manager[Symbol.asyncDispose]()));
});

/** A manager whose tasks have this output, and what it was asked. */
async function open(output: AsyncIterable<Uint8Array>): Promise<{ app: ManagerApi["app"]; asked: Asked[] }> {
  const asked: Asked[] = [];
  const manager = await ManagerApi.open({
    change: {
      logs: async (_id, options, signal) => {
        asked.push({ options, signal });
        return { kind: "stream", output: Readable.from(output, { objectMode: false }) };
      },
    },
  });
  managers.push(manager);
  return { app: manager.app, asked };
}

async function* chunks(...texts: string[]) {
  for (const text of texts) yield new TextEncoder().encode(text);
}

test("output is plain text, in the order in which it comes", async () => {
  const { app, asked } = await open(chunks("one\n", "two\n"));
  const response = await app.inject({ url: `/tasks/${ID}/logs?tail=2&stderr=true` });
  expect(response.headers["content-type"]).toBe("text/plain; charset=utf-8");
  expect(response.payload).toBe("one\ntwo\n");
  expect(asked[0]?.options).toEqual({ follow: false, timestamps: false, tail: 2, stdout: false, stderr: true });
});

test("no output is empty text", async () => {
  const { app } = await open(chunks());
  const response = await app.inject({ url: `/tasks/${ID}/logs` });
  expect([response.statusCode, response.payload]).toEqual([200, ""]);
});

test("what has no output says why, what is unknown is 404, what is asked wrongly 400", async () => {
  const manager = await ManagerApi.open();
  managers.push(manager);
  const { app } = manager;
  await app.inject({ method: "POST", url: "/tasks", payload: { id: ID, image: "x" } });
  const none = await app.inject({ url: `/tasks/${ID}/logs` });
  expect([none.statusCode, none.json<{ code: string }>().code]).toEqual([409, "no_output"]);
  expect((await app.inject({ url: "/tasks/6be4cb6b-61d1-40cb-bc7b-9cacefefa60c/logs" })).statusCode).toBe(404);
  expect((await app.inject({ url: `/tasks/${ID}/logs?tail=x` })).statusCode).toBe(400);
  expect((await app.inject({ method: "HEAD", url: `/tasks/${ID}/logs` })).statusCode).toBe(405);
});

test("who follows a silent task gets its head at once; closing ends the stream at its source", async () => {
  let closed = false;
  const { promise: never } = Promise.withResolvers<undefined>();
  const { app, asked } = await open({
    [Symbol.asyncIterator]: () => ({
      next: async () => ({ done: true, value: await never }),
      return: async () => {
        closed = true;
        return { done: true, value: undefined };
      },
    }),
  });
  const address = await app.listen({ host: "127.0.0.1", port: 0 });
  const client = new AbortController();
  const response = await fetch(`${address}/tasks/${ID}/logs?follow`, { signal: client.signal });
  expect(response.status).toBe(200);
  expect(asked[0]?.signal.aborted).toBe(false);
  client.abort();
  await vi.waitFor(() => expect(asked[0]?.signal.aborted).toBe(true));
  await vi.waitFor(() => expect(closed).toBe(true));
});

test("a slow reader holds the source back, and a closing server lets go of it", async () => {
  let pulled = 0;
  const piece = new Uint8Array(64 * 1024);
  const endless = async function* () {
    for (;;) {
      pulled += 1;
      yield piece;
    }
  };
  const { app, asked } = await open(endless());
  const address = await app.listen({ host: "127.0.0.1", port: 0 });
  const response = await fetch(`${address}/tasks/${ID}/logs?follow`);
  const reader = response.body?.getReader();
  await reader?.read();
  let before = -1;
  await vi.waitFor(
    () => {
      const settled = pulled === before;
      before = pulled;
      expect(settled).toBe(true);
    },
    { interval: 100, timeout: 5000 },
  );
  expect(pulled).toBeLessThan(1000);
  await app.close();
  expect(asked[0]?.signal.aborted).toBe(true);
});

test("a source that breaks cuts the stream off, so that it is not taken for its end", async () => {
  const breaking = async function* () {
    yield new TextEncoder().encode("one\n");
    throw new Error("the node is gone");
  };
  const { app } = await open(breaking());
  const address = await app.listen({ host: "127.0.0.1", port: 0 });
  const response = await fetch(`${address}/tasks/${ID}/logs?follow`);
  await expect(response.text()).rejects.toThrow("terminated");
});
