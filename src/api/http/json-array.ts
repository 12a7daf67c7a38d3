import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";

/** Lists of up to this many items go out in one piece. */
const PIECE = 500;

/**
 * Answers with a JSON list. A long one is written piece by piece, no faster than it is read, so that its text is never
 * whole in memory and others get their turn.
 */
export function sendArray<T>(reply: FastifyReply, items: readonly T[], toJson: (item: T) => unknown): FastifyReply {
  if (items.length <= PIECE) return reply.send(items.map(toJson));
  return sendPages(reply, piecesOf(items), toJson);
}

/** The same for items that come in pages. */
export function sendPages<T>(
  reply: FastifyReply,
  pages: AsyncIterable<readonly T[]> | Iterable<readonly T[]>,
  toJson: (item: T) => unknown,
): FastifyReply {
  return reply.type("application/json; charset=utf-8").send(Readable.from(written(pages, toJson)));
}

async function* written<T>(pages: AsyncIterable<readonly T[]> | Iterable<readonly T[]>, toJson: (item: T) => unknown) {
  let separator = "[";
  for await (const page of pages) {
    if (page.length === 0) continue;
    yield separator + page.map((item) => JSON.stringify(toJson(item))).join(",");
    separator = ",";
  }
  yield separator === "[" ? "[]" : "]";
}

function* piecesOf<T>(items: readonly T[]): Iterable<readonly T[]> {
  for (let from = 0; from < items.length; from += PIECE) yield items.slice(from, from + PIECE);
}

/** A list that is part of a larger answer, and may be long. */
export class JsonList<T> {
  readonly items: readonly T[];
  readonly toJson: (item: T) => unknown;

  constructor(items: readonly T[], toJson: (item: T) => unknown) {
    this.items = items;
    this.toJson = toJson;
  }
}

/** Answers with an object; each `JsonList` in it is written piece by piece. */
export function sendObject(reply: FastifyReply, object: object): FastifyReply {
  return reply.type("application/json; charset=utf-8").send(Readable.from(textOf(object)));
}

async function* textOf(value: unknown): AsyncGenerator<string> {
  if (value instanceof JsonList) {
    yield* written(piecesOf<unknown>(value.items), value.toJson);
  } else if (typeof value === "object" && value !== null) {
    const isList = Array.isArray(value);
    let separator = isList ? "[" : "{";
    for (const [key, child] of Object.entries(value)) {
      yield isList ? separator : `${separator}${JSON.stringify(key)}:`;
      yield* textOf(child);
      separator = ",";
    }
    if (separator !== ",") yield separator;
    yield isList ? "]" : "}";
  } else {
    yield JSON.stringify(value);
  }
}
