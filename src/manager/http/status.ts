/** How the manager is: totals, liveness, readiness. */
import type { FastifyInstance } from "fastify";
import { noQuery } from "../../api/http/requests.ts";
import { problem, ProblemError } from "../../api/problems.ts";
import type { ManagerService } from "../service.ts";
import { clusterStatsJson } from "./views.ts";

export function statusRoutes(app: FastifyInstance, service: ManagerService): void {
  app.get("/stats", async ({ query }) => {
    noQuery(query);
    return clusterStatsJson(await service.stats());
  });

  // Whoever asks whether the server is up (a supervisor, a load balancer) has no token, and learns nothing else.
  const open = { config: { access: "open", whileStarting: true } } as const;

  app.get("/healthz", open, async () => ({ status: "ok" }));

  app.get("/readyz", open, async () => {
    if (service.ready()) return { status: "ready" };
    throw new ProblemError(problem("unavailable", "the store is still being read"), { "retry-after": "1" });
  });
}
