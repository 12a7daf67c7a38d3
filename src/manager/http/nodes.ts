/** `/nodes`: the machines of the cluster, and what an operator does with them. */
import type { FastifyInstance } from "fastify";
import { Compile } from "typebox/compile";
import { sendArray } from "../../api/http/json-array.ts";
import { noQuery } from "../../api/http/requests.ts";
import { NodePatchSchema } from "../../api/node-json.ts";
import { problem, ProblemError } from "../../api/problems.ts";
import { schemaErrors } from "../../api/schema-errors.ts";
import { summary } from "../../api/submission.ts";
import type { ManagerService } from "../service.ts";
import { nodeJson } from "./views.ts";

interface ByName {
  Params: { name: string };
}

const patchValidator = Compile(NodePatchSchema);

export function nodeRoutes(app: FastifyInstance, service: ManagerService): void {
  const write = { config: { access: "write" } } as const;

  app.get("/nodes", async (request, reply) => {
    noQuery(request.query);
    return sendArray(reply, await service.nodes(), nodeJson);
  });

  app.get<ByName>("/nodes/:name", async ({ params: { name }, query }) => {
    noQuery(query);
    return nodeJson(found(await service.node(name), name));
  });

  app.patch<ByName>("/nodes/:name", write, async ({ params: { name }, body, query }) => {
    noQuery(query);
    if (!patchValidator.Check(body)) {
      const errors = schemaErrors(NodePatchSchema, body);
      throw new ProblemError(problem("invalid_body", summary(errors), errors));
    }
    return nodeJson(
      found(await service.setAvailability(name, { availability: body.availability, parallel: body.parallel }), name),
    );
  });

  app.delete<ByName>("/nodes/:name", write, async ({ params: { name }, query }, reply) => {
    noQuery(query);
    const outcome = found(await service.removeNode(name), name);
    if (outcome.kind === "removed") return reply.code(204).send();
    const seconds = String(Math.ceil(outcome.leasedMs / 1000));
    const detail =
      outcome.leasedMs === 0
        ? `the node ${name} is up: drain it and stop its worker first`
        : `the node ${name} may still run tasks that must not run twice (onDisconnect: stop): try again in ${seconds} s`;
    throw new ProblemError(problem("node_up", detail));
  });
}

function found<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new ProblemError(problem("node_not_found", `there is no node ${name.slice(0, 256)}`));
  return value;
}
