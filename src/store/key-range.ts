/**
 * The order of keys and the ranges over it, the same for every store.
 *
 * Text is ordered by code point, which is the order of its UTF-8 bytes and thus SQLite's. JavaScript's own `<` goes by
 * UTF-16 units and differs: it puts U+1F600 (units D83D DE00) before U+FFFD.
 */
import { assert } from "../utils/assert.ts";
import type { Range, Row } from "./store.ts";

/** A piece of a table: at most `limit` rows with keys from `from` on and, where there is a `below`, smaller than it. */
export interface PageRequest {
  readonly from: string;
  readonly below: string | undefined;
  readonly reverse: boolean;
  readonly limit: number;
}

/** Rows read at a time, so that nothing stays open between them and a commit may come in. */
const PAGE_ROWS = 256;

const HIGHEST_POINT = 0x10ffff;
const FIRST_SURROGATE = 0xd800;
const LAST_SURROGATE = 0xdfff;

/** Negative, zero or positive, for well-formed text. */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left === right) continue;
    // A unit of a surrogate pair stands for a code point above every other unit.
    if (isSurrogate(left) !== isSurrogate(right)) return isSurrogate(left) ? 1 : -1;
    return left - right;
  }
  return a.length - b.length;
}

/** Takes the rows of a range page by page, each continuing after the last key of the one before. */
export function* readPages(range: Range, readPage: (request: PageRequest) => readonly Row[]): Generator<Row, void> {
  const reverse = range.reverse ?? false;
  let { from, below } = boundsOf(range);
  let left = range.limit ?? Infinity;
  while (left > 0) {
    const limit = Math.min(left, PAGE_ROWS);
    const page = readPage({ from, below, reverse, limit });
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < limit) return;
    left -= page.length;
    if (reverse) below = last.key;
    else from = keyAfter(last.key);
  }
}

function boundsOf({ prefix = "", after, reverse = false }: Range): Pick<PageRequest, "from" | "below"> {
  assert(prefix.isWellFormed() && (after ?? "").isWellFormed(), "ill-formed text in a range");
  const end = endOfPrefix(prefix);
  if (after === undefined) return { from: prefix, below: end };
  if (reverse) return { from: prefix, below: end === undefined || compareKeys(after, end) < 0 ? after : end };
  const next = keyAfter(after);
  return { from: compareKeys(next, prefix) > 0 ? next : prefix, below: end };
}

/** The smallest text greater than this one. */
function keyAfter(key: string): string {
  return `${key}\0`;
}

/** The smallest text greater than everything that begins with this; undefined when there is none. */
function endOfPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  const last = points.findLastIndex((point) => point < HIGHEST_POINT);
  if (last === -1) return undefined;
  const next = (points[last] ?? 0) + 1;
  return String.fromCodePoint(...points.slice(0, last), next === FIRST_SURROGATE ? LAST_SURROGATE + 1 : next);
}

function isSurrogate(unit: number): boolean {
  return unit >= FIRST_SURROGATE && unit <= LAST_SURROGATE;
}
