/** `GET /metrics` of the manager. */
import type { FastifyInstance } from "fastify";
import { metricsRoutes } from "../../api/http/metrics.ts";
import type { ManagerMetrics } from "../metrics/manager-metrics.ts";
import type { ManagerService } from "../service.ts";

export function managerMetricsRoutes(app: FastifyInstance, service: ManagerService, metrics: ManagerMetrics): void {
  const { registry } = metrics;
  metricsRoutes(app, { registry, refresh: async () => metrics.show(await service.snapshot()) });
}
