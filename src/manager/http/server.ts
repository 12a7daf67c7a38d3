/** The manager's HTTP server, apart from listening: `listen` is the caller's, and tests use `inject`. */
import type { FastifyInstance } from "fastify";
import { createHttpServer, type HttpServerOptions } from "../../api/http/server.ts";
import { problem, type Problem } from "../../api/problems.ts";
import { type ManagerService, ServiceError } from "../service.ts";
import type { ManagerMetrics } from "../metrics/manager-metrics.ts";
import { classicRoutes } from "./classic.ts";
import { discoveryRoutes } from "./discovery.ts";
import { eventRoutes } from "./events.ts";
import { dashboardRoutes } from "./dashboard.ts";
import { liveRoutes } from "./live.ts";
import { logRoutes } from "./logs.ts";
import { brakeRoutes } from "./brake.ts";
import { managerMetricsRoutes } from "./metrics.ts";
import { nodeRoutes } from "./nodes.ts";
import type { NodeSockets } from "./node-sockets.ts";
import { openApiRoutes } from "./openapi.ts";
import { planRoutes } from "./plans.ts";
import { socketRoutes } from "./sockets.ts";
import { statusRoutes } from "./status.ts";
import { taskRoutes } from "./tasks.ts";

export interface ManagerServerOptions extends HttpServerOptions {
  readonly service: ManagerService;
  /** Who answers workers; absent in tests that have none. */
  readonly sockets?: NodeSockets | undefined;
  /** Of the service; absent in tests that have none. */
  readonly metrics?: ManagerMetrics | undefined;
  /** The folder with the dashboard's files; absent: a page in its place says that it is not built. */
  readonly dashboard?: string | undefined;
  /** The folder with the files of the page that shows the API; absent: there is no such page. */
  readonly swaggerUi?: string | undefined;
}

export function buildManagerServer(options: ManagerServerOptions): FastifyInstance {
  const { service, sockets, metrics } = options;
  const app = createHttpServer(options, { isReady: () => service.ready(), errors: serviceProblem });
  taskRoutes(app, service);
  eventRoutes(app, service);
  liveRoutes(app, service);
  logRoutes(app, service);
  nodeRoutes(app, service);
  brakeRoutes(app, service);
  planRoutes(app, service);
  statusRoutes(app, service);
  if (metrics !== undefined) managerMetricsRoutes(app, service, metrics);
  discoveryRoutes(app, service, options.access.listenHost);
  dashboardRoutes(app, options.dashboard);
  openApiRoutes(app, options.swaggerUi);
  app.register(async (scope) => classicRoutes(scope, service, serviceProblem), { prefix: "/classic" });
  socketRoutes(app, service, sockets);
  return app;
}

function serviceProblem(error: unknown): Problem | undefined {
  return error instanceof ServiceError ? problem(error.code, error.message) : undefined;
}
