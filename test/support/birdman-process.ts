/** Real Birdman processes for tests and benchmarks: started as a user starts them, on free ports, in folders that go with them. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { NODE_FLAGS } from "../../scripts/package/node-flags.ts";

const ROOT = join(import.meta.dirname, "../..");

/** What is started: the checkout through `bin/birdman`, or the bundle that `npm run build` makes. */
export type Program = "checkout" | "bundle";

/** How each is started; what is to be run follows. */
export const COMMANDS: Readonly<Record<Program, readonly [string, ...string[]]>> = {
  checkout: [join(ROOT, "bin/birdman")],
  bundle: [join(ROOT, "node_modules/.bin/node"), ...NODE_FLAGS, join(ROOT, "dist/birdman.js")],
};

export interface BirdmanProcess {
  readonly child: ChildProcess;
  /** Everything it printed so far, stdout and stderr. */
  readonly output: () => string;
  /** Ends it with a signal and waits until it has ended. */
  readonly end: (signal?: NodeJS.Signals) => Promise<number | null>;
}

export interface ProcessOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly program?: Program;
  /** Nothing can be typed, if absent. */
  readonly stdin?: "ignore" | "pipe";
}

/** Starts `birdman ARGS…`; it does not wait for anything. */
export function startBirdman(
  args: readonly string[],
  { env = {}, program = "checkout", stdin = "ignore" }: ProcessOptions = {},
): BirdmanProcess {
  const [command, ...before] = COMMANDS[program];
  const child = spawn(command, [...before, ...args], {
    env: { ...process.env, ...env },
    stdio: [stdin, "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (data: Buffer) => (output += data.toString()));
  }
  return {
    child,
    output: () => output,
    async end(signal = "SIGTERM") {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, "exit");
        child.kill(signal);
        await ended;
      }
      return child.exitCode;
    },
  };
}

/** Runs `birdman ARGS…` to its end. */
export async function runBirdman(
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<{ exitCode: number | null; output: string }> {
  const started = startBirdman(args, options);
  await once(started.child, "close");
  return { exitCode: started.child.exitCode, output: started.output() };
}

/** A TCP port of loopback that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Waits until the condition gives something; throws with what it was waiting for when it takes too long. */
export async function until<T>(
  what: string,
  condition: () => Promise<T | undefined | false> | T | undefined | false,
  { timeoutMs = 30_000, everyMs = 25 }: { readonly timeoutMs?: number; readonly everyMs?: number } = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const result = await condition();
    if (result !== undefined && result !== false) return result;
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await delay(everyMs);
  }
}

/** A manager and workers, each a process with a data directory of its own, all below one temporary folder. */
export class TestCluster {
  readonly directory: string;
  readonly port: number;
  readonly url: string;
  readonly workers = new Map<
    string,
    { process: BirdmanProcess; readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> }
  >();
  readonly #program: Program;
  readonly #managerArgs: readonly string[];
  readonly #env: Readonly<Record<string, string>>;
  #manager: BirdmanProcess | undefined;

  private constructor(directory: string, port: number, options: ClusterOptions) {
    this.directory = directory;
    this.port = port;
    this.url = `http://127.0.0.1:${String(port)}`;
    this.#program = options.program ?? "checkout";
    this.#managerArgs = options.manager ?? [];
    this.#env = options.env ?? {};
  }

  static async start(options: ClusterOptions = {}): Promise<TestCluster> {
    const directory = await mkdtemp(join(tmpdir(), "birdman-cluster-"));
    const cluster = new TestCluster(directory, await freePort(), options);
    try {
      await cluster.startManager();
    } catch (error) {
      await cluster.close();
      throw error;
    }
    return cluster;
  }

  get manager(): BirdmanProcess | undefined {
    return this.#manager;
  }

  async startManager(): Promise<void> {
    const args = ["manager", "--port", String(this.port), "--data-dir", join(this.directory, "manager")];
    const manager = startBirdman([...args, ...this.#managerArgs], { env: this.#env, program: this.#program });
    this.#manager = manager;
    await until(`the manager:\n${manager.output()}`, async () => {
      if (manager.child.exitCode !== null) throw new Error(`the manager ended:\n${manager.output()}`);
      return (await this.get("/readyz").catch(() => undefined))?.status === 200;
    });
  }

  /** Starts a worker and waits until the manager counts it ready. */
  async startWorker(
    name: string,
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const port = String(await freePort());
    const place = ["--manager", `127.0.0.1:${String(this.port)}`, "--data-dir", join(this.directory, name)];
    const all = ["worker", "--name", name, "--port", port, ...place, ...args];
    this.workers.set(name, { process: startBirdman(all, { env, program: this.#program }), args: all, env });
    await this.untilReady(name);
  }

  /** Kills the worker's process (SIGKILL) and starts another one on the same data directory. */
  async restartWorker(name: string): Promise<void> {
    const worker = this.workers.get(name);
    if (worker === undefined) throw new Error(`there is no worker ${name}`);
    await worker.process.end("SIGKILL");
    worker.process = startBirdman(worker.args, { env: worker.env, program: this.#program });
    await until(`${name} to say that it runs`, () => worker.process.output().includes(name));
    await this.untilReady(name);
  }

  async untilReady(name: string): Promise<void> {
    const worker = this.workers.get(name)?.process;
    await until(`worker ${name}:\n${worker?.output() ?? ""}`, async () => {
      if (worker?.child.exitCode !== null) throw new Error(`worker ${name} ended:\n${worker?.output() ?? ""}`);
      return (await this.json(`/nodes/${name}`).catch(() => undefined))?.["status"] === "ready";
    });
  }

  get(path: string): Promise<Response> {
    return fetch(`${this.url}${path}`);
  }

  async json(path: string): Promise<Record<string, unknown>> {
    const response = await this.get(path);
    if (!response.ok) throw new Error(`${path}: HTTP ${String(response.status)} ${await response.text()}`);
    return (await response.json()) as Record<string, unknown>;
  }

  async list(path: string): Promise<Record<string, unknown>[]> {
    const response = await this.get(path);
    return (await response.json()) as Record<string, unknown>[];
  }

  async post(path: string, body: unknown): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  }

  /** Ends every process and removes the folder. Tasks run on: stop them first. */
  async close(): Promise<void> {
    await Promise.all([...this.workers.values()].map((worker) => worker.process.end()));
    await this.#manager?.end();
    killAllOf(this.directory);
    await rm(this.directory, { recursive: true, force: true });
  }
}

export interface ClusterOptions {
  readonly program?: Program;
  /** More flags of `birdman manager`. */
  readonly manager?: readonly string[];
  /** More of the manager's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Kills what outlives workers on purpose: shims and guards, which name their worker's directory, and what they started. */
function killAllOf(directory: string): void {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const processes = pids.map((pid) => ({ pid, parent: parentOf(pid), args: readProc(pid, "cmdline") }));
  const doomed = new Set<string>();
  // A child's number may be lower than its parent's: as many rounds as there are generations.
  for (let before = -1; before < doomed.size;) {
    before = doomed.size;
    for (const { pid, parent, args } of processes) {
      if (args.includes(directory) || doomed.has(parent)) doomed.add(pid);
    }
  }
  for (const pid of doomed) {
    try {
      process.kill(Number(pid), "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
}

/** Behind the name, which may have anything in it, come state and parent. */
function parentOf(pid: string): string {
  return /\) \S (\d+) /.exec(readProc(pid, "stat"))?.[1] ?? "";
}

/** Empty when the process is gone. */
function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
