/** From a body that was read to the answer of the service: what `POST /tasks` and `POST /classic/tasks` share. */
import type { FastifyRequest } from "fastify";
import { idsTaken, taskNotFound } from "../../api/http/requests.ts";
import type { Submitted } from "../../api/http/submitted.ts";
import { problem, ProblemError } from "../../api/problems.ts";
import type { SubmissionReading } from "../../api/submission.ts";
import type { IdempotencyKey, ManagerService, TaskView } from "../service.ts";

/** What people read as the reason of a task that somebody stopped. */
export const STOP_CAUSE = "stopped on request";

/** Throws a ProblemError when the body is refused, by what it says or by the service. */
export async function submit(
  service: ManagerService,
  reading: SubmissionReading,
  request: FastifyRequest,
): Promise<Submitted<TaskView>> {
  switch (reading.kind) {
    case "refused":
      throw new ProblemError(reading.problem);
    case "stop": {
      const view = await service.stop(reading.id, STOP_CAUSE);
      if (view === undefined) throw taskNotFound(reading.id);
      return { tasks: [view], isList: false };
    }
    case "start": {
      const { documents, isList } = reading;
      const idempotency = idempotencyOf(request);
      const outcome = await service.submit({ documents, ...(idempotency === undefined ? {} : { idempotency }) });
      if (outcome.kind === "accepted") return { tasks: outcome.tasks, isList };
      if (outcome.kind === "idempotencyMismatch") {
        throw idempotencyMismatch();
      }
      throw idsTaken(reading, outcome.ids);
    }
  }
}

export function idempotencyMismatch(): ProblemError {
  return new ProblemError(problem("idempotency_mismatch", "the Idempotency-Key came before with another request"));
}

/** 1 to 255 visible characters, as the IETF draft on the Idempotency-Key header has them in practice. */
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

/** The digest covers the body, and what the request is about where it has none. */
export function idempotencyOf(request: FastifyRequest): IdempotencyKey | undefined {
  const key = request.headers["idempotency-key"];
  if (key === undefined) return undefined;
  if (typeof key === "string" && IDEMPOTENCY_KEY.test(key)) return { key, digest: request.bodyDigest ?? request.url };
  throw new ProblemError(problem("invalid_header", "Idempotency-Key: must be 1 to 255 visible ASCII characters"));
}
