/** `/tasks`: submitting, listing, stopping, restarting, and why a task is where it is. */
import type { FastifyInstance } from "fastify";
import { eventJson } from "../../api/event-json.ts";
import { sendArray } from "../../api/http/json-array.ts";
import { nextPage, noQuery, queryOf, taskIdOf, taskNotFound } from "../../api/http/requests.ts";
import { SUBMISSION_BODY_LIMIT } from "../../api/http/server.ts";
import { sendSubmitted } from "../../api/http/submitted.ts";
import { placementJson } from "../../api/placement-json.ts";
import { problem, ProblemError } from "../../api/problems.ts";
import { readTaskQuery } from "../../api/query.ts";
import { readSubmission } from "../../api/submission.ts";
import { taskJson } from "../../api/task-json.ts";
import type { ManagerService } from "../service.ts";
import { idempotencyMismatch, idempotencyOf, STOP_CAUSE, submit } from "./submit.ts";

interface ById {
  Params: { id: string };
}

export function taskRoutes(app: FastifyInstance, service: ManagerService): void {
  const write = { config: { access: "write" } } as const;

  app.post("/tasks", { ...write, bodyLimit: SUBMISSION_BODY_LIMIT }, async (request, reply) => {
    noQuery(request.query);
    const submitted = await submit(service, await readSubmission(request.body), request);
    return sendSubmitted(request, reply, { ...submitted, toJson: taskJson });
  });

  app.get("/tasks", async (request, reply) => {
    const query = queryOf(readTaskQuery(request.query));
    const { items, next } = await service.tasks(query);
    if (next !== undefined) reply.header("link", nextPage(request.url, "cursor", next));
    return sendArray(reply, items, taskJson);
  });

  app.get<ById>("/tasks/:id", async ({ params, query }) => {
    noQuery(query);
    return taskJson(found(await service.task(taskIdOf(params.id)), params));
  });

  app.delete<ById>("/tasks/:id", write, async ({ params, query }, reply) => {
    noQuery(query);
    found(await service.stop(taskIdOf(params.id), STOP_CAUSE), params);
    return reply.code(204).send();
  });

  app.post<ById>("/tasks/:id/restart", write, async (request, reply) => {
    const { params, query } = request;
    noQuery(query);
    const outcome = found(await service.restart(taskIdOf(params.id), idempotencyOf(request)), params);
    if (outcome.kind === "idempotencyMismatch") throw idempotencyMismatch();
    if (outcome.kind === "ended") {
      const { state } = outcome.task.task;
      throw new ProblemError(problem("task_ended", `the task has ${state} and does not run again; submit a new one`));
    }
    return reply.code(202).header("location", `/tasks/${outcome.task.task.id}`).send(taskJson(outcome.task));
  });

  app.get<ById>("/tasks/:id/events", async ({ params, query }, reply) => {
    noQuery(query);
    return sendArray(reply, found(await service.taskEvents(taskIdOf(params.id)), params), eventJson);
  });

  app.get<ById>("/tasks/:id/placement", async ({ params, query }) => {
    noQuery(query);
    const id = taskIdOf(params.id);
    return placementJson(id, found(await service.placement(id), params));
  });
}

function found<T>(value: T | undefined, { id }: ById["Params"]): T {
  if (value === undefined) throw taskNotFound(id);
  return value;
}
