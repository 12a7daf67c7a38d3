/** `/events`: the history of the cluster, as a list or as a stream that goes on where it was cut off. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { eventJson } from "../../api/event-json.ts";
import { eventFrame, QUIET_FRAME, QUIET_MS, sendEventStream } from "../../api/http/event-stream.ts";
import { sendArray } from "../../api/http/json-array.ts";
import { OpenStreams } from "../../api/http/open-streams.ts";
import { nextPage, queryOf } from "../../api/http/requests.ts";
import { problem, ProblemError } from "../../api/problems.ts";
import { readEventQuery } from "../../api/query.ts";
import type { HistoryEvent } from "../../task/history.ts";
import type { EventNews } from "../history.ts";
import type { ManagerService } from "../service.ts";

export function eventRoutes(app: FastifyInstance, service: ManagerService): void {
  const streams = new OpenStreams(app);

  // HEAD would have to open the stream to say nothing of it.
  app.get("/events", { exposeHeadRoute: false }, async (request, reply) => {
    const { follow, ...asked } = queryOf(readEventQuery(request.query, Date.now()));
    const after = lastEventId(request) ?? asked.after;
    const query = after === undefined ? asked : { ...asked, after };
    if (follow) {
      const signal = streams.begin(reply);
      return sendEventStream(reply, frames(service.followEvents(query, signal, QUIET_MS)), signal);
    }
    const { events, last } = await service.events(query);
    if (after !== undefined && events.length === query.limit)
      reply.header("link", nextPage(request.url, "after", String(last)));
    return sendArray(reply, events, eventJson);
  });
}

/** Of a stream that was cut off: the number of the newest event that was read. */
function lastEventId({ headers }: FastifyRequest): number | undefined {
  const text = headers["last-event-id"];
  if (text === undefined || text === "") return undefined;
  if (typeof text === "string" && /^\d{1,15}$/.test(text)) return Number(text);
  throw new ProblemError(problem("invalid_header", "Last-Event-ID must be the id of an event of this stream"));
}

async function* frames(news: AsyncIterable<EventNews>): AsyncGenerator<string | Uint8Array> {
  for await (const each of news) {
    switch (each.kind) {
      case "events":
        yield framesOf(each.events);
        break;
      case "reset":
        yield eventFrame({ event: "reset", id: each.last, data: { seq: each.last } });
        break;
      case "quiet":
        yield QUIET_FRAME;
        break;
    }
  }
}

/** Many streams send the same page. */
const written = new WeakMap<readonly HistoryEvent[], Uint8Array>();

function framesOf(events: readonly HistoryEvent[]): Uint8Array {
  const known = written.get(events);
  if (known !== undefined) return known;
  const bytes = Buffer.from(events.map((event) => eventFrame({ id: event.seq, data: eventJson(event) })).join(""));
  written.set(events, bytes);
  return bytes;
}
