/** Puts a worker together: store, identity, runtimes, host and HTTP server. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Logger } from "pino";
import packageFile from "../../../package.json" with { type: "json" };
import type { HttpServerOptions } from "../../api/http/server.ts";
import type { Store } from "../../store/store.ts";
import type { RuntimeKind } from "../../task/document.ts";
import type { Resources } from "../../task/spec.ts";
import { readBootId } from "../../stats/boot-clock.ts";
import type { ManagerAddress } from "../../worker/connection.ts";
import { GuardClient } from "../../worker/guard-client.ts";
import { buildWorkerServer } from "../../worker/http/server.ts";
import { WorkerMetrics } from "../../worker/metrics/worker-metrics.ts";
import { workerIdentity } from "../../worker/identity.ts";
import type { ImageSettings } from "../../worker/runtimes/docker/image-collector.ts";
import type { Runtime } from "../../worker/runtimes/runtime.ts";
import type { WorkerService } from "../../worker/service.ts";
import type { MachineSource } from "../../worker/usage-sampler.ts";
import { WorkerHost } from "../../worker/worker-host.ts";
import { CommandError, messageOf } from "../errors.ts";
import { apiUrl } from "./api-url.ts";
import { listen } from "./listen.ts";
import { openStore } from "./open-store.ts";
import { createRuntime } from "./runtimes.ts";
import type { ListenOptions } from "../server-options.ts";
import type { PortRange } from "../values.ts";

/** The source beside this file; where that was bundled into a chunk, the entry that the bundle has for it. */
const GUARD_FILE = import.meta.filename.endsWith(".ts") ? "../guard-main.ts" : "../guard.js";
const GUARD_COMMAND = [process.execPath, fileURLToPath(new URL(GUARD_FILE, import.meta.url))];

export interface WorkerPlan {
  readonly name: string;
  /** Where its tasks' published ports can be reached. */
  readonly address: string;
  /** The address of this machine that ports are published on. */
  readonly publishAddress: string;
  readonly portRange: PortRange;
  readonly labels: Readonly<Record<string, string>>;
  /** What it offers; all that the machine has where it is left open. */
  readonly capacity: Partial<Resources>;
  readonly runtimes: readonly RuntimeKind[];
  readonly allowedPaths: readonly string[];
  readonly images: ImageSettings;
  readonly manager: ManagerAddress;
  readonly store: Store["kind"];
  readonly dataDir: string;
  /** Id of a worker whose data directory was lost, to adopt what it started. */
  readonly claim: string | undefined;
  readonly listen: ListenOptions;
  /** The flag that sets `listen.port`, for errors. */
  readonly portFlag: string;
  readonly http: Pick<HttpServerOptions, "access" | "tls">;
  readonly machine: MachineSource;
  readonly log: Logger;
  /** It cannot go on; to be closed. */
  readonly onFatal: (error: unknown) => void;
}

export interface RunningWorker {
  readonly url: string;
  readonly service: WorkerService;
  readonly capacity: Resources;
  /** Runtimes with the versions of their engines: `docker 20.10.24`. */
  readonly runtimes: readonly string[];
  /** Lets go of its tasks, which run on. */
  readonly close: () => Promise<void>;
  /** Removes every trace of its tasks, killing what still runs. */
  readonly clear: () => Promise<void>;
}

/** Resolves once it answers requests, whether or not its manager is there. Rejects, with nothing left open, with an error that says what to change. */
export async function startWorker(plan: WorkerPlan): Promise<RunningWorker> {
  const { name, log, onFatal, dataDir, portRange } = plan;
  await using parts = new AsyncDisposableStack();
  const { store } = parts.adopt(openStore(plan.store, dataDir, "worker"), (opened) => opened.close());
  const nodeId = await identity(store, plan.claim);
  const runtimes = await Promise.all(
    plan.runtimes.map(async (kind) =>
      createRuntime(kind, { workerId: nodeId, directory: join(dataDir, kind), images: plan.images, log }),
    ),
  );
  const versions = await Promise.all(runtimes.map(checked));
  const capacity = { ...(await resourcesOf(plan.machine)), ...plan.capacity };
  const guard = new GuardClient({
    command: GUARD_COMMAND,
    directory: dataDir,
    facts: {
      bootId: readBootId(),
      workerId: nodeId,
      runtimes: plan.runtimes.map((kind) => ({ kind, directory: join(dataDir, kind) })),
    },
    log,
  });
  const metrics = new WorkerMetrics(packageFile.version);
  const host = new WorkerHost({
    store,
    guard,
    metrics,
    facts: {
      nodeId,
      name,
      address: plan.address,
      labels: plan.labels,
      runtimes: plan.runtimes,
      version: packageFile.version,
      capacity,
    },
    runtimes,
    manager: plan.manager,
    machine: plan.machine,
    settings: {
      portRange: [portRange.first, portRange.last],
      publishAddress: plan.publishAddress,
      allowedPaths: plan.allowedPaths,
    },
    onFatal,
    log,
  });
  const app = buildWorkerServer({ ...plan.http, service: host, metrics, logger: log });
  parts.defer(async () => app.close());
  const url = await listen(app, plan.listen, plan.portFlag);
  parts.defer(async () => host.close());
  await host.open(apiUrl(url, { listenHost: plan.listen.host, advertised: plan.address }));
  const opened = parts.move();
  return {
    url,
    service: host,
    capacity,
    runtimes: plan.runtimes.map((kind, index) => `${kind} ${versions[index] ?? ""}`.trimEnd()),
    close: async () => opened.disposeAsync(),
    async clear() {
      await Promise.all(runtimes.map(removeEverything));
    },
  };
}

async function identity(store: Store, claim: string | undefined): Promise<string> {
  try {
    return await workerIdentity(store, claim);
  } catch (error) {
    throw new CommandError(messageOf(error), { cause: error });
  }
}

async function checked(runtime: Runtime): Promise<string> {
  try {
    return await runtime.check();
  } catch (error) {
    throw new CommandError(`the ${runtime.kind} runtime cannot be used: ${messageOf(error)}`, { cause: error });
  }
}

async function resourcesOf(machine: MachineSource): Promise<Resources> {
  const { cores, memory, disk } = await machine.sample();
  return { cpu: cores, memory: memory.total, disk: disk.total };
}

async function removeEverything(runtime: Runtime): Promise<void> {
  for (const { ref } of await runtime.list()) await runtime.remove(ref);
}
