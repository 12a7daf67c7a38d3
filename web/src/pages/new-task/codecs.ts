/** How values of a task document are written into the fields of the form, and read from them. */
import type { TaskDocument } from "../../../../src/task/document.ts";

/** What a text stands for: `value` undefined for an empty one, which leaves the member out. */
export type Reading = { readonly value: unknown } | { readonly error: string };

export interface Codec {
  readonly format: (value: unknown) => string;
  readonly parse: (text: string) => Reading;
}

const nothing: Reading = { value: undefined };

/** A text that stands for itself. */
export const text: Codec = {
  format: (value) => (typeof value === "string" || typeof value === "number" ? String(value) : ""),
  parse: (typed) => (typed.trim() === "" ? nothing : { value: typed.trim() }),
};

export const number: Codec = {
  format: text.format,
  parse: (typed) => {
    if (typed.trim() === "") return nothing;
    const value = Number(typed);
    return Number.isFinite(value) ? { value } : { error: "must be a number" };
  },
};

/** One item a line. */
export const lines: Codec = {
  format: (value) => (Array.isArray(value) ? value.join("\n") : ""),
  parse: (typed) => {
    const items = linesOf(typed);
    return items.length === 0 ? nothing : { value: items };
  },
};

/** Words as a shell takes them, without variables: `sh -c 'echo hello'`. */
export const words: Codec = {
  format: (value) => (Array.isArray(value) ? value.map((word) => quoted(String(word))).join(" ") : ""),
  parse: (typed) => {
    const found: string[] = [];
    let rest = typed.trim();
    while (rest !== "") {
      const match = WORD.exec(rest);
      if (match === null) return { error: "has a quote that does not end" };
      found.push(match[0].replaceAll(PIECE, unquoted));
      rest = rest.slice(match[0].length).trimStart();
    }
    return found.length === 0 ? nothing : { value: found };
  },
};

const WORD = /^(?:'[^']*'|"(?:[^"\\]|\\.)*"|[^\s'"\\]|\\.)+(?=\s|$)/s;
const PIECE = /'[^']*'|"(?:[^"\\]|\\.)*"|(?:[^\s'"\\]|\\.)+/gs;

function unquoted(piece: string): string {
  if (piece.startsWith("'")) return piece.slice(1, -1);
  return (piece.startsWith('"') ? piece.slice(1, -1) : piece).replaceAll(/\\(.)/gs, "$1");
}

function quoted(word: string): string {
  return word !== "" && /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
}

/** `8080:80`, `80`, `53/udp`, separated by spaces or commas. */
export const ports: Codec = {
  format: (value) =>
    Array.isArray(value) ? (value as NonNullable<TaskDocument["ports"]>).map(portText).join(", ") : "",
  parse: (typed) => {
    const pieces = typed.split(/[\s,]+/).filter((piece) => piece !== "");
    const found: unknown[] = [];
    for (const piece of pieces) {
      const match = PORT.exec(piece);
      if (match === null) return { error: `${piece} is no port: write 80, 8080:80 or 53/udp` };
      const [, host, container, protocol] = match;
      found.push({
        container: Number(container),
        ...(host === undefined ? {} : { host: Number(host) }),
        ...(protocol === undefined ? {} : { protocol }),
      });
    }
    return found.length === 0 ? nothing : { value: found };
  },
};

const PORT = /^(?:(\d{1,5}):)?(\d{1,5})(?:\/(tcp|udp))?$/;

function portText({ container, host = 0, protocol = "tcp" }: NonNullable<TaskDocument["ports"]>[number]): string {
  return `${host === 0 ? "" : `${String(host)}:`}${String(container)}${protocol === "tcp" ? "" : `/${protocol}`}`;
}

/** `KEY=value`, one a line. Members that are no plain strings (secrets) are not shown, and are lost when it is edited. */
export const record: Codec = {
  format: (value) =>
    Object.entries((value ?? {}) as Readonly<Record<string, unknown>>)
      .filter(([, member]) => typeof member === "string")
      .map(([key, member]) => `${key}=${String(member)}`)
      .join("\n"),
  parse: (typed) => {
    const found: [string, string][] = [];
    for (const line of linesOf(typed)) {
      const equals = line.indexOf("=");
      if (equals < 1) return { error: `${line} is no pair: write KEY=value, one a line` };
      found.push([line.slice(0, equals).trim(), line.slice(equals + 1)]);
    }
    return found.length === 0 ? nothing : { value: Object.fromEntries(found) };
  },
};

/** `name:/data`, `/srv/files:/data:ro`, one a line. */
export const volumes: Codec = {
  format: (value) =>
    Array.isArray(value)
      ? (value as NonNullable<TaskDocument["volumes"]>)
          .map(({ source, target, readOnly = false }) => `${source}:${target}${readOnly ? ":ro" : ""}`)
          .join("\n")
      : "",
  parse: (typed) => {
    const found: unknown[] = [];
    for (const line of linesOf(typed)) {
      const match = /^([^:]+):(\/[^:]*)(:ro)?$/.exec(line);
      if (match === null) return { error: `${line} is no volume: write NAME:/path or /source:/path:ro, one a line` };
      found.push({ source: match[1], target: match[2], ...(match[3] === undefined ? {} : { readOnly: true }) });
    }
    return found.length === 0 ? nothing : { value: found };
  },
};

function linesOf(typed: string): string[] {
  return typed
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}
