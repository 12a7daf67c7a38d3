/** One run of a long list at a manager with many hollow workers, and single tasks meanwhile. */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { TestCluster, until, type Program } from "../test/support/birdman-process.ts";
import { startHollowNodes } from "./hollow-nodes.ts";
import type { Began, Probed } from "./probe.ts";
import { Requests } from "./requests.ts";

const SINGLE_EVERY_MS = 50;
/** In this process. */
const NODES_APART = 20;
const APART = { prefix: "apart", labels: { apart: "yes" } };
const LOOK_EVERY_MS = 20;
const STATS_EVERY_MS = 100;
const LONGEST_MS = 300_000;
/** The workers' joining is over, and later the store has brought everything to its place. */
const SETTLE_MS = 5000;

export interface ListSize {
  readonly nodes: number;
  readonly tasks: number;
}

export interface Single {
  /** Milliseconds from its request to the answer, and until it ran. */
  readonly answered: number;
  readonly running: number;
  /** On a node apart from the thousands in one process, which are busy themselves. */
  readonly isApart: boolean;
}

export interface ListRun {
  /** From the first byte of the request until all ran. */
  readonly seconds: number;
  readonly answeredMs: number;
  readonly singles: readonly Single[];
  readonly manager: Probed;
  /** What the manager holds for each task that runs. */
  readonly bytesATask: number;
  readonly workersProcessorMs: number;
}

/** With the checkout the run is profiled: source files have names there. */
export async function runList({ nodes, tasks }: ListSize, program: Program): Promise<ListRun> {
  await using parts = new AsyncDisposableStack();
  const probe = `/tmp/birdman-probe-${String(process.pid)}-${String(Math.round(performance.now()))}`;
  const env = { NODE_OPTIONS: `--import ${join(import.meta.dirname, "probe.ts")}`, BENCH_PROBE: probe };
  const cluster = parts.adopt(await TestCluster.start({ program, env }), (started) => started.close());
  const workers = parts.adopt(startWorkers(cluster.url, nodes), (started) => endWorkers(started));
  parts.adopt(await startHollowNodes(cluster.url, NODES_APART, APART), (started) => started.close());
  await until("all nodes", async () => (await readyNodes(cluster)) === nodes + NODES_APART, {
    timeoutMs: LONGEST_MS,
    everyMs: 250,
  });
  await delay(SETTLE_MS);
  const load = new Load(cluster.port, tasks);
  await load.open();
  const began = (await ask(probe, program === "checkout" ? "begin with profile" : "begin")) as Began;
  const workersBefore = processorMs(workers.pid ?? 0);
  const outcome = await load.run();
  const workersProcessorMs = processorMs(workers.pid ?? 0) - workersBefore;
  const manager = (await ask(probe, "end")) as Probed;
  await delay(SETTLE_MS);
  const { heapBytes } = (await ask(probe, "heap")) as Began;
  return { ...outcome, manager, bytesATask: (heapBytes - began.heapBytes) / tasks, workersProcessorMs };
}

class Load {
  readonly #tasks: number;
  readonly #list: Requests;
  readonly #posts: Requests;
  readonly #looks: Requests;
  #posted = 0;
  #isOver = false;

  constructor(port: number, tasks: number) {
    this.#tasks = tasks;
    this.#list = new Requests(port);
    this.#posts = new Requests(port);
    this.#looks = new Requests(port);
  }

  async open(): Promise<void> {
    await Promise.all([this.#posts.open(), this.#looks.open()]);
  }

  async run(): Promise<Pick<ListRun, "seconds" | "answeredMs" | "singles">> {
    const body = listBody(this.#tasks);
    const started = performance.now();
    const answered = this.#submitList(body, started);
    const singles = this.#submitSingles();
    while (!(await this.#allRun())) {
      if (performance.now() - started > LONGEST_MS) throw new Error("not all of the tasks ran");
      await delay(this.#isOver ? LOOK_EVERY_MS : STATS_EVERY_MS);
    }
    const seconds = (performance.now() - started) / 1000;
    return { seconds, answeredMs: await answered, singles: await singles };
  }

  async #submitList(body: Buffer, started: number): Promise<number> {
    const { status, text } = await this.#list.post("/tasks", body, { prefer: "return=minimal" });
    if (status !== 201) throw new Error(`the list was refused: ${String(status)} ${text.slice(0, 300)}`);
    return performance.now() - started;
  }

  /** One after the other, until the list runs. */
  async #submitSingles(): Promise<Single[]> {
    const underWay: Promise<Single>[] = [];
    do {
      this.#posted += 1;
      underWay.push(this.#single(this.#posted));
      await delay(SINGLE_EVERY_MS);
    } while (!this.#isOver);
    return Promise.all(underWay);
  }

  async #single(number: number): Promise<Single> {
    const started = performance.now();
    const isApart = number % 2 === 0;
    const constraints = isApart ? ["label.apart == yes"] : [];
    const document = { name: `single-${String(number)}`, image: "echo", runtime: "hollow", constraints };
    const { status, text } = await this.#posts.post("/tasks", Buffer.from(JSON.stringify(document)));
    if (status !== 201) throw new Error(`a single task was refused: ${String(status)} ${text}`);
    const answered = performance.now() - started;
    const { id } = JSON.parse(text) as { id: string };
    for (;;) {
      const { state } = JSON.parse((await this.#looks.get(`/tasks/${id}`)).text) as { state: string };
      if (state === "running") return { answered, running: performance.now() - started, isApart };
      await delay(LOOK_EVERY_MS);
    }
  }

  async #allRun(): Promise<boolean> {
    const { text } = await this.#looks.get("/stats");
    const { running } = (JSON.parse(text) as { tasks: { running: number } }).tasks;
    this.#isOver ||= running >= this.#tasks;
    return running >= this.#tasks + this.#posted;
  }
}

/** A handful of services, many tasks of each. */
export function listBody(count: number): Buffer {
  const services = ["web", "api", "queue", "cache", "batch"].map((name, index) => ({
    ...{ name, image: `${name}:1`, runtime: "hollow", labels: { app: name }, env: { PORT: "8080" } },
    ...{ cpu: 0.02 * (index + 1), memory: `${String(16 * (index + 1))}MiB` },
  }));
  const tasks = Array.from({ length: count }, (_, index) => {
    const service = services[index % services.length];
    return { ...service, name: `${service?.name ?? ""}-${String(index)}` };
  });
  return Buffer.from(JSON.stringify(tasks));
}

export async function readyNodes(cluster: TestCluster): Promise<number> {
  return ((await cluster.json("/stats")) as { nodes: { ready: number } }).nodes.ready;
}

export function startWorkers(url: string, nodes: number): ChildProcess {
  return fork(join(import.meta.dirname, "hollow-process.ts"), [url, String(nodes)], { stdio: "inherit" });
}

export async function endWorkers(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

async function ask(path: string, command: string): Promise<unknown> {
  const socket = connect(path);
  socket.write(`${command}\n`);
  let text = "";
  for await (const chunk of socket as AsyncIterable<Buffer>) text += chunk.toString();
  return JSON.parse(text) as unknown;
}

/** Processor time so far, in milliseconds; the kernel counts in hundredths of a second. */
function processorMs(pid: number): number {
  const stat = readFileSync(join("/proc", String(pid), "stat"), "utf8");
  const fields = stat.split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
