/** Where workers dial in: their session, and one connection for each stream that the manager asked them for. */
import websocket from "@fastify/websocket";
import type { FastifyInstance } from "fastify";
import type { WebSocket } from "ws";
import { problem, ProblemError } from "../../api/problems.ts";

/** Handlers attach their listeners before they return. */
export interface NodeSockets {
  session(socket: WebSocket): void;
  /** `id` is the `stream` of a StreamRequest, as the worker gave it. */
  stream(id: string, socket: WebSocket): void;
}

/** The largest message: what one batch of 100,000 tasks comes to. */
const MAX_MESSAGE_BYTES = 64 * 2 ** 20;

/** To be called after all other routes: the plugin would open a connection to any route that comes after it. */
export function nodeSocketRoutes(app: FastifyInstance, sockets: NodeSockets): void {
  app.register(websocket, { options: { perMessageDeflate: false, maxPayload: MAX_MESSAGE_BYTES } });
  // An upgrade that was refused has been answered over the bare socket, which nobody else would close.
  app.addHook("onResponse", async (request, reply) => {
    if (request.headers.upgrade !== undefined) reply.raw.socket?.destroySoon();
  });
  const shared = {
    method: "GET",
    exposeHeadRoute: false,
    config: { access: "node" },
    handler: refusePlainHttp,
  } as const;
  app.register(async (scope) => {
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
  });
}

async function refusePlainHttp(): Promise<never> {
  const headers = { upgrade: "websocket", connection: "upgrade" };
  throw new ProblemError(problem("upgrade_required", "this address is for workers, which speak WebSocket"), headers);
}
