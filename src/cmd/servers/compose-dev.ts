/** A manager and workers in one process on loopback. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { ManagerService } from "../../manager/service.ts";
import type { Algorithm } from "../../scheduler/algorithm.ts";
import type { Store } from "../../store/store.ts";
import type { RuntimeKind } from "../../task/document.ts";
import { MachineSampler } from "../../stats/machine.ts";
import { startManager, type RunningManager } from "./compose-manager.ts";
import { startWorker, type RunningWorker, type WorkerPlan } from "./compose-worker.ts";
import { shareOf } from "./machine-share.ts";
import { serverAccess } from "./access.ts";
import { DEFAULT_IMAGE_SETTINGS, type SchedulingOptions } from "../server-options.ts";
import type { PortRange } from "../values.ts";

export interface DevPlan {
  readonly workers: number;
  readonly port: number;
  /** Of the first worker; the others have the next ones. 0: any that are free. */
  readonly workerPort: number;
  readonly algorithm: Algorithm;
  readonly costUse: SchedulingOptions["costUse"];
  readonly store: Store["kind"];
  readonly dataDir: string;
  readonly runtimes: readonly RuntimeKind[];
  readonly log: Logger;
  readonly onFatal: (error: unknown) => void;
}

export interface RunningDev {
  readonly manager: RunningManager;
  readonly workers: readonly RunningWorker[];
  /** Lets go of the tasks, which run on. */
  readonly close: () => Promise<void>;
  /** Ends all tasks and removes every trace of them. */
  readonly clear: () => Promise<void>;
}

const LOOPBACK = "127.0.0.1";
/** Shared by the workers, so that no two of them take the same port. */
const PORTS: PortRange = { first: 20_000, last: 31_999 };

/** Resolves once the manager and all workers answer. Rejects, with nothing left open, with an error that says what to change. */
export async function startDev(plan: DevPlan): Promise<RunningDev> {
  const { log, onFatal, dataDir, store, algorithm, costUse } = plan;
  await using parts = new AsyncDisposableStack();
  const listen = { host: LOOPBACK, port: plan.port };
  const manager = parts.adopt(
    await startManager({
      listen,
      http: serverAccess({ listen, access: {}, names: [], onTokenError: onFatal }),
      store,
      dataDir: join(dataDir, "manager"),
      algorithm,
      costUse,
      log: log.child({ part: "manager" }),
      onFatal,
    }),
    async ({ close }) => close(),
  );
  const workers: RunningWorker[] = [];
  const machine = shareOf(new MachineSampler(dataDir), plan.workers);
  for (let index = 0; index < plan.workers; index += 1) {
    workers.push(
      parts.adopt(
        await startWorker({ ...workerPlan(plan, index), manager: { url: manager.url }, machine }),
        async ({ close }) => close(),
      ),
    );
  }
  const opened = parts.move();
  return {
    manager,
    workers,
    close: async () => opened.disposeAsync(),
    async clear() {
      await stopAll(manager.service);
      await Promise.all(workers.map(async (worker) => worker.clear()));
    },
  };
}

function workerPlan(plan: DevPlan, index: number): Omit<WorkerPlan, "manager" | "machine"> {
  const { workers, workerPort, runtimes, dataDir, store, log, onFatal } = plan;
  const name = `worker${String(index + 1)}`;
  const directory = join(dataDir, name);
  const listen = { host: LOOPBACK, port: workerPort === 0 ? 0 : workerPort + index };
  return {
    name,
    address: LOOPBACK,
    publishAddress: LOOPBACK,
    portRange: slice(PORTS, index, workers),
    labels: {},
    capacity: {},
    runtimes,
    allowedPaths: [],
    images: DEFAULT_IMAGE_SETTINGS,
    store,
    dataDir: directory,
    claim: undefined,
    listen,
    portFlag: "--worker-port",
    http: serverAccess({ listen, access: {}, names: [], onTokenError: onFatal }),
    log: log.child({ part: name }),
    onFatal,
  };
}

function slice({ first, last }: PortRange, index: number, parts: number): PortRange {
  const size = Math.floor((last - first + 1) / parts);
  return { first: first + index * size, last: first + (index + 1) * size - 1 };
}

const LIVE = ["pending", "scheduled", "running"] as const;
const PAGE = 1000;
const ASK_AGAIN_MS = 50;

/** Asks for every live task to stop, and waits until all have. */
async function stopAll(service: ManagerService): Promise<void> {
  for (;;) {
    const pages = await Promise.all(LIVE.map(async (state) => service.tasks({ state, limit: PAGE })));
    const tasks = pages.flatMap(({ items }) => items);
    if (tasks.length === 0) return;
    const wanted = tasks.filter(({ task }) => task.desired === "run");
    await Promise.all(wanted.map(async ({ task }) => service.stop(task.id, "birdman dev is ending")));
    await sleep(ASK_AGAIN_MS);
  }
}
