/** What the doctor finds: a verdict on one thing, and what to do where it is not well. */
export const VERDICTS = ["ok", "warn", "fail"] as const;
/** `warn`: it works, but not as it should, or not for everything; `fail`: it does not work. */
export type Verdict = (typeof VERDICTS)[number];

export interface Finding {
  /** What was looked at, in a word or two: the same from run to run. */
  readonly check: string;
  readonly verdict: Verdict;
  /** What was found, in a sentence. */
  readonly detail: string;
  /** What to do, in a sentence; null where all is well. */
  readonly remedy: string | null;
}

export function well(check: string, detail: string): Finding {
  return { check, verdict: "ok", detail, remedy: null };
}

export function warning(check: string, detail: string, remedy: string): Finding {
  return { check, verdict: "warn", detail, remedy };
}

export function failure(check: string, detail: string, remedy: string): Finding {
  return { check, verdict: "fail", detail, remedy };
}
