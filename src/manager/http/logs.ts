/** `/tasks/{id}/logs`: a task's output as plain text, pulled from its node no faster than the client reads it. */
import type { FastifyInstance } from "fastify";
import { OpenStreams } from "../../api/http/open-streams.ts";
import { queryOf, taskIdOf, taskNotFound } from "../../api/http/requests.ts";
import { problem, ProblemError } from "../../api/problems.ts";
import { readLogQuery } from "../../api/query.ts";
import type { ManagerService } from "../service.ts";

export function logRoutes(app: FastifyInstance, service: ManagerService): void {
  const streams = new OpenStreams(app);

  // HEAD would have to open the stream to say nothing of it.
  app.get<{ Params: { id: string } }>("/tasks/:id/logs", { exposeHeadRoute: false }, async (request, reply) => {
    const options = queryOf(readLogQuery(request.query, Date.now()));
    const id = taskIdOf(request.params.id);
    const signal = streams.begin(reply);
    const outcome = await service.logs(id, options, signal);
    if (outcome.kind === "unknown") throw taskNotFound(id);
    if (outcome.kind === "unavailable") throw new ProblemError(problem("no_output", outcome.reason));
    const { output } = outcome;
    signal.addEventListener("abort", () => output.destroy(), { once: true });
    if (outcome.missing !== undefined) reply.header("birdman-missing", encodeURI(outcome.missing));
    return reply.type("text/plain; charset=utf-8").send(output);
  });
}
