/** A list of 100,000 tasks at a real manager: all or none of it, and nobody else has to wait for it. */
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { PROTOCOL_VERSION, type ManagerMessage } from "../../src/protocol/messages.ts";
import { TestCluster, until } from "../support/birdman-process.ts";

const TASKS = 100_000;
/** Much more than it takes on a machine that has nothing else to do; a list that held everything up would take longer. */
const PATIENCE_MS = 2500;
/** Often, so that some fall into the second that the list may take. */
const HEARTBEAT_MS = 50;
const ROUNDS = 5;
/** About as long as such a list takes until all of it has entered the queue. */
const LONGEST_MS = 1500;

let cluster: TestCluster | undefined;

afterEach(async () => {
  await cluster?.close();
  cluster = undefined;
});

function listOf(count: number): string {
  return JSON.stringify(
    Array.from({ length: count }, (_, index) => ({ name: `task-${String(index)}`, image: "echo" })),
  );
}

function submit({ url }: TestCluster, body: string, headers: Record<string, string> = {}): Promise<Response> {
  const all = { "content-type": "application/json", prefer: "return=minimal", ...headers };
  return fetch(`${url}/tasks`, { method: "POST", headers: all, body });
}

async function pending(of: TestCluster): Promise<number> {
  const { tasks } = (await of.json("/stats")) as { tasks: { pending: number } };
  return tasks.pending;
}

test(
  "one entry that is malformed refuses all of the list, by its place, and leaves nothing",
  { timeout: 60_000 },
  async () => {
    cluster = await TestCluster.start();
    const last = { path: `/${String(TASKS - 1)}/image`, message: expect.any(String) as string };
    const body = listOf(TASKS - 1).replace(/\]$/, ',{"name": "last", "image": 7}]');
    const refused = await submit(cluster, body);
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ code: "invalid_body", errors: [last] });
    expect(await pending(cluster)).toBe(0);
  },
);

test("while a list is taken, single tasks are answered and a worker is heard", { timeout: 120_000 }, async () => {
  cluster = await TestCluster.start();
  const { url } = cluster;
  const worker = await playWorker(url);
  const answered: number[] = [];
  let isTaken = false;
  const list = submit(cluster, listOf(TASKS)).finally(() => (isTaken = true));
  for (let number = 0; !isTaken || (await pending(cluster)) < TASKS; number += 1) {
    const started = performance.now();
    const response = await cluster.post("/tasks", { name: `single-${String(number)}`, image: "echo" });
    expect(response.status).toBe(201);
    await response.json();
    answered.push(performance.now() - started);
  }
  expect((await list).status).toBe(201);
  expect(((await (await list).json()) as string[]).length).toBe(TASKS);
  expect(answered.length).toBeGreaterThan(3);
  expect(Math.max(...answered)).toBeLessThan(PATIENCE_MS);
  const late = worker.end();
  expect(late.length).toBeGreaterThan(3);
  expect(Math.max(...late)).toBeLessThan(PATIENCE_MS);
});

test(
  "a manager killed while it takes a list has all of it or none, and takes a repeat once",
  { timeout: 180_000 },
  async () => {
    cluster = await TestCluster.start();
    const count = TASKS / 4;
    const body = listOf(count);
    for (let round = 0; round < ROUNDS; round += 1) {
      const key = { "idempotency-key": `round-${String(round)}` };
      const before = await pending(cluster);
      const first = submit(cluster, body, key).catch(() => undefined);
      // Not a wait for anything: the moment within the list's way is to be any.
      await delay(Math.random() * LONGEST_MS);
      await cluster.manager?.end("SIGKILL");
      await first;
      await cluster.startManager();
      expect([before, before + count]).toContain(await pending(cluster));
      const again = await submit(cluster, body, key);
      expect(again.status).toBe(201);
      expect(((await again.json()) as string[]).length).toBe(count);
      expect(await pending(cluster)).toBe(before + count);
    }
  },
);

/** A worker played by hand, without anything to run tasks on: it sends heartbeats, and keeps how long each waited for its answer. */
async function playWorker(url: string): Promise<{ end: () => number[] }> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/node/session`);
  const sent = new Map<number, number>();
  const waited: number[] = [];
  let rev = 0;
  let isWelcome = false;
  socket.on("message", (data: Buffer) => {
    const message = JSON.parse(data.toString()) as ManagerMessage;
    if (message.kind === "welcome") isWelcome = true;
    if (message.kind !== "frame") return;
    for (const [number, at] of sent) {
      if (number > message.ack) break;
      waited.push(performance.now() - at);
      sent.delete(number);
    }
  });
  await new Promise((resolve) => socket.once("open", resolve));
  const capacity = { cpu: 4, memory: 2 ** 30, disk: 2 ** 30 };
  const node = { nodeId: "n", name: "played", address: "", labels: {}, runtimes: ["hollow"], version: "0", capacity };
  const hello = { kind: "hello", version: PROTOCOL_VERSION, instanceId: "i", node, specs: [], items: [] };
  socket.send(JSON.stringify(hello));
  await until("the welcome", () => isWelcome);
  const heart = setInterval(() => {
    rev += 1;
    sent.set(rev, performance.now());
    socket.send(JSON.stringify({ kind: "frame", rev, ack: 0, reports: [] }));
  }, HEARTBEAT_MS);
  return {
    end() {
      clearInterval(heart);
      socket.terminate();
      return waited;
    },
  };
}
