/** The history as it happens, newest first, as much of it as a page can hold. */
import { useEffect, useState } from "react";
import type { EventJson } from "../../../../src/api/event-json.ts";
import type { EventFilter } from "../../../../src/client/client.ts";
import { followPersistently } from "../../app/persistently.ts";
import { useClient } from "../../live/live-context.tsx";

/** With how many of the newest it begins. */
const AT_FIRST = 500;
/** Older ones are let go. */
const MOST_EVENTS = 5000;
/** Events are shown together that come within this time. */
const GATHER_MS = 150;

export interface Events {
  readonly events: readonly EventJson[];
  readonly error: unknown;
}

/** `filter` by its values: a new object of the same is the same. */
export function useEvents({ kind, task, node }: EventFilter, isPaused: boolean): Events {
  const client = useClient();
  const [state, setState] = useState<Events>({ events: [], error: undefined });
  useEffect(() => {
    if (isPaused) return undefined;
    const stopped = new AbortController();
    let waiting: EventJson[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const flush = () => {
      timer = undefined;
      const fresh = waiting.reverse();
      waiting = [];
      setState(({ events }) => ({ events: [...fresh, ...events].slice(0, MOST_EVENTS), error: undefined }));
    };
    const follow = async () => {
      waiting = [];
      setState({ events: [], error: undefined });
      const filter = {
        limit: AT_FIRST,
        ...(kind === undefined ? {} : { kind }),
        ...(task === undefined ? {} : { task }),
        ...(node === undefined ? {} : { node }),
      };
      // What was read before the history was cut short is not worth less: it stays.
      for await (const event of client.events(filter, { signal: stopped.signal })) {
        waiting.push(event);
        timer ??= setTimeout(flush, GATHER_MS);
      }
    };
    followPersistently(follow, stopped.signal).catch((error: unknown) => {
      if (!stopped.signal.aborted) setState(({ events }) => ({ events, error }));
    });
    return () => {
      stopped.abort();
      clearTimeout(timer);
    };
  }, [client, kind, task, node, isPaused]);
  return state;
}
