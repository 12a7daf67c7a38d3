/** Where workers dial in: their session, and one connection for each stream that the manager asked them for. */
import type { FastifyInstance } from "fastify";
import type { WebSocket } from "ws";
import { upgradeRequired } from "../../api/http/requests.ts";

/** Handlers attach their listeners before they return. */
export interface NodeSockets {
  session(socket: WebSocket): void;
  /** `id` is the `stream` of a StreamRequest, as the worker gave it. */
  stream(id: string, socket: WebSocket): void;
}

/** To be called in a scope that speaks WebSocket. */
export function nodeSocketRoutes(scope: FastifyInstance, sockets: NodeSockets): void {
  const shared = {
    method: "GET",
    exposeHeadRoute: false,
    config: { access: "node" },
    handler: async () => {
      throw upgradeRequired("this address is for workers, which speak WebSocket");
    },
  } as const;
  scope.route({
    ...shared,
    url: "/node/session",
    wsHandler: (socket) => {
      sockets.session(socket);
    },
  });
  scope.route<{ Params: { stream: string } }>({
    ...shared,
    url: "/node/streams/:stream",
    wsHandler: (socket, request) => {
      sockets.stream(request.params.stream, socket);
    },
  });
}
