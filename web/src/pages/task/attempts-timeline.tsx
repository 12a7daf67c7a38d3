/** The attempts of a task on one axis of time. */
import { formatDuration } from "../../../../src/utils/durations.ts";
import { nodeHref } from "../../app/pages.ts";
import { Clock, useNow } from "../../components/moment.tsx";
import type { EventJson } from "../../../../src/api/event-json.ts";
import { Link } from "wouter";
import { type Attempt, attemptsOf, type Span } from "./attempts.ts";

interface AttemptsTimelineProps {
  readonly events: readonly EventJson[];
  /** When the task ended; wall clock, milliseconds. */
  readonly endedAt: number | undefined;
}

export function AttemptsTimeline({ events, endedAt }: AttemptsTimelineProps) {
  const now = useNow();
  const attempts = attemptsOf(events);
  const begin = attempts[0]?.spans[0]?.from ?? now;
  const end = Math.max(endedAt ?? now, begin + 1);
  if (attempts.length === 0) return <p className="muted">Nothing has happened to it yet.</p>;
  return (
    <div className="attempts">
      {attempts.map((attempt) => (
        <AttemptRow key={attempt.number} attempt={attempt} axis={{ begin, end }} />
      ))}
      <div className="attempt" aria-hidden="true">
        <span className="attempt-axis">
          <Clock at={begin} />
          <Clock at={end} />
        </span>
      </div>
    </div>
  );
}

interface Axis {
  readonly begin: number;
  readonly end: number;
}

function AttemptRow({
  attempt: { number, node, spans, reason },
  axis,
}: {
  readonly attempt: Attempt;
  readonly axis: Axis;
}) {
  return (
    <div className="attempt">
      <span className="attempt-name">
        {number === 0 ? "Submitted" : `#${String(number)} on `}
        {node === undefined ? null : <Link href={nodeHref(node)}>{node}</Link>}
      </span>
      <span className="attempt-bar" aria-hidden="true">
        {spans.map((span) => (
          <span key={span.from} style={placeOf(span, axis)} title={wordsOf(span, axis)} />
        ))}
      </span>
      <span className="attempt-words">
        {spans.map((span) => wordsOf(span, axis)).join(", ")}
        {reason === "" || reason === spans.at(-1)?.state ? "" : `: ${reason}`}
      </span>
    </div>
  );
}

function placeOf({ state, from, until }: Span, { begin, end }: Axis): React.CSSProperties {
  const share = (at: number): number => (100 * (at - begin)) / (end - begin);
  const left = share(from);
  return {
    left: `${String(left)}%`,
    width: `${String(Math.max(0, share(Math.min(until ?? end, end)) - left))}%`,
    background: `var(--state-${state})`,
  };
}

function wordsOf({ state, from, until }: Span, { end }: Axis): string {
  return `${state} for ${formatDuration(Math.max(0, (until ?? end) - from))}`;
}
