/** `/classic`: the wire format of Cube, so that its own command line works here. */
import type { FastifyInstance, FastifyReply } from "fastify";
import { classicNode, classicTask } from "../../api/classic.ts";
import type { ClassicError } from "../../api/classic-json.ts";
import { type ErrorMapping, failureOf, readOn } from "../../api/http/errors.ts";
import { sendArray, sendPages } from "../../api/http/json-array.ts";
import { SUBMISSION_BODY_LIMIT } from "../../api/http/server.ts";
import { PAGE_LIMIT } from "../../api/query.ts";
import { readEventBody } from "../../api/submission.ts";
import { parseTaskId } from "../../task/id.ts";
import type { ManagerService, TaskView } from "../service.ts";
import { STOP_CAUSE, submit } from "./submit.ts";

export function classicRoutes(app: FastifyInstance, service: ManagerService, errors: ErrorMapping): void {
  const write = { config: { access: "write" } } as const;
  const toClassic = ({ task }: TaskView) => classicTask(task);

  app.setErrorHandler((error, request, reply) => {
    const { problem, headers } = failureOf(error, request, errors);
    readOn(reply);
    reply.headers(headers);
    if (problem.status === 404) return reply.code(404).send();
    // Cube knows one answer to a body that it does not like.
    const status = problem.status === 422 ? 400 : problem.status;
    return reply.code(status).send({ HTTPStatusCode: status, Message: problem.detail } satisfies ClassicError);
  });

  app.post("/tasks", { ...write, bodyLimit: SUBMISSION_BODY_LIMIT }, async (request, reply) => {
    const { tasks } = await submit(service, readEventBody(request.body), request);
    return reply.code(201).send(tasks.map(toClassic)[0]);
  });

  app.get("/tasks", async (_request, reply) => sendPages(reply, await pagesOf(service), toClassic));

  app.delete<{ Params: { id: string } }>("/tasks/:id", write, async ({ params }, reply) => {
    const id = parseTaskId(params.id);
    const view = id === undefined ? undefined : await service.stop(id, STOP_CAUSE);
    return answerEmpty(reply, view === undefined ? 404 : 204);
  });

  app.get("/nodes", async (_request, reply) => sendArray(reply, await service.nodes(), classicNode));
}

function answerEmpty(reply: FastifyReply, status: 204 | 404): FastifyReply {
  return reply.code(status).send();
}

/** All tasks, page by page; the first is fetched at once, so that a failure still has a status of its own. */
async function pagesOf(service: ManagerService): Promise<AsyncIterable<readonly TaskView[]>> {
  const first = await service.tasks({ limit: PAGE_LIMIT });
  return (async function* () {
    let page = first;
    for (;;) {
      yield page.items;
      if (page.next === undefined) return;
      page = await service.tasks({ limit: PAGE_LIMIT, cursor: page.next });
    }
  })();
}
