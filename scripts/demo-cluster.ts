/** A `birdman dev` of our own for as long as it is shown: started on a free port, and stopped without a trace. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Birdman } from "../src/client/client.ts";
import { nodeTransport } from "../src/client/node-transport.ts";
import { exitOf } from "./launch.mjs";
import { SetupError } from "./setup.mjs";

export const PROGRAM = fileURLToPath(new URL("../bin/birdman", import.meta.url));

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 120_000;

export interface ClusterOptions {
  readonly workers: number;
  readonly runtimes: readonly string[];
}

export interface Cluster {
  readonly client: Birdman;
  /** `localhost:8080` */
  readonly address: string;
  /** Aborts, with what it said last as the reason, when the cluster ends by itself. */
  readonly ended: AbortSignal;
  /** Stops every task and ends the processes, which keep nothing. */
  stop(): Promise<void>;
}

/** Resolves when all its workers are ready. */
export async function startCluster({ workers, runtimes }: ClusterOptions, signal: AbortSignal): Promise<Cluster> {
  const port = await freePorts(8080, workers + 1);
  const folder = mkdtempSync(join(tmpdir(), "birdman-demo-"));
  const log = join(folder, "log");
  const output = openSync(log, "w");
  const flags = ["--workers", String(workers), "--port", String(port), "--worker-port", String(port + 1)];
  const args = [PROGRAM, "dev", ...flags, ...runtimes.flatMap((runtime) => ["--runtime", runtime])];
  // In a process group of its own, so that a Ctrl-C at the terminal reaches it through us alone.
  const child = spawn(process.execPath, args, { detached: true, stdio: ["ignore", output, output] });
  closeSync(output);
  const exit = exitOf(child);
  const ended = new AbortController();
  const failure = (what: string): SetupError => {
    const lastWords = readFileSync(log, "utf8").trim().slice(-2000);
    return new SetupError(`birdman dev ${what}; the last it said:\n${lastWords}`);
  };
  child.once("exit", () => ended.abort(failure("ended")));

  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
    await exit;
    clearTimeout(timer);
    rmSync(folder, { recursive: true, force: true });
  };

  const client = new Birdman({ transport: nodeTransport({ base: new URL(`http://localhost:${String(port)}`) }) });
  const deadline = AbortSignal.timeout(START_TIMEOUT_MS);
  try {
    await untilReady(client, workers, AbortSignal.any([signal, ended.signal, deadline]));
  } catch (error) {
    const reason = deadline.aborted ? failure("was not ready in time") : error;
    await stop();
    throw reason;
  }
  return { client, address: `localhost:${String(port)}`, ended: ended.signal, stop };
}

/** Waits, and rejects with the signal's reason when that comes first. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
}

async function untilReady(client: Birdman, workers: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const nodes = await client.nodes({ signal }).catch(() => []);
    if (nodes.filter(({ status }) => status === "ready").length === workers) return;
    await pause(100, signal);
  }
}

/** The first of so many ports of loopback in a row that are free. */
async function freePorts(from: number, count: number): Promise<number> {
  for (let first = from; first < from + 1000; first += count) {
    const row = Array.from({ length: count }, (_, index) => first + index);
    const free = await Promise.all(row.map(isFree));
    if (free.every(Boolean)) return first;
  }
  throw new SetupError(`from port ${String(from)} on there are no ${String(count)} free ones in a row`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  const listening = once(server, "listening").then(
    () => true,
    () => false,
  );
  return listening.finally(() => server.close());
}
