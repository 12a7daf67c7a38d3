/** Reading server-sent events (WHATWG HTML, section 9.2) off a response, one connection at a time. */
import { createParser, type EventSourceMessage } from "eventsource-parser";

/** The events of a body as they come; ends with it. A body that is no event stream has none. */
export async function* serverSentEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<EventSourceMessage> {
  const decoder = new TextDecoder();
  let parsed: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => parsed.push(event) });
  for await (const chunk of body) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    const events = parsed;
    parsed = [];
    yield* events;
  }
}
