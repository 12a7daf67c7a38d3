/**
 * JSON from strangers. A body is measured before it is parsed, so that no shape of it (a million open brackets, ten
 * million empty objects) costs more memory than its size suggests, and refused with the place where it goes wrong.
 *
 * A large one is read piece by piece, and others get their turn in between: looking at it is a matter of bytes, and a
 * long list falls into pieces between two of its items, each of which is parsed by itself.
 */
import { isUtf8 } from "node:buffer";
import { setImmediate } from "node:timers/promises";
import { type Problem, problem } from "./problems.ts";

/** Most levels of nesting; a task needs five. */
const MAX_DEPTH = 64;
/** Most values (of objects and lists together): ten times what 100,000 ordinary tasks have. */
const MAX_VALUES = 8_000_000;

/** Others get their turn after so many bytes: a few milliseconds. */
const PIECE_BYTES = 512 * 1024;

export type ParsedBody =
  { readonly kind: "value"; readonly value: unknown } | { readonly kind: "refused"; readonly problem: Problem };

/**
 * The value that the bytes stand for. A key `__proto__` is refused anywhere: no task has one, and it has no good use.
 * `pieceBytes`: others get their turn after so many bytes.
 */
export async function parseJsonBody(bytes: Uint8Array, pieceBytes = PIECE_BYTES): Promise<ParsedBody> {
  if (!isUtf8(bytes)) return refused("malformed_json", "the body is not UTF-8");
  const { depth, values, cuts } = await measure(bytes, pieceBytes);
  if (depth > MAX_DEPTH)
    return refused("malformed_json", `the body is nested more than ${String(MAX_DEPTH)} levels deep`);
  if (values > MAX_VALUES) return refused("body_too_large", `the body has more than ${String(MAX_VALUES)} values`);
  if (cuts.length > 0) return parseList(bytes, cuts);
  const text = new TextDecoder().decode(bytes);
  return parseText(text) ?? refused("malformed_json", syntaxErrorIn(text, BEGINNING));
}

/** Undefined when the text is not JSON. */
function parseText(text: string): ParsedBody | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if ((text.includes("__proto__") || text.includes("\\u")) && hasProtoKey(value)) {
    return refused("malformed_json", 'the body has a key "__proto__", which is not allowed');
  }
  return { kind: "value", value };
}

/** Parses a list that falls into pieces at these commas: it is JSON when each piece, in brackets, is a list of something. */
async function parseList(bytes: Uint8Array, cuts: readonly number[]): Promise<ParsedBody> {
  const items: unknown[] = [];
  let from = 0;
  for (const to of [...cuts, bytes.length]) {
    const piece = new TextDecoder("utf-8", { ignoreBOM: from > 0 }).decode(bytes.subarray(from, to));
    const parsed = parseText(`${from === 0 ? "" : "["}${piece}${to === bytes.length ? "" : "]"}`);
    if (parsed?.kind === "refused") return parsed;
    if (!Array.isArray(parsed?.value) || parsed.value.length === 0) return refusedFrom(bytes, from);
    for (const item of parsed.value) items.push(item);
    from = to + 1;
    await setImmediate();
  }
  return { kind: "value", value: items };
}

/** The pieces before this byte are in order, what follows is not. */
function refusedFrom(bytes: Uint8Array, from: number): ParsedBody {
  const text = new TextDecoder().decode(bytes);
  const at = new TextDecoder().decode(bytes.subarray(0, from)).length;
  const start: Walk = from === 0 ? BEGINNING : { at, open: ["["], expected: "a value" };
  return refused("malformed_json", syntaxErrorIn(text, start));
}

function refused(code: "malformed_json" | "body_too_large", detail: string): ParsedBody {
  return { kind: "refused", problem: problem(code, detail) };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;

interface Measure {
  /** How deep the brackets go. */
  readonly depth: number;
  /** How many values there are at most. */
  readonly values: number;
  /** Of a list: places of commas between two of its items, so far apart as to make pieces. */
  readonly cuts: readonly number[];
}

/** Looks at the bytes without parsing them; those in strings do not count. */
async function measure(bytes: Uint8Array, pieceBytes: number): Promise<Measure> {
  const scan = new Scan(pieceBytes);
  for (let from = 0; from < bytes.length; from += pieceBytes) {
    if (from > 0) await setImmediate();
    scan.read(bytes, from, Math.min(bytes.length, from + pieceBytes));
  }
  return scan;
}

class Scan implements Measure {
  depth = 0;
  values = 1;
  readonly cuts: number[] = [];
  readonly #pieceBytes: number;
  #level = 0;
  #isList = false;
  #inString = false;
  #isEscaped = false;

  constructor(pieceBytes: number) {
    this.#pieceBytes = pieceBytes;
  }

  read(bytes: Uint8Array, from: number, to: number): void {
    let [level, inString, isEscaped] = [this.#level, this.#inString, this.#isEscaped];
    let nextCut = (this.cuts.at(-1) ?? 0) + this.#pieceBytes;
    for (let i = from; i < to; i++) {
      const byte = bytes[i] ?? 0;
      if (inString) {
        if (isEscaped) isEscaped = false;
        else if (byte === BACKSLASH) isEscaped = true;
        else if (byte === QUOTE) inString = false;
      } else if (byte === QUOTE) inString = true;
      else if (byte === COMMA) {
        this.values += 1;
        if (level === 1 && i >= nextCut && this.#isList) {
          this.cuts.push(i);
          nextCut = i + this.#pieceBytes;
        }
      }
      // Setting the sixth bit makes [ { and ] } alike.
      else if ((byte | 0x20) === 0x7b) {
        if (level === 0) this.#isList = byte === OPEN_BRACKET;
        this.values += 1;
        level += 1;
        if (level > this.depth) this.depth = level;
      } else if ((byte | 0x20) === 0x7d) level -= 1;
    }
    [this.#level, this.#inString, this.#isEscaped] = [level, inString, isEscaped];
  }
}

function hasProtoKey(root: unknown): boolean {
  const waiting = [root];
  for (let value = waiting.pop(); waiting.length > 0 || value !== undefined; value = waiting.pop()) {
    if (typeof value !== "object" || value === null) continue;
    if (Object.hasOwn(value, "__proto__")) return true;
    for (const child of Object.values(value)) if (typeof child === "object" && child !== null) waiting.push(child);
  }
  return false;
}

/** What a parser may meet next. */
type Expected =
  "a value" | 'a value or "]"' | 'a key or "}"' | "a key" | '":"' | '"," or "}"' | '"," or "]"' | "the end";

/** A place in a text, the brackets that are open there, and what may come. */
interface Walk {
  readonly at: number;
  readonly open: readonly string[];
  readonly expected: Expected;
}

const BEGINNING: Walk = { at: 0, open: [], expected: "a value" };

/**
 * Where a text stops being JSON, and what should stand there. The engine's own messages name a place for some mistakes
 * only, so the grammar (RFC 8259) is walked once more, token by token, for a text that is known to be wrong.
 */
function syntaxErrorIn(text: string, from: Walk): string {
  const open = [...from.open];
  let { at, expected } = from;
  for (;;) {
    at = skipBlanks(text, at);
    if (at >= text.length) return `the body is not JSON: it ends where ${expected} should follow, ${place(text, at)}`;
    const next = follow(text.charAt(at), expected, open);
    if (next === undefined) return `the body is not JSON: ${expected} should stand ${place(text, at)}`;
    const token = tokenFrom(text, at);
    if (token.kind === "malformed") return `the body is not JSON: ${token.what} ${place(text, token.at)}`;
    expected = next;
    at = token.end;
  }
}

/** What may come after a token that begins with `first`; undefined when the token may not stand here at all. */
function follow(first: string, expected: Expected, open: string[]): Expected | undefined {
  const closes = (first === "}" || first === "]") && expected.includes(`"${first}"`);
  if (closes) {
    open.pop();
    return afterValue(open);
  }
  switch (expected) {
    case "a value":
    case 'a value or "]"':
      if ("}]:,".includes(first)) return undefined;
      if (first !== "{" && first !== "[") return afterValue(open);
      open.push(first);
      return first === "{" ? 'a key or "}"' : 'a value or "]"';
    case "a key":
    case 'a key or "}"':
      return first === '"' ? '":"' : undefined;
    case '":"':
      return first === ":" ? "a value" : undefined;
    case '"," or "}"':
      return first === "," ? "a key" : undefined;
    case '"," or "]"':
      return first === "," ? "a value" : undefined;
    case "the end":
      return undefined;
  }
}

function afterValue(open: readonly string[]): Expected {
  if (open.length === 0) return "the end";
  return open.at(-1) === "{" ? '"," or "}"' : '"," or "]"';
}

type Token =
  | { readonly kind: "whole"; readonly end: number }
  | { readonly kind: "malformed"; readonly what: string; readonly at: number };

const WORD = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

function tokenFrom(text: string, start: number): Token {
  const first = text.charAt(start);
  if ("{}[]:,".includes(first)) return { kind: "whole", end: start + 1 };
  if (first === '"') return stringFrom(text, start);
  WORD.lastIndex = start;
  return WORD.test(text)
    ? { kind: "whole", end: WORD.lastIndex }
    : { kind: "malformed", what: "neither a number nor true, false, null or a string stands", at: start };
}

function stringFrom(text: string, start: number): Token {
  let at = start + 1;
  while (at < text.length) {
    const character = text.charAt(at);
    if (character === '"') return { kind: "whole", end: at + 1 };
    if (character < " ") return { kind: "malformed", what: "a string holds a raw control character", at };
    if (character !== "\\") at += 1;
    else {
      ESCAPE.lastIndex = at;
      if (!ESCAPE.test(text)) return { kind: "malformed", what: "a string holds an unknown escape", at };
      at = ESCAPE.lastIndex;
    }
  }
  return { kind: "malformed", what: "a string is not closed; it begins", at: start };
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && " \t\n\r".includes(text.charAt(at))) at += 1;
  return at;
}

function place(text: string, at: number): string {
  const before = text.slice(0, at);
  const column = at - before.lastIndexOf("\n");
  return `at position ${String(at)} (line ${String(before.split("\n").length)}, column ${String(column)})`;
}
