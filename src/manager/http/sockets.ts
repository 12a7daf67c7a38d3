/** The addresses that speak WebSocket: workers dial in there, and commands are run inside tasks. */
import websocket from "@fastify/websocket";
import type { FastifyInstance } from "fastify";
import type { ManagerService } from "../service.ts";
import { execRoutes } from "./exec.ts";
import { type NodeSockets, nodeSocketRoutes } from "./node-sockets.ts";

/** The largest message: what one batch of 100,000 tasks comes to. */
const MAX_MESSAGE_BYTES = 64 * 2 ** 20;

/** To be called after all other routes: the plugin would open a connection to any route that comes after it. */
export function socketRoutes(app: FastifyInstance, service: ManagerService, sockets: NodeSockets | undefined): void {
  app.register(websocket, { options: { perMessageDeflate: false, maxPayload: MAX_MESSAGE_BYTES } });
  // An upgrade that was refused has been answered over the bare socket, which nobody else would close.
  app.addHook("onResponse", async (request, reply) => {
    if (request.headers.upgrade !== undefined) reply.raw.socket?.destroySoon();
  });
  app.register(async (scope) => {
    execRoutes(scope, service);
    if (sockets !== undefined) nodeSocketRoutes(scope, sockets);
  });
}
