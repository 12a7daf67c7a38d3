/** The manager's HTTP server, apart from listening: `listen` is the caller's, and tests use `inject`. */
import type { FastifyInstance } from "fastify";
import { createHttpServer, type HttpServerOptions } from "../../api/http/server.ts";
import { problem, type Problem } from "../../api/problems.ts";
import { type ManagerService, ServiceError } from "../service.ts";
import { classicRoutes } from "./classic.ts";
import { frontPageRoutes } from "./front-page.ts";
import { logRoutes } from "./logs.ts";
import { brakeRoutes } from "./brake.ts";
import { nodeRoutes } from "./nodes.ts";
import { type NodeSockets, nodeSocketRoutes } from "./node-sockets.ts";
import { planRoutes } from "./plans.ts";
import { statusRoutes } from "./status.ts";
import { taskRoutes } from "./tasks.ts";

export interface ManagerServerOptions extends HttpServerOptions {
  readonly service: ManagerService;
  /** Who answers workers; absent in tests that have none. */
  readonly sockets?: NodeSockets | undefined;
}

export function buildManagerServer(options: ManagerServerOptions): FastifyInstance {
  const { service, sockets } = options;
  const app = createHttpServer(options, { isReady: () => service.ready(), errors: serviceProblem });
  taskRoutes(app, service);
  logRoutes(app, service);
  nodeRoutes(app, service);
  brakeRoutes(app, service);
  planRoutes(app, service);
  statusRoutes(app, service);
  frontPageRoutes(app);
  app.register(async (scope) => classicRoutes(scope, service, serviceProblem), { prefix: "/classic" });
  if (sockets !== undefined) nodeSocketRoutes(app, sockets);
  return app;
}

function serviceProblem(error: unknown): Problem | undefined {
  return error instanceof ServiceError ? problem(error.code, error.message) : undefined;
}
