/** How the figures of the API read in a table. */
import { formatDuration } from "../utils/durations.ts";
import { formatSize } from "../utils/sizes.ts";

/** How long ago a moment was: `42s`, `5m`, `12d`. */
export function formatAge(moment: string, now: number): string {
  const ms = Math.max(0, now - Date.parse(moment));
  return formatDuration(ms < 1000 ? 0 : ms).replace(/^0ms$/, "0s");
}

/** Cores with at most two decimals: `2`, `0.25`. */
export function formatCores(cores: number): string {
  return String(Math.round(cores * 100) / 100);
}

/** `512MiB/2GiB (25%)`: reserved, capacity, and how much is in use, `-` while that is not known. */
export function formatShare(
  {
    reserved,
    capacity,
    used,
  }: { readonly reserved: number; readonly capacity: number; readonly used: number | undefined },
  format: (amount: number) => string,
): string {
  return `${format(reserved)}/${format(capacity)} (${formatPercent(used, capacity)})`;
}

export function formatPercent(used: number | undefined, capacity: number): string {
  if (used === undefined || capacity <= 0) return "-";
  return `${String(Math.round((100 * used) / capacity))}%`;
}

/** A size without the blank: `64MiB`. */
export function formatBytes(bytes: number): string {
  return formatSize(bytes).replace(" ", "");
}

/** `-` in place of nothing. */
export function orDash(text: string | undefined | null): string {
  return text === undefined || text === null || text === "" ? "-" : text;
}

/** `1 task`, `3 tasks` */
export function counted(count: number, what: string): string {
  return `${String(count)} ${what}${count === 1 ? "" : "s"}`;
}

/** `3`, or `1 to 4` */
export function range(numbers: readonly number[]): string {
  const least = numbers.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const most = numbers.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return least === most ? String(least) : `${String(least)} to ${String(most)}`;
}
