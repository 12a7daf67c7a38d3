/** The attempts of a task, put together from its events: where each was, and for how long it was in which state. */
import type { EventJson } from "../../../../src/api/event-json.ts";

export interface Span {
  readonly state: string;
  /** Wall clock, milliseconds. `until` is undefined for what lasts. */
  readonly from: number;
  readonly until: number | undefined;
}

export interface Attempt {
  /** 0 before it was placed for the first time. */
  readonly number: number;
  readonly node: string | undefined;
  readonly spans: readonly Span[];
  /** Why it came to the last of its states. */
  readonly reason: string;
}

const FINAL = new Set(["completed", "failed"]);

/** Events oldest first. A wait for a new place counts to the attempt that it came after. */
export function attemptsOf(events: readonly EventJson[]): Attempt[] {
  const attempts: Attempt[] = [];
  const changes = events.filter(({ to, from }) => to !== null && to !== from);
  for (const [index, { to, at, attempt, node, reason }] of changes.entries()) {
    const next = changes[index + 1];
    const number = attempt ?? 0;
    const span: Span = {
      state: to ?? "",
      from: Date.parse(at),
      until: next === undefined ? undefined : Date.parse(next.at),
    };
    const last = attempts.at(-1);
    // The end has no length: it says how the one before it ended.
    const spans = FINAL.has(span.state) ? [] : [span];
    if (last !== undefined && (last.number === number || span.state === "pending" || FINAL.has(span.state))) {
      attempts[attempts.length - 1] = {
        ...last,
        node: node ?? last.node,
        reason,
        spans: [...last.spans, ...spans],
      };
    } else attempts.push({ number, node: node ?? undefined, reason, spans });
  }
  return attempts;
}
