/** What stands after a flag, as text, and what it means. A parser throws InvalidArgumentError, which names the flag. */
import { InvalidArgumentError } from "commander";
import { parseDuration } from "../utils/durations.ts";
import { parseSize } from "../utils/sizes.ts";

/** A TCP port; 0, where it is allowed, lets the system choose. */
export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError("It must be a port from 0 to 65535.");
}

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

export function parsePortRange(text: string): PortRange {
  const [, first, last] = /^(\d{1,5})-(\d{1,5})$/.exec(text) ?? [];
  const range = { first: Number(first), last: Number(last) };
  if (range.first >= 1 && range.first <= range.last && range.last <= 65_535) return range;
  throw new InvalidArgumentError("It must be a range of ports such as 20000-32000.");
}

/** Bytes. */
export function parseBytes(text: string): number {
  const bytes = parseSize(text);
  if (bytes !== undefined) return bytes;
  throw new InvalidArgumentError("It must be bytes or a size with a unit, such as 512MiB or 2GB.");
}

/** Cores. */
export function parseCores(text: string): number {
  const cores = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (cores >= 0 && cores <= 100_000) return cores;
  throw new InvalidArgumentError("It must be a number of cores such as 2 or 0.5.");
}

export function parseCount(text: string): number {
  const count = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (count >= 0) return count;
  throw new InvalidArgumentError("It must be a whole number.");
}

/** Milliseconds. */
export function parseMilliseconds(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  throw new InvalidArgumentError("It must be a duration such as 500ms, 2s, 10m or 1h.");
}

/** A fraction of one, of `85%`. */
export function parseShare(text: string): number {
  const percent = /^\d{1,3}(\.\d+)?%$/.test(text) ? Number(text.slice(0, -1)) : Number.NaN;
  if (percent > 0 && percent <= 100) return percent / 100;
  throw new InvalidArgumentError("It must be a percentage such as 85%.");
}

/** A moment, as text that the API takes: RFC 3339, or a duration before now. */
export function parseMoment(text: string, now: number): string {
  const ago = parseDuration(text);
  const moment = ago === undefined && /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : now - (ago ?? Number.NaN);
  if (!Number.isNaN(moment)) return new Date(moment).toISOString();
  throw new InvalidArgumentError(
    "It must be a time such as 2026-11-23T08:00:00Z or a duration before now such as 10m.",
  );
}

export type Pair = readonly [key: string, value: string];

/** `key=value`; the value may hold further equals signs and may be empty. */
export function parsePair(text: string): Pair {
  const separator = text.indexOf("=");
  if (separator > 0) return [text.slice(0, separator), text.slice(separator + 1)];
  throw new InvalidArgumentError("It must be key=value.");
}

/** A node's name: it stands in addresses, tables and the names of directories. */
export function parseNodeName(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(text)) return text;
  throw new InvalidArgumentError("It must be letters, digits and . _ - inside, at most 63 characters.");
}

/** A context's name, which is typed often. */
export function parseContextName(text: string): string {
  if (text === "default") throw new InvalidArgumentError("It stands for no context: choose another name.");
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(text)) return text;
  throw new InvalidArgumentError("It must be letters, digits and . _ - inside, at most 63 characters.");
}

/** An absolute path. */
export function parsePath(text: string): string {
  if (text.startsWith("/")) return text.length > 1 ? text.replace(/\/+$/, "") : text;
  throw new InvalidArgumentError("It must be an absolute path.");
}
