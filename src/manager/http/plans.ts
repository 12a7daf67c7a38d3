/** `/plans`: what if. Asks for `read` alone, since nothing comes of it. */
import type { FastifyInstance } from "fastify";
import { sendObject } from "../../api/http/json-array.ts";
import { idsTaken, noQuery } from "../../api/http/requests.ts";
import { SUBMISSION_BODY_LIMIT } from "../../api/http/server.ts";
import { below, readPlanRequest } from "../../api/plan-json.ts";
import { problem, ProblemError } from "../../api/problems.ts";
import { summary } from "../../api/submission.ts";
import type { ManagerService } from "../service.ts";
import { plansJson } from "./plan-views.ts";

export function planRoutes(app: FastifyInstance, service: ManagerService): void {
  app.post("/plans", { config: { access: "read" }, bodyLimit: SUBMISSION_BODY_LIMIT }, async (request, reply) => {
    noQuery(request.query);
    const reading = await readPlanRequest(request.body);
    if (reading.kind === "refused") throw new ProblemError(reading.problem);
    const gone = new AbortController();
    reply.raw.once("close", () => gone.abort());
    const outcome = await service.plan(reading, gone.signal);
    switch (outcome.kind) {
      case "planned":
        return sendObject(reply, plansJson(outcome));
      case "unknownNode":
        throw new ProblemError(problem("node_not_found", `there is no node ${outcome.name}`));
      case "unknownScheduler": {
        const message = `no scheduler "${outcome.name}": there are ${outcome.known.join(", ")}`;
        const errors = [{ path: "/schedulers", message }];
        throw new ProblemError(problem("invalid_body", summary(errors), errors));
      }
      case "idTaken":
        throw new ProblemError(below("/tasks", idsTaken({ ...reading, kind: "start" }, outcome.ids).problem));
      case "tooLarge":
        throw new ProblemError(problem("plan_too_large", outcome.detail));
    }
  });
}
