/**
 * The dashboard in a real browser: how soon it is there, what it weighs, and whether its map keeps moving smoothly with
 * thousands of nodes, a hundred thousand tasks and a thousand changes a second.
 *
 * BENCH_NODES, BENCH_TASKS, BENCH_CHANGES and BENCH_SECONDS scale it down. The browser draws without a graphics card here.
 */
import { setTimeout as delay } from "node:timers/promises";
import { type Browser, type CDPSession, chromium, type Page } from "playwright-core";
import { TestCluster, until } from "../test/support/birdman-process.ts";
import { ensurePrograms } from "../test/support/packages.ts";
import { atLeast, atMost, type Benchmark, type Figure } from "./bench.ts";
import { buildBundle } from "./bundle.ts";
import { endWorkers, listBody, readyNodes, startWorkers } from "./list-run.ts";
import { Requests } from "./requests.ts";

const NODES = Number(process.env["BENCH_NODES"] ?? "5000");
const TASKS = Number(process.env["BENCH_TASKS"] ?? "100000");
const CHANGES = Number(process.env["BENCH_CHANGES"] ?? "1000");
const SECONDS = Number(process.env["BENCH_SECONDS"] ?? "20");
const LOADS = 3;
const LONGEST_MS = 300_000;
const SETTLE_MS = 3000;
const OPENING_MS = 2000;
/** A short task comes, is placed, runs and ends, and each is a change. */
const CHANGES_A_TASK = 4;
const ARGUMENTS = ["--no-sandbox", "--disable-quic", "--disable-background-networking"];
const WINDOW = { width: 1440, height: 900 };

interface Load {
  /** From the request of the page to its first picture, milliseconds. */
  readonly firstPaintMs: number;
  /** Until the whole cluster was drawn. */
  readonly mapMs: number;
  /** What the page itself weighs as it is sent. */
  readonly bytes: number;
  /** What the cluster weighs. */
  readonly liveBytes: number;
  /** Processor time of the page's own thread until then, milliseconds: what a loaded machine does not change much. */
  readonly processorMs: number;
}

export const dashboard: Benchmark = {
  name: "dashboard",
  what: `the dashboard in Chromium: ${String(NODES)} nodes, ${String(TASKS)} tasks, ${String(CHANGES)} changes a second`,
  async run(say) {
    await ensurePrograms({ chromium: "chromium" });
    await buildBundle();
    await using parts = new AsyncDisposableStack();
    const cluster = parts.adopt(await TestCluster.start({ program: "bundle" }), (started) => started.close());
    parts.adopt(startWorkers(cluster.url, NODES), (started) => endWorkers(started));
    const requests = new Requests(cluster.port);
    await fillCluster(cluster, requests);
    say(`${String(NODES)} nodes run ${String(TASKS)} tasks`);
    const browser = parts.adopt(
      await chromium.launch({ executablePath: "/usr/bin/chromium", args: ARGUMENTS }),
      (launched) => launched.close(),
    );
    const loads: Load[] = [];
    for (let count = 0; count < LOADS; count += 1) {
      const load = await measureLoad(browser, cluster.url);
      say(told(load));
      loads.push(load);
    }
    const smoothness = await measureFrames(browser, cluster, requests);
    const { changes, frames, frameMs } = smoothness;
    say(
      `${changes.toFixed(0)} changes a second; ${frameMs.toFixed(1)} ms of processor a frame; frames: ${frames.join(" ")}`,
    );
    return figures(loads, smoothness);
  },
};

async function fillCluster(cluster: TestCluster, requests: Requests): Promise<void> {
  const options = { timeoutMs: LONGEST_MS, everyMs: 250 };
  await until("all nodes", async () => (await readyNodes(cluster)) === NODES, options);
  const { status, text } = await requests.post("/tasks", listBody(TASKS), { prefer: "return=minimal" });
  if (status !== 201) throw new Error(`the list was refused: ${String(status)} ${text.slice(0, 300)}`);
  await until("all tasks", async () => (await runningTasks(requests)) >= TASKS, options);
  await delay(SETTLE_MS);
}

async function runningTasks(requests: Requests): Promise<number> {
  return (JSON.parse((await requests.get("/stats")).text) as { tasks: { running: number } }).tasks.running;
}

async function measureLoad(browser: Browser, url: string): Promise<Load> {
  const context = await browser.newContext({ viewport: WINDOW });
  const page = await context.newPage();
  // A new window keeps a processor busy with itself for most of a second; the page is asked for once it is open.
  await delay(OPENING_MS);
  const network = await context.newCDPSession(page);
  await network.send("Network.enable");
  await network.send("Performance.enable", { timeDomain: "threadTicks" });
  const addresses = new Map<string, string>();
  let bytes = 0;
  let liveBytes = 0;
  network.on("Network.requestWillBeSent", ({ requestId, request }) => addresses.set(requestId, request.url));
  network.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    if (addresses.get(requestId)?.startsWith(`${url}/ui/`) === true) bytes += encodedDataLength;
  });
  network.on("Network.dataReceived", ({ requestId, dataLength }) => {
    if (addresses.get(requestId) === `${url}/live`) liveBytes += dataLength;
  });
  await page.goto(`${url}/ui/map`);
  const mapMs = await markOf(page, "birdman:map");
  const processorMs = await busyMs(network);
  const [firstPaintMs] = await page.evaluate(() =>
    performance.getEntriesByName("first-contentful-paint").map(({ startTime }) => startTime),
  );
  await context.close();
  return { firstPaintMs: firstPaintMs ?? Number.NaN, mapMs, bytes, liveBytes, processorMs };
}

/** Processor time that the page's own thread has used, milliseconds. */
async function busyMs(session: CDPSession): Promise<number> {
  const { metrics } = await session.send("Performance.getMetrics");
  return (metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN) * 1000;
}

/** Milliseconds from the request of the page to when it set this mark. */
async function markOf(page: Page, name: string): Promise<number> {
  const mark = await page.waitForFunction((wanted) => performance.getEntriesByName(wanted)[0]?.startTime, name, {
    timeout: LONGEST_MS,
    polling: 50,
  });
  return Number(await mark.jsonValue());
}

interface Smoothness {
  /** Entries of the history a second, while frames were counted. */
  readonly changes: number;
  /** In each second. */
  readonly frames: readonly number[];
  /** Processor time of the page's own thread for each, milliseconds. */
  readonly frameMs: number;
}

async function measureFrames(browser: Browser, cluster: TestCluster, requests: Requests): Promise<Smoothness> {
  const page = await browser.newPage({ viewport: WINDOW });
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  await page.goto(`${cluster.url}/ui/map`);
  await markOf(page, "birdman:map");
  const storm = startStorm(requests);
  await delay(SETTLE_MS);
  const before = await lastSeq(requests);
  const busyBefore = await busyMs(session);
  const frames = await page.evaluate(countFrames, SECONDS);
  const frameMs = ((await busyMs(session)) - busyBefore) / frames.reduce((sum, count) => sum + count, 0);
  const changes = ((await lastSeq(requests)) - before) / SECONDS;
  await storm.stop();
  await page.close();
  return { changes, frames, frameMs };
}

/** In the page: how many frames each of the next seconds has. */
function countFrames(seconds: number): Promise<number[]> {
  const page = globalThis as unknown as { requestAnimationFrame(run: () => void): void };
  return new Promise((resolve) => {
    const counts: number[] = Array.from({ length: seconds }, () => 0);
    const began = performance.now();
    const count = (): void => {
      const second = Math.floor((performance.now() - began) / 1000);
      if (second >= seconds) {
        resolve(counts);
        return;
      }
      counts[second] = (counts[second] ?? 0) + 1;
      page.requestAnimationFrame(count);
    };
    page.requestAnimationFrame(count);
  });
}

/** Short tasks, as many a second as make the changes that are wanted. */
function startStorm(requests: Requests): { stop(): Promise<void> } {
  const perTurn = Math.max(1, Math.round(CHANGES / CHANGES_A_TASK / 10));
  const tasks = Array.from({ length: perTurn }, (_, index) => ({
    ...{ name: `short-${String(index)}`, image: "short:1", runtime: "hollow", cpu: 0.1 },
    labels: { "hollow.duration": "2s", "hollow.exit": index % 10 === 0 ? "1" : "0" },
    restart: { policy: "never" },
    reschedule: { attempts: 0 },
  }));
  const body = Buffer.from(JSON.stringify(tasks));
  let isOver = false;
  const run = async (): Promise<void> => {
    const answers: Promise<unknown>[] = [];
    for (let due = performance.now(); !isOver; due += 100) {
      // Whether or not the last ones are answered: a busy manager gets no fewer.
      answers.push(requests.post("/tasks", body, { prefer: "return=minimal" }));
      await delay(Math.max(0, due + 100 - performance.now()));
    }
    await Promise.all(answers);
  };
  const running = run();
  return {
    async stop() {
      isOver = true;
      await running;
    },
  };
}

async function lastSeq(requests: Requests): Promise<number> {
  const { text } = await requests.get("/events?follow=false&limit=1");
  return (JSON.parse(text) as { seq: number }[]).at(-1)?.seq ?? 0;
}

function figures(loads: readonly Load[], { frames }: Smoothness): Figure[] {
  const of = (value: (load: Load) => number): number[] => loads.map(value);
  return [
    atMost(
      "dashboard: page as it is sent",
      of(({ bytes }) => bytes / 1000),
      { unit: "kB", limit: 200 },
    ),
    atMost(
      "dashboard: first picture",
      of(({ firstPaintMs }) => firstPaintMs),
      { unit: "ms", limit: 1000 },
    ),
    atMost(
      "dashboard: map of everything drawn",
      of(({ mapMs }) => mapMs),
      { unit: "ms", limit: 2000 },
    ),
    atLeast("dashboard: frames a second, median", frames, { unit: "/s", limit: 50 }),
    atLeast("dashboard: frames in the worst second", [Math.min(...frames)], { unit: "/s", limit: 50 }),
  ];
}

function told({ firstPaintMs, mapMs, bytes, liveBytes, processorMs }: Load): string {
  return [
    `first picture after ${firstPaintMs.toFixed(0)} ms`,
    `map drawn after ${mapMs.toFixed(0)} ms`,
    `${processorMs.toFixed(0)} ms of processor`,
    `page ${(bytes / 1000).toFixed(1)} kB`,
    `cluster ${(liveBytes / 1e6).toFixed(2)} MB`,
  ].join("; ");
}
