/**
 * `/tasks/{id}/exec`: a command inside a task, over a WebSocket (`api/exec-frames.ts`) that is joined to one of its
 * worker's. What cannot be had is refused before the connection is made, with a problem like any other.
 */
import type { FastifyInstance } from "fastify";
import type { WebSocket } from "ws";
import { noQuery, taskIdOf, taskNotFound, upgradeRequired } from "../../api/http/requests.ts";
import { problem, ProblemError } from "../../api/problems.ts";
import type { ManagerService } from "../service.ts";
import { bridge } from "../socket-bridge.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** The worker's end of an exec, until the client's is there. */
    execSocket: WebSocket | null;
  }
}

/** To be registered in a scope that speaks WebSocket. */
export function execRoutes(app: FastifyInstance, service: ManagerService): void {
  app.decorateRequest("execSocket", null);
  app.route<{ Params: { id: string } }>({
    method: "GET",
    url: "/tasks/:id/exec",
    exposeHeadRoute: false,
    config: { access: "exec" },
    async preHandler(request) {
      noQuery(request.query);
      const id = taskIdOf(request.params.id);
      if (request.headers.upgrade?.toLowerCase() !== "websocket") return;
      const gone = new AbortController();
      request.raw.once("close", () => gone.abort());
      const outcome = await service.exec(id, gone.signal);
      if (outcome.kind === "unknown") throw taskNotFound(id);
      if (outcome.kind === "unavailable") throw new ProblemError(problem("not_running", outcome.reason));
      request.log.info({ task: id, from: request.ip }, "a command is run inside a task");
      // Also of a client that is gone before the two are joined.
      request.raw.socket.once("close", () => outcome.socket.close(1001));
      request.execSocket = outcome.socket;
    },
    async handler() {
      throw upgradeRequired("this address speaks WebSocket, as birdman exec does");
    },
    wsHandler(socket, { execSocket }) {
      if (execSocket === null) socket.close(1011);
      else bridge(socket, execSocket);
    },
  });
}
