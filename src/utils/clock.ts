/**
 * Two readings of time, taken together by the host and handed to every step of a core.
 *
 * `mono` never jumps and is what durations are measured with; `wall` is for display and for what is kept across
 * restarts. A core never asks for the time itself.
 */
export interface Now {
  /** Milliseconds on a clock that never goes back; its zero means nothing. */
  readonly mono: number;
  /** Milliseconds since 1970 UTC, as the machine believes. */
  readonly wall: number;
}

/** Source of uniform chance in [0, 1), handed in so that a simulation can seed it. */
export type Random = () => number;
