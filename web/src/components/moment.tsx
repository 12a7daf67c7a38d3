/** Moments and how long ago they were, kept true by one clock for the whole page. */
import { Observable, useObservable } from "../app/observable.ts";
import { formatDuration } from "../../../src/utils/durations.ts";

const TICK_MS = 1000;
/** Wall clock of the browser, milliseconds, to the second. */
const clock = new Observable(Date.now());
setInterval(() => clock.set(Date.now()), TICK_MS);

export function useNow(): number {
  return useObservable(clock);
}

interface MomentProps {
  /** Wall clock, milliseconds, or ISO 8601. */
  readonly at: number | string;
}

/** `5m ago`, with the exact time on hovering. */
export function Ago({ at }: MomentProps) {
  const now = useNow();
  const moment = new Date(at);
  const age = now - moment.getTime();
  return (
    <time className="number" dateTime={moment.toISOString()} title={exact(moment)}>
      {age < TICK_MS ? "just now" : `${formatDuration(age)} ago`}
    </time>
  );
}

/** `5m`: for columns that say what they count. */
export function Age({ at }: MomentProps) {
  const now = useNow();
  const moment = new Date(at);
  return (
    <time className="number" dateTime={moment.toISOString()} title={exact(moment)}>
      {formatDuration(Math.max(0, now - moment.getTime()))}
    </time>
  );
}

/** `14:03:07`, with the date on hovering. */
export function Clock({ at }: MomentProps) {
  const moment = new Date(at);
  return (
    <time className="number" dateTime={moment.toISOString()} title={exact(moment)}>
      {TIME.format(moment)}
    </time>
  );
}

export function exact(moment: Date): string {
  return EXACT.format(moment);
}

const TIME = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const EXACT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "long" });
