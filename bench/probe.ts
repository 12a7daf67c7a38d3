/**
 * Loaded into a process under measurement (`node --import`): answers on a Unix socket how long its event loop stood
 * still, what it used and what it holds, and where its time went.
 */
import { Session } from "node:inspector/promises";
import { createServer } from "node:net";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { timeByPart, type TimeOf } from "./profile.ts";

export interface Began {
  /** What is alive after a collection, bytes. */
  readonly heapBytes: number;
}

export interface Probed {
  /** The longest time that the event loop was not its own, milliseconds. */
  readonly stallMs: number;
  /** Processor time, milliseconds. */
  readonly processorMs: number;
  readonly residentBytes: number;
  /** Empty unless it was profiled. */
  readonly time: TimeOf;
}

const RESOLUTION_MS = 5;
const loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
const inspector = new Session();
let isProfiled = false;
let began = process.cpuUsage();

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

async function answer(command: string): Promise<Began | Probed> {
  if (command === "heap") return heap();
  return command === "end" ? end() : begin(command === "begin with profile");
}

async function begin(withProfile: boolean): Promise<Began> {
  const held = heap();
  isProfiled = withProfile;
  if (isProfiled) {
    inspector.connect();
    await inspector.post("Profiler.enable");
    await inspector.post("Profiler.start");
  }
  loop.enable();
  loop.reset();
  began = process.cpuUsage();
  return held;
}

async function end(): Promise<Probed> {
  const { user, system } = process.cpuUsage(began);
  const stallMs = Math.max(0, loop.max / 1e6 - RESOLUTION_MS);
  loop.disable();
  let time: TimeOf = {};
  if (isProfiled) {
    const { profile } = await inspector.post("Profiler.stop");
    inspector.disconnect();
    time = timeByPart(profile);
  }
  return { stallMs, processorMs: (user + system) / 1000, residentBytes: process.memoryUsage().rss, time };
}

function heap(): Began {
  collect();
  return { heapBytes: process.memoryUsage().heapUsed };
}

const path = process.env["BENCH_PROBE"];
if (path !== undefined) {
  const server = createServer((socket) => {
    socket.on("data", (data) => {
      void answer(data.toString().trim()).then((value) => socket.end(JSON.stringify(value)));
    });
  });
  server.listen(path).unref();
}
