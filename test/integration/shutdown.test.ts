/** How servers end: in good order and soon on the first signal, whoever holds on to them; at once on the second. */
import { connect } from "node:net";
import { request } from "node:http";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { freePort, startBirdman, TestCluster, until } from "../support/birdman-process.ts";

/** A signal is followed by the end within so long, on a busy machine too; held connections would be waited for longer. */
const SOON_MS = 14_000;
const SECRET = "a-secret-that-nobody-may-read";

let cluster: TestCluster;

beforeEach(async () => {
  cluster = await TestCluster.start({ manager: ["--log-level", "trace", "--log-format", "json"] });
});

afterEach(async () => {
  await cluster.close();
});

async function run(document: object): Promise<string> {
  const response = await cluster.post("/tasks", { runtime: "process", stopTimeout: 0, ...document });
  const { id } = (await response.json()) as { id: string };
  await until("the task to run", async () => (await cluster.json(`/tasks/${id}`))["state"] === "running");
  return id;
}

/** Asks for a stream and keeps it open; resolves when its head is there. */
async function hold(path: string): Promise<() => boolean> {
  const held = request(cluster.url + path);
  let isOver = false;
  held.on("error", () => (isOver = true)).on("close", () => (isOver = true));
  held.end();
  await once(held, "response");
  return () => isOver;
}

test.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
  "%s ends manager and worker with status 0, though clients hold on, and tasks run on",
  async (signal) => {
    await cluster.startWorker("w1", ["--runtime", "process"]);
    const id = await run({ command: ["sh", "-c", "echo here; exec sleep 1000"] });
    const { containerId } = await cluster.json(`/tasks/${id}`);
    const streams = [await hold(`/tasks/${id}/logs?follow=true`), await hold("/events")];
    const silent = connect(cluster.port, "127.0.0.1").on("error", () => undefined);
    await once(silent, "connect");
    const worker = cluster.workers.get("w1")?.process;
    const begin = performance.now();
    expect(await Promise.all([cluster.manager?.end(signal), worker?.end(signal)])).toEqual([0, 0]);
    expect(performance.now() - begin).toBeLessThan(SOON_MS);
    await until("the streams to end", () => streams.every((isOver) => isOver()));
    process.kill(Number(containerId), 0);
    process.kill(Number(containerId), "SIGKILL");
  },
);

test("a second signal ends it at once, with status 1", async () => {
  // A request that has begun is waited for, for two seconds.
  const begun = connect(cluster.port, "127.0.0.1").on("error", () => undefined);
  await once(begun, "connect");
  begun.write("GET /stats HTTP/1.1\r\nhost: localhost\r\n");
  await cluster.get("/stats");
  const { child, output } = cluster.manager ?? expect.unreachable("it runs");
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await until("it to begin to end", () => output().includes("stopping"));
  child.kill("SIGTERM");
  expect(await ended).toEqual([1, null]);
});

test("a client command that waits ends with its signal", async () => {
  const port = String(await freePort());
  const place = ["--manager", `127.0.0.1:${String(cluster.port)}`];
  await cluster.startWorker("w1", ["--runtime", "process", "--port", port]);
  const id = await run({ command: ["sh", "-c", "echo here; exec sleep 1000"] });
  const follower = startBirdman(["logs", "-f", id, ...place]);
  await until("the first line", () => follower.output().includes("here"));
  const begin = performance.now();
  await follower.end("SIGINT");
  expect(performance.now() - begin).toBeLessThan(SOON_MS);
  expect([follower.child.exitCode, follower.child.signalCode]).toEqual([null, "SIGINT"]);
  await fetch(`${cluster.url}/tasks/${id}`, { method: "DELETE" });
  await until("the end", async () => (await cluster.json(`/tasks/${id}`))["state"] === "completed");
});

test("what is secret is in no log, at whatever level", async () => {
  await cluster.startWorker("w1", ["--runtime", "process", "--log-level", "trace"]);
  const env = { PASSWORD: { value: SECRET, secret: true } };
  const id = await run({ command: ["sleep", "1000"], env });
  await cluster.post("/tasks", { image: "none:1", registryAuth: { username: "u", password: SECRET } });
  await fetch(`${cluster.url}/stats`, { headers: { authorization: `Bearer ${SECRET}` } });
  await cluster.post("/tasks", { command: ["x"], env: { PASSWORD: { value: SECRET, secret: "yes" } } });
  await fetch(`${cluster.url}/tasks/${id}`, { method: "DELETE" });
  await until("the end", async () => (await cluster.json(`/tasks/${id}`))["state"] === "completed");
  const logs = [cluster.manager?.output() ?? "", cluster.workers.get("w1")?.process.output() ?? ""];
  for (const log of logs) {
    expect(log).not.toBe("");
    expect(log).not.toContain(SECRET);
  }
  // The task was really given it: what is looked for is where it might have leaked from.
  const store = readFileSync(join(cluster.directory, "manager/birdman.db-wal"), "latin1");
  expect(store).toContain(SECRET);
  const lines = (logs[0] ?? "").split("\n").filter((line) => line.startsWith("{"));
  expect(lines.length).toBeGreaterThan(1);
  for (const line of lines)
    expect(JSON.parse(line)).toMatchObject({ level: expect.any(Number), time: expect.any(Number) });
});
