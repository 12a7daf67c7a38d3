/** `/live`: the whole cluster and then what changes, for the dashboard. */
import type { FastifyInstance } from "fastify";
import { sendEventStream } from "../../api/http/event-stream.ts";
import { OpenStreams } from "../../api/http/open-streams.ts";
import { noQuery } from "../../api/http/requests.ts";
import type { ManagerService } from "../service.ts";

export function liveRoutes(app: FastifyInstance, service: ManagerService): void {
  const streams = new OpenStreams(app);

  // HEAD would have to open the stream to say nothing of it.
  app.get("/live", { exposeHeadRoute: false }, async (request, reply) => {
    noQuery(request.query);
    const signal = streams.begin(reply);
    return sendEventStream(reply, service.live(signal), signal);
  });
}
