/** A list of events that grows while one looks, newest first. */
import { useQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useRef, useState } from "react";
import { Link } from "wouter";
import type { EventJson } from "../../../../src/api/event-json.ts";
import type { EventFilter } from "../../../../src/client/client.ts";
import { nodeHref, taskHref } from "../../app/pages.ts";
import { EmptyState } from "../../components/empty-state.tsx";
import { counted, shortId } from "../../components/format.ts";
import { Icon } from "../../components/icon.tsx";
import { Clock } from "../../components/moment.tsx";
import { messageOf } from "../../components/toasts.tsx";
import { useClient, useTask } from "../../live/live-context.tsx";
import { useEvents } from "./use-events.ts";
import "./event-feed.css";

interface EventFeedProps {
  readonly filter: EventFilter;
  /** Fills its parent; else it grows to a height and scrolls then. */
  readonly fills?: boolean;
  /** Whether they are all of one thing, which need not be named. */
  readonly isOfOne?: boolean;
  /** Which of them are shown; all, without it. */
  readonly test?: (event: EventJson) => boolean;
}

const ROW_PX = 34;
const OVERSCAN = 10;

export function EventFeed({ filter, fills = false, isOfOne = false, test }: EventFeedProps) {
  const [isPaused, setPaused] = useState(false);
  const { events: all, error } = useEvents(filter, isPaused);
  const events = test === undefined ? all : all.filter(test);
  return (
    <div className={`feed ${fills ? "" : "capped"} ${isOfOne ? "without-subject" : ""}`}>
      {events.length === 0 ? (
        <EmptyState title={error === undefined ? "Nothing yet" : "No events to be had"}>
          {error === undefined ? "What happens from now on appears here." : messageOf(error)}
        </EmptyState>
      ) : (
        <EventRows events={events} />
      )}
      <div className="feed-foot">
        <button type="button" className="button quiet small" onClick={() => setPaused(!isPaused)}>
          <Icon name={isPaused ? "play" : "pause"} />
          {isPaused ? "Go on" : "Pause"}
        </button>
        <span>
          {counted(events.length, "event")}
          {isPaused ? ", paused" : ", newest first"}
        </span>
      </div>
    </div>
  );
}

function EventRows({ events }: { readonly events: readonly EventJson[] }) {
  const scroll = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: events.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
    getItemKey: (index) => events[index]?.seq ?? index,
  });
  return (
    <div className="feed-scroll" ref={scroll} tabIndex={0} role="region" aria-label="Newest events">
      <ol style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ index, key, start }) => {
          const event = events[index];
          if (event === undefined) return null;
          return (
            <li
              key={key}
              className="event"
              data-index={index}
              ref={virtualizer.measureElement}
              style={{ transform: `translateY(${String(start)}px)` }}
            >
              <span className="muted">
                <Clock at={event.at} />
              </span>
              <span className="event-subject">{subjectOf(event)}</span>
              <span className="event-change">{changeOf(event)}</span>
              <span className="event-why">{event.reason}</span>
            </li>
          );
        })}
      </ol>
    </div>
  );
}

function subjectOf({ kind, task, node }: EventJson): ReactNode {
  if (task !== null) return <TaskName id={task} />;
  if (node !== null) return <Link href={nodeHref(node)}>{node}</Link>;
  return kind;
}

/** An event knows the id alone. */
function TaskName({ id }: { readonly id: string }) {
  const client = useClient();
  const live = useTask(id);
  const query = useQuery({
    queryKey: ["task-name", id],
    queryFn: async ({ signal }) => (await client.task(id, { signal })).name,
    enabled: live === undefined,
  });
  return <Link href={taskHref(id)}>{live?.name ?? query.data ?? shortId(id)}</Link>;
}

function changeOf({ from, to, attempt, node, task }: EventJson): ReactNode {
  const where = task === null || node === null ? "" : ` on ${node}`;
  return (
    <>
      {from === null || to === null || from === to ? null : `${from} → `}
      <strong>{to ?? from ?? ""}</strong>
      {where}
      {attempt === null || attempt < 2 ? null : <span title={`Attempt ${String(attempt)}`}> #{attempt}</span>}
    </>
  );
}
