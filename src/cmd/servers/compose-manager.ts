/** Puts a manager together: store, scheduler, host and HTTP server. */
import type { Logger } from "pino";
import packageFile from "../../../package.json" with { type: "json" };
import type { HttpServerOptions } from "../../api/http/server.ts";
import { buildManagerServer } from "../../manager/http/server.ts";
import { ManagerMetrics } from "../../manager/metrics/manager-metrics.ts";
import { ManagerHost, type ManagerHostOptions } from "../../manager/manager-host.ts";
import type { ManagerService } from "../../manager/service.ts";
import type { Algorithm } from "../../scheduler/algorithm.ts";
import { createScheduler } from "../../scheduler/create-scheduler.ts";
import type { Scheduler } from "../../scheduler/scheduler.ts";
import { BackupSocket } from "./backup-socket.ts";
import { dashboardFiles } from "./dashboard-files.ts";
import { listen } from "./listen.ts";
import { openStore } from "./open-store.ts";
import type { ListenOptions, SchedulingOptions, StoreOptions } from "../server-options.ts";
import { swaggerUiFiles } from "./swagger-ui.ts";

export interface ManagerPlan {
  readonly listen: ListenOptions;
  readonly http: Pick<HttpServerOptions, "access" | "tls">;
  readonly store: StoreOptions["store"];
  /** Where a persistent store is kept. */
  readonly dataDir: string;
  readonly algorithm: Algorithm;
  readonly costUse: SchedulingOptions["costUse"];
  readonly settings?: ManagerHostOptions["settings"];
  readonly retention?: ManagerHostOptions["retention"];
  readonly log: Logger;
  /** It cannot go on; to be closed. */
  readonly onFatal: (error: unknown) => void;
}

export interface RunningManager {
  readonly url: string;
  readonly service: ManagerService;
  /** Commits what is under way and lets go of the workers; their tasks run on. */
  readonly close: () => Promise<void>;
}

/** Resolves once it answers requests. Rejects, with nothing left open, with an error that says what to change. */
export async function startManager(plan: ManagerPlan): Promise<RunningManager> {
  const { algorithm, costUse, settings = {}, retention, log, onFatal } = plan;
  await using parts = new AsyncDisposableStack();
  const { store } = parts.adopt(openStore(plan.store, plan.dataDir, "manager"), (opened) => opened.close());
  if ("copyTo" in store) parts.use(new BackupSocket({ directory: plan.dataDir, store, log }));
  const newScheduler = (other = algorithm): Scheduler => createScheduler(other, { costUse });
  const metrics = new ManagerMetrics(packageFile.version);
  const host = new ManagerHost({ store, newScheduler, settings, retention, metrics, onFatal, log });
  const sockets = {
    session: host.openSession.bind(host),
    stream: host.openStream.bind(host),
  };
  const app = buildManagerServer({
    ...plan.http,
    service: host,
    sockets,
    metrics,
    logger: log,
    dashboard: dashboardFiles(),
    swaggerUi: swaggerUiFiles(),
  });
  parts.defer(async () => app.close());
  const url = await listen(app, plan.listen);
  parts.defer(async () => host.close());
  await host.open();
  const opened = parts.move();
  return { url, service: host, close: async () => opened.disposeAsync() };
}
