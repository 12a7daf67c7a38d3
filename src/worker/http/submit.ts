/** `POST /tasks` at a worker: the same body as at the manager, run here. */
import type { FastifyRequest } from "fastify";
import { idsTaken, taskNotFound } from "../../api/http/requests.ts";
import type { Submitted } from "../../api/http/submitted.ts";
import { problem, ProblemError } from "../../api/problems.ts";
import { readSubmission } from "../../api/submission.ts";
import type { LocalTaskView, WorkerService } from "../service.ts";

/** Throws a ProblemError when the body is refused, by what it says or by the worker. */
export async function submit(service: WorkerService, request: FastifyRequest): Promise<Submitted<LocalTaskView>> {
  if (request.headers["idempotency-key"] !== undefined) {
    const detail = "a worker keeps no Idempotency-Key: give the task an id, which is accepted once";
    throw new ProblemError(problem("invalid_header", detail));
  }
  const reading = await readSubmission(request.body);
  switch (reading.kind) {
    case "refused":
      throw new ProblemError(reading.problem);
    case "stop": {
      const view = await service.stop(reading.id);
      if (view === undefined) throw taskNotFound(reading.id);
      return { tasks: [view], isList: false };
    }
    case "start": {
      const outcome = await service.submit(reading.documents);
      if (outcome.kind === "accepted") return { tasks: outcome.tasks, isList: reading.isList };
      if (outcome.kind === "refused") throw new ProblemError(problem("worker_refused", outcome.reason));
      throw idsTaken(reading, outcome.ids);
    }
  }
}
