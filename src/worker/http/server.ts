/** The worker's own HTTP server, apart from listening. It works with and without a manager. */
import type { FastifyInstance } from "fastify";
import { sendArray } from "../../api/http/json-array.ts";
import { metricsRoutes } from "../../api/http/metrics.ts";
import { noQuery, taskIdOf, taskNotFound } from "../../api/http/requests.ts";
import { createHttpServer, type HttpServerOptions, SUBMISSION_BODY_LIMIT } from "../../api/http/server.ts";
import { problem, type Problem } from "../../api/problems.ts";
import { sendSubmitted } from "../../api/http/submitted.ts";
import { taskJson } from "../../api/task-json.ts";
import { StoreError } from "../../store/store.ts";
import type { WorkerMetrics } from "../metrics/worker-metrics.ts";
import type { LocalTaskView, WorkerService } from "../service.ts";
import { submit } from "./submit.ts";
import { workerStatsJson } from "./views.ts";

export interface WorkerServerOptions extends HttpServerOptions {
  readonly service: WorkerService;
  /** Of the service; absent in tests that have none. */
  readonly metrics?: WorkerMetrics | undefined;
}

interface ById {
  Params: { id: string };
}

export function buildWorkerServer(options: WorkerServerOptions): FastifyInstance {
  const { service, metrics } = options;
  const app = createHttpServer(options, { isReady: () => true, errors: storeProblem });
  const write = { config: { access: "write" } } as const;
  const toJson = ({ task, used }: LocalTaskView) => taskJson({ task, used, nodeName: service.nodeName });

  app.get("/stats", async ({ query }) => {
    noQuery(query);
    return workerStatsJson(await service.stats());
  });

  app.get("/tasks", async ({ query }, reply) => {
    noQuery(query);
    return sendArray(reply, await service.tasks(), toJson);
  });

  app.post("/tasks", { ...write, bodyLimit: SUBMISSION_BODY_LIMIT }, async (request, reply) => {
    noQuery(request.query);
    return sendSubmitted(request, reply, { ...(await submit(service, request)), toJson });
  });

  app.get<ById>("/tasks/:id", async ({ params, query }) => {
    noQuery(query);
    const view = await service.task(taskIdOf(params.id));
    if (view === undefined) throw taskNotFound(params.id);
    return toJson(view);
  });

  app.delete<ById>("/tasks/:id", write, async ({ params, query }, reply) => {
    noQuery(query);
    const view = await service.stop(taskIdOf(params.id));
    if (view === undefined) throw taskNotFound(params.id);
    return reply.code(204).send();
  });

  if (metrics !== undefined) {
    const { registry } = metrics;
    metricsRoutes(app, { registry, refresh: async () => metrics.show(await service.snapshot()) });
  }

  app.get("/healthz", { config: { access: "open", whileStarting: true } }, async () => ({ status: "ok" }));
  return app;
}

function storeProblem(error: unknown): Problem | undefined {
  if (!(error instanceof StoreError)) return undefined;
  return problem(error.code === "full" ? "store_full" : "unavailable", error.message);
}
