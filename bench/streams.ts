/**
 * What streams cost the manager: the output of a task that prints as fast as it is read, a reader who stops, and a
 * thousand readers of the history.
 */
import { request, type IncomingMessage } from "node:http";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { TestCluster, until } from "../test/support/birdman-process.ts";
import { atLeast, atMost, type Benchmark, type Figure, median } from "./bench.ts";
import { buildBundle } from "./bundle.ts";
import { residentBytes } from "./processes.ts";

const MEBIBYTE = 2 ** 20;
const SAMPLES = 10;
const SAMPLE_MS = 1000;
const STUCK_READERS = 5;
const EVENT_STREAMS = 1000;
/** Their events, while the streams are open. */
const EVENT_TASKS = 200;

export const streams: Benchmark = {
  name: "streams",
  what: `a task's output at full speed, readers that stop, ${String(EVENT_STREAMS)} event streams`,
  async run(say) {
    await buildBundle();
    await using parts = new AsyncDisposableStack();
    const cluster = parts.adopt(await TestCluster.start({ program: "bundle" }), (started) => started.close());
    await cluster.startWorker("worker1", ["--runtime", "process,hollow"]);
    return [...(await output(cluster, say)), await eventStreams(cluster, say)];
  },
};

type Say = (line: string) => void;

async function output(cluster: TestCluster, say: Say): Promise<Figure[]> {
  const loud = await submit(cluster, {
    runtime: "process",
    command: ["sh", "-c", "exec yes $(seq 350 | tr -d '\\n')"],
  });
  const quiet = await submit(cluster, {
    runtime: "process",
    command: ["sh", "-c", "while :; do echo tick; sleep 0.05; done"],
  });
  const pid = cluster.manager?.child.pid ?? 0;
  const before = residentBytes(pid) / MEBIBYTE;

  const reader = await follow(cluster, loud);
  const rates: number[] = [];
  const grown: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    const start = performance.now();
    const from = reader.bytes();
    await delay(SAMPLE_MS);
    rates.push((reader.bytes() - from) / 1e6 / ((performance.now() - start) / 1000));
    grown.push(residentBytes(pid) / MEBIBYTE - before);
  }
  reader.close();
  say(`read ${(reader.bytes() / 1e6).toFixed(0)} MB at ${median(rates).toFixed(0)} MB/s`);

  const alone = await answerTimes(cluster);
  const ticks = await follow(cluster, quiet);
  const stuck = await Promise.all(Array.from({ length: STUCK_READERS }, () => follow(cluster, loud, { reads: false })));
  await delay(3 * SAMPLE_MS);
  const held = residentBytes(pid) / MEBIBYTE - before;
  const ticked = ticks.bytes();
  const beside = await answerTimes(cluster);
  await until("the quiet task to be read on", () => ticks.bytes() > ticked);
  for (const each of [...stuck, ticks]) each.close();
  say(`${String(STUCK_READERS)} readers that stop: the manager holds ${held.toFixed(1)} MiB more than before`);
  for (const id of [loud, quiet]) await fetch(`${cluster.url}/tasks/${id}`, { method: "DELETE" });
  const slower = median(beside) - median(alone);
  return [
    atLeast("one task's output, read through the manager", rates, { unit: "MB/s", limit: 100 }),
    atMost("meanwhile the manager's memory grows by", [Math.max(...grown)], { unit: "MiB", limit: 50 }),
    atMost(`${String(STUCK_READERS)} readers that stop: the manager's memory grows by`, [held], {
      unit: "MiB",
      limit: 50,
    }),
    atMost(`${String(STUCK_READERS)} readers that stop: an answer takes longer by`, [slower], { unit: "ms", limit: 5 }),
  ];
}

async function eventStreams(cluster: TestCluster, say: Say): Promise<Figure> {
  const pid = cluster.manager?.child.pid ?? 0;
  const before = residentBytes(pid) / MEBIBYTE;
  const readers = await Promise.all(
    Array.from({ length: EVENT_STREAMS }, () => open(`${cluster.url}/events?limit=0`, { reads: true })),
  );
  const documents = Array.from({ length: EVENT_TASKS }, () => ({ runtime: "hollow", image: "x" }));
  await cluster.post("/tasks", documents);
  const { seq } = (await cluster.list("/events?follow=false&limit=1"))[0] as { seq: number };
  await until(
    "all to have heard of it",
    () => readers.every((reader) => reader.text().includes(`id: ${String(seq)}\n`)),
    {
      timeoutMs: 120_000,
    },
  );
  await delay(SAMPLE_MS);
  const grown = residentBytes(pid) / MEBIBYTE - before;
  for (const reader of readers) reader.close();
  say(`${String(EVENT_STREAMS)} event streams: ${grown.toFixed(1)} MiB`);
  return atMost(
    `${String(EVENT_STREAMS)} event streams that are told of ${String(EVENT_TASKS)} tasks: memory`,
    [grown],
    {
      unit: "MiB",
      limit: 100,
    },
  );
}

async function submit(cluster: TestCluster, document: object): Promise<string> {
  const { id } = (await (await cluster.post("/tasks", document)).json()) as { id: string };
  await until(`${id} to run`, async () => (await cluster.json(`/tasks/${id}`))["state"] === "running");
  return id;
}

/** How long an answer takes, in milliseconds. */
async function answerTimes(cluster: TestCluster): Promise<number[]> {
  const times: number[] = [];
  for (let count = 0; count < 50; count += 1) {
    const start = performance.now();
    await cluster.json("/stats");
    times.push(performance.now() - start);
  }
  return times;
}

interface Reader {
  readonly bytes: () => number;
  /** The end of what was read. */
  readonly text: () => string;
  readonly close: () => void;
}

function follow(cluster: TestCluster, id: string, { reads = true } = {}): Promise<Reader> {
  return open(`${cluster.url}/tasks/${id}/logs?follow=true&tail=0`, { reads });
}

const KEPT_TEXT = 2000;

async function open(url: string, { reads }: { readonly reads: boolean }): Promise<Reader> {
  const asked = request(url, { agent: false }).end();
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  let bytes = 0;
  let text = "";
  if (reads) {
    answer.on("data", (data: Buffer) => {
      bytes += data.length;
      text = (text + data.subarray(-KEPT_TEXT).toString()).slice(-KEPT_TEXT);
    });
  }
  answer.on("error", () => undefined); // it is closed in the middle
  return { bytes: () => bytes, text: () => text, close: () => void answer.destroy() };
}
