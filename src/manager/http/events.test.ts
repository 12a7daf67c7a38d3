/** The history over real connections, read with the client as its users do. */
import { once } from "node:events";
import { connect, type AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { ManagerApi } from "../../../test/support/manager-api.ts";
import type { EventJson } from "../../api/event-json.ts";
import { Birdman } from "../../client/client.ts";
import { nodeTransport } from "../../client/node-transport.ts";

const IMAGE = { image: "echo" };

async function listening(manager: ManagerApi): Promise<{ client: Birdman; port: number }> {
  await manager.app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = manager.app.server.address() as AddressInfo;
  return {
    port,
    client: new Birdman({ transport: nodeTransport({ base: new URL(`http://127.0.0.1:${String(port)}`) }) }),
  };
}

/** Without a connection that could be cut. */
async function submit({ app }: ManagerApi): Promise<void> {
  const headers = { "content-type": "application/json" };
  expect(
    (await app.inject({ method: "POST", url: "/tasks", headers, payload: JSON.stringify(IMAGE) })).statusCode,
  ).toBe(201);
}

async function take(stream: AsyncGenerator<EventJson>, count: number): Promise<EventJson[]> {
  const found: EventJson[] = [];
  while (found.length < count) {
    const { value, done } = await stream.next();
    if (done === true) break;
    found.push(value);
  }
  return found;
}

test("a list is the history, oldest first, and its filters hold together", async () => {
  await using manager = await ManagerApi.open();
  const { client } = await listening(manager);
  const worker = await manager.join("worker1");
  const a = await client.submit({ ...IMAGE, name: "a" });
  const b = await client.submit({ ...IMAGE, name: "b" });
  await worker.report(b.id, { state: 2, reason: "running" });
  const all = await client.eventList();
  expect(all.map(({ seq }) => seq)).toEqual(all.map((_, index) => index + 1));
  expect(all[0]).toMatchObject({ kind: "manager", task: null, reason: "started, epoch 1" });
  expect((await client.eventList({ task: a.id })).map(({ to }) => to)).toEqual(["pending", "scheduled"]);
  expect(await client.eventList({ task: b.id })).toEqual(await client.taskEvents(b.id));
  expect((await client.eventList({ node: "worker1", kind: "task" })).map(({ to }) => to)).toEqual([
    ...["scheduled", "scheduled", "running"],
  ]);
  expect(await client.eventList({ limit: 2 })).toEqual(all.slice(-2));
  expect(await client.eventList({ after: 1, limit: 2 })).toEqual(all.slice(1, 3));
  expect(await client.eventList({ since: "2100-01-01T00:00:00Z" })).toEqual([]);
});

test("a list that goes on says where", async () => {
  await using manager = await ManagerApi.open();
  await manager.join("worker1");
  const first = await manager.app.inject("/events?follow=false&after=0&limit=1");
  expect(first.headers.link).toBe('</events?follow=false&after=1&limit=1>; rel="next"');
  const second = await manager.app.inject("/events?follow=false&after=1&limit=1");
  expect([first, second].map((each) => each.json<EventJson[]>().map(({ seq }) => seq))).toEqual([[1], [2]]);
});

test.each([
  ["/events?follow=false&task=echo", 400, "invalid_query"],
  ["/events?follow=false&kind=tasks", 400, "invalid_query"],
  ["/events?limit=1001", 400, "invalid_query"],
  ["/events?since=yesterday", 400, "invalid_query"],
])("%s is refused", async (url, status, code) => {
  await using manager = await ManagerApi.open();
  const answer = await manager.app.inject(url);
  expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([status, code]);
});

test("a Last-Event-ID that is none is refused", async () => {
  await using manager = await ManagerApi.open();
  const answer = await manager.app.inject({ url: "/events", headers: { "last-event-id": "x" } });
  expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([400, "invalid_header"]);
});

test("a stream begins with what there is, and tells what happens as server-sent events", async () => {
  await using manager = await ManagerApi.open();
  const { port, client } = await listening(manager);
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.write("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  let text = "";
  socket.on("data", (chunk: Buffer) => (text += chunk.toString()));
  await expect.poll(() => text).toContain("started, epoch 1");
  expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*content-type: text\/event-stream\r\n/);
  const { id } = await client.submit({ ...IMAGE, name: "new" });
  await expect.poll(() => text).toContain(id);
  const [, seq, data] = /\nid: (\d+)\ndata: (\{.*"pending".*\})\n\n/.exec(text) ?? [];
  expect(JSON.parse(data ?? "")).toMatchObject({ seq: Number(seq), kind: "task", task: id, from: null, to: "pending" });
  socket.destroy();
});

test("a stream outlives its connections: it goes on without a gap or a repeat", async () => {
  await using manager = await ManagerApi.open();
  const { client } = await listening(manager);
  const lost: boolean[] = [];
  const stream = client.events({ after: 0 }, { onConnection: (error) => lost.push(error !== undefined) });
  const [started] = await take(stream, 1);
  expect(started).toMatchObject({ seq: 1 });
  const seen = [1];
  for (let round = 0; round < 3; round += 1) {
    const next = take(stream, 2);
    await submit(manager);
    manager.app.server.closeAllConnections();
    await submit(manager);
    seen.push(...(await next).map(({ seq }) => seq));
  }
  expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(lost.slice(0, 2)).toEqual([true, false]);
  await stream.return(undefined);
});

test("a stream from beyond the history is reset, and goes on with what happens", async () => {
  await using manager = await ManagerApi.open();
  const { client } = await listening(manager);
  let resets = 0;
  const stream = client.events({ after: 1000 }, { onReset: () => (resets += 1) });
  const next = take(stream, 1);
  await expect.poll(() => resets).toBe(1);
  const { id } = await client.submit(IMAGE);
  expect(await next).toMatchObject([{ task: id }]);
  await stream.return(undefined);
});

test("a server that closes ends its streams", async () => {
  const manager = await ManagerApi.open();
  const { client } = await listening(manager);
  const abort = new AbortController();
  const stream = client.events({}, { signal: abort.signal, onConnection: () => abort.abort() });
  await take(stream, 1);
  const rest = take(stream, 1);
  await manager[Symbol.asyncDispose]();
  await expect(rest).rejects.toThrow("aborted");
});
