/** `/tasks/{id}/logs`: a task's output as plain text, pulled from its node no faster than the client reads it. */
import { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import { queryOf, taskIdOf, taskNotFound } from "../../api/http/requests.ts";
import { problem, ProblemError } from "../../api/problems.ts";
import { readLogQuery } from "../../api/query.ts";
import type { ManagerService } from "../service.ts";

export function logRoutes(app: FastifyInstance, service: ManagerService): void {
  const open = new Set<AbortController>();
  app.addHook("preClose", async () => {
    for (const controller of open) controller.abort();
  });

  // HEAD would have to open the stream to say nothing of it.
  app.get<{ Params: { id: string } }>("/tasks/:id/logs", { exposeHeadRoute: false }, async (request, reply) => {
    const options = queryOf(readLogQuery(request.query, Date.now()));
    const id = taskIdOf(request.params.id);
    const controller = new AbortController();
    open.add(controller);
    reply.raw.once("close", () => {
      open.delete(controller);
      controller.abort();
    });
    const outcome = await service.logs(id, options, controller.signal);
    if (outcome.kind === "unknown") throw taskNotFound(id);
    if (outcome.kind === "unavailable") throw new ProblemError(problem("no_output", outcome.reason));
    const body = Readable.from(outcome.stream.chunks, { objectMode: false });
    controller.signal.addEventListener("abort", () => body.destroy(), { once: true });
    reply.type("text/plain; charset=utf-8");
    // Whoever follows a silent task is to know at once that it is there.
    reply.raw.once("pipe", () => reply.raw.flushHeaders());
    return reply.send(body);
  });
}
