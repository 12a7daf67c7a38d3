/** Durations, as people write them: milliseconds as a number, or a string such as `500ms`, `2s`, `10m`, `1h30m`, `7d`. */
const UNITS = new Map<string, number>([
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);

/** What a duration looks like, for JSON schemas. */
export const DURATION_PATTERN = "^([0-9]+(\\.[0-9]+)?(ms|s|m|h|d))+$";

const WHOLE = new RegExp(DURATION_PATTERN);
const PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g;

/** Milliseconds of `1h30m` or `250`; undefined when it is no duration. The result is a whole number. */
export function parseDuration(text: string | number): number | undefined {
  if (typeof text === "number") return Number.isSafeInteger(text) && text >= 0 ? text : undefined;
  if (!WHOLE.test(text)) return undefined;
  let total = 0;
  for (const part of text.matchAll(PART)) total += Number(part[1]) * (UNITS.get(part[2] ?? "") ?? 0);
  const rounded = Math.round(total);
  return Number.isSafeInteger(rounded) ? rounded : undefined;
}

/** A duration for people, one unit coarse: `350ms`, `42s`, `5m`, `3h`, `12d`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${String(Math.max(0, Math.round(ms)))}ms`;
  if (ms < 120_000) return `${String(Math.round(ms / 1000))}s`;
  if (ms < 7_200_000) return `${String(Math.round(ms / 60_000))}m`;
  if (ms < 172_800_000) return `${String(Math.round(ms / 3_600_000))}h`;
  return `${String(Math.round(ms / 86_400_000))}d`;
}
