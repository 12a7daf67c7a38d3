/**
 * The cluster under test: a manager and workers as processes of their own, each with its data on a small disk, each worker
 * with an engine of its own and a line to the manager that can be cut. All of it lies in one sandbox, so that it ends with
 * the suite in whatever way that ends.
 */
import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { freePort } from "../support/birdman-process.ts";
import { startDockerd, type TestDockerd } from "../support/engines.ts";
import { ensurePrograms } from "../support/packages.ts";
import { Sandbox } from "../support/sandbox.ts";
import { TcpProxy } from "../support/tcp-proxy.ts";
import { Journal } from "./journal.ts";
import { SmallDisk } from "./small-disk.ts";
import { type OwnEnd, Subject } from "./subject.ts";

export interface ChaosNode {
  readonly name: string;
  readonly worker: Subject;
  readonly engine: TestDockerd;
  /** Its engine's containers run on while the engine is away. */
  readonly isLiveRestore: boolean;
  readonly line: TcpProxy;
  readonly disk: SmallDisk;
}

export interface ChaosClusterOptions {
  readonly nodes: number;
  /** Where the processes write what they say; it exists. */
  readonly logs: string;
  readonly onOwnEnd: (end: OwnEnd) => void;
}

const DISK_MEBIBYTES = { manager: 64, worker: 32 };
const FIRST_PORT = 26_000;
const PORTS_EACH = 200;
const CAPACITY = ["--cpu", "16", "--memory", "16GiB", "--disk", "100GiB"];

export class ChaosCluster {
  readonly sandbox: Sandbox;
  readonly journal: Journal;
  readonly manager: Subject;
  readonly managerDisk: SmallDisk;
  readonly url: string;
  readonly nodes: readonly ChaosNode[];
  readonly #logs: string;

  private constructor(
    parts: Pick<ChaosCluster, "sandbox" | "journal" | "manager" | "managerDisk" | "url" | "nodes">,
    logs: string,
  ) {
    this.sandbox = parts.sandbox;
    this.journal = parts.journal;
    this.manager = parts.manager;
    this.managerDisk = parts.managerDisk;
    this.url = parts.url;
    this.nodes = parts.nodes;
    this.#logs = logs;
  }

  /** Starts all of it; what is not up yet comes up by itself. Rejects, with nothing left running, when a part cannot be had. */
  static async start({ nodes: count, logs, onOwnEnd }: ChaosClusterOptions): Promise<ChaosCluster> {
    if (process.getuid?.() !== 0) throw new Error("the chaos suite needs root: for container engines and loop mounts");
    await ensurePrograms({ flock: "util-linux", mount: "mount", "mkfs.ext4": "e2fsprogs" });
    await using parts = new AsyncDisposableStack();
    const sandbox = parts.adopt(await Sandbox.open("chaos"), (opened) => opened.close());
    const journal = await Journal.create(sandbox.path("journal"));
    const port = await freePort();
    const managerDisk = await SmallDisk.mount(sandbox.path("manager"), DISK_MEBIBYTES.manager);
    const manager = new Subject({
      name: "manager",
      args: ["manager", "--port", String(port), "--data-dir", join(managerDisk.directory, "data")],
      logPath: join(logs, "manager.log"),
      onOwnEnd,
    });
    manager.start();
    const nodes: ChaosNode[] = [];
    for (let index = 0; index < count; index += 1) {
      const name = `worker${String(index + 1)}`;
      const isLiveRestore = index % 2 === 0;
      const engine = parts.adopt(await startDockerd({ liveRestore: isLiveRestore }), (started) => started.stop());
      const line = parts.adopt(await TcpProxy.open(port), (opened) => opened.close());
      const disk = await SmallDisk.mount(sandbox.path(name), DISK_MEBIBYTES.worker);
      const first = FIRST_PORT + index * PORTS_EACH;
      const place = ["--name", name, "--port", String(await freePort()), "--manager", `127.0.0.1:${String(line.port)}`];
      const paths = ["--data-dir", join(disk.directory, "data"), "--allow-path", journal.directory];
      const ports = ["--port-range", `${String(first)}-${String(first + PORTS_EACH - 1)}`];
      const worker = new Subject({
        name,
        args: ["worker", ...place, ...paths, ...ports, ...CAPACITY],
        env: { DOCKER_HOST: engine.dockerHost },
        logPath: join(logs, `${name}.log`),
        onOwnEnd,
      });
      worker.start();
      nodes.push({ name, worker, engine, isLiveRestore, line, disk });
    }
    await mkdir(logs, { recursive: true });
    parts.move();
    return new ChaosCluster(
      { sandbox, journal, manager, managerDisk, url: `http://127.0.0.1:${String(port)}`, nodes },
      logs,
    );
  }

  /** Puts the engines' logs beside those of the processes. */
  async keepEngineLogs(): Promise<void> {
    for (const { name, engine } of this.nodes)
      await copyFile(join(directoryOf(engine), "dockerd.log"), join(this.#logs, `${name}.dockerd.log`));
  }

  /** Ends what is still there. Rejects when something could not be ended or removed. */
  async close(): Promise<void> {
    // Or what the sandbox ends would be started again.
    await Promise.all([this.manager, ...this.nodes.map(({ worker }) => worker)].map((subject) => subject.kill()));
    const closing = [this.sandbox.close(), ...this.nodes.flatMap(({ engine, line }) => [engine.stop(), line.close()])];
    const failures = (await Promise.allSettled(closing)).filter((outcome) => outcome.status === "rejected");
    if (failures.length > 0)
      throw new AggregateError(
        failures.map(({ reason }) => reason),
        "the cluster could not be cleaned up",
      );
  }
}

function directoryOf({ dockerHost }: TestDockerd): string {
  return dirname(dockerHost.replace(/^unix:\/\//, ""));
}
