/** `/brake`: what holds the manager back while too many nodes are silent together, and how an operator takes it off. */
import type { FastifyInstance } from "fastify";
import { noQuery } from "../../api/http/requests.ts";
import type { ManagerService } from "../service.ts";

export function brakeRoutes(app: FastifyInstance, service: ManagerService): void {
  app.delete("/brake", { config: { access: "write" } }, async ({ query }, reply) => {
    noQuery(query);
    await service.releaseBrake();
    return reply.code(204).send();
  });
}
