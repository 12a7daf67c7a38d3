/**
 * Whether a command printed what its page shows. Words have to be the same; what is another in each run (ids, times, sizes,
 * shares of a machine, ports of the worker's choice) has to be of the same kind.
 *
 * What the page calls by one id stays that: `Names` knows which one it really is in this run, for the commands and the output
 * that follow.
 */

const UNIT = "(?:B|kB|KiB|MB|MiB|GB|GiB|TB|TiB)";
const NUMBER = String.raw`\d+(?:\.\d+)?`;
const DURATION = String.raw`${NUMBER} ?(?:µs|ms|min|[smhd])\b`;
const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

/** What differs from run to run; the first kind that fits counts. */
const KINDS: Readonly<Record<string, string>> = {
  bar: String.raw`\[[| ]+\]`,
  token: String.raw`\bbirdman_[\w-]{43}`,
  id: String.raw`\b(?:${UUID}|[0-9a-f]{8}(?:-[0-9a-f]{0,4})*…?(?![\w-])|[0-9a-f]{12,64}\b)`,
  time: String.raw`\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?Z?`,
  clock: String.raw`\b\d\d:\d\d:\d\d(?:\.\d+)?`,
  version: String.raw`(?<!\.)\bv?\d+\.\d+\.\d+(?![.\d])(?:[+~-][\w.]+)?`,
  address: String.raw`\b(?:10|172|192)(?:\.\d+){3}\b`,
  rate: String.raw`(?<=%\s+)\d+$|\b\d{1,3}(?:,\d{3})+\b`,
  port: String.raw`\b(?:2\d{4}|3[01]\d{3})\b`,
  share: String.raw`${NUMBER} ?${UNIT}?/${NUMBER} ?${UNIT}?(?: \(\d+%\))?`,
  total: String.raw`(?<= of )${NUMBER}(?= \(\d+%\))`,
  cores: String.raw`\b${NUMBER}(?= (?:cores|used)\b)`,
  size: String.raw`\b${NUMBER} ?${UNIT}\b`,
  duration: String.raw`\b${DURATION}(?: ${DURATION})*`,
  percent: String.raw`\b${NUMBER} ?%`,
  amount: String.raw`(?<="(?:cpu|memory|disk|uptime|seq|epoch)": )${NUMBER}`,
  decimal: String.raw`\b\d+\.\d+(?:e[+-]?\d+)?\b`,
  large: String.raw`\b\d{6,}\b`,
};

const VARYING = new RegExp(
  Object.entries(KINDS)
    .map(([kind, pattern]) => `(?<${kind}>${pattern})`)
    .join("|"),
  "gu",
);

/** What a page calls by a name of its own, to be found again in commands. */
const NAMED = new Set(["token", "id", "port"]);

export const ELISION = "…";

interface Token {
  readonly kind: string;
  readonly text: string;
}

/** The line with two blanks between columns, however wide, and a mark for each thing that varies; and those things. */
function tokens(line: string): { readonly form: string; readonly found: readonly Token[] } {
  const found: Token[] = [];
  const marked = line.replace(VARYING, (text: string, ...rest: unknown[]) => {
    const groups = rest.at(-1) as Readonly<Record<string, string | undefined>>;
    const kind = Object.keys(KINDS).find((name) => groups[name] !== undefined) ?? "";
    found.push({ kind, text });
    return `<${kind}>`;
  });
  return { form: marked.replace(/\s{2,}/g, "  ").trimEnd(), found };
}

/** The line without what differs from run to run. */
export function formOf(line: string): string {
  return tokens(line).form;
}

/** What the page's names stand for in this run. Never changed: a comparison that succeeds makes a new one. */
export class Names {
  readonly #real: ReadonlyMap<string, string>;

  constructor(real: ReadonlyMap<string, string> = new Map()) {
    this.#real = real;
  }

  /** The text with the page's names replaced by the real ones. */
  toReal(text: string): string {
    return replaceAll(text, this.#real);
  }

  /** These names and those of two lines that say the same; undefined when they do not. */
  matchLine(shown: string, real: string): Names | undefined {
    const [left, right] = [tokens(shown), tokens(real)];
    if (left.form !== right.form) return undefined;
    const names = new Map(this.#real);
    for (const [index, { kind, text }] of left.found.entries()) {
      const theirs = right.found[index]?.text ?? "";
      if (!NAMED.has(kind)) continue;
      if ((names.get(text) ?? theirs) !== theirs) return undefined;
      names.set(text, theirs);
    }
    return new Names(names);
  }

  /** The same for all lines: nothing may be missing or be there besides, but for what an elision stands for. */
  match(shown: readonly string[], real: readonly string[]): Names | undefined {
    const [first, ...rest] = shown;
    if (first === undefined) return real.length === 0 ? this : undefined;
    if (first !== ELISION) {
      const [line, ...others] = real;
      return line === undefined ? undefined : this.matchLine(first, line)?.match(rest, others);
    }
    for (let skipped = 0; skipped <= real.length; skipped += 1) {
      const names = this.match(rest, real.slice(skipped));
      if (names !== undefined) return names;
    }
    return undefined;
  }
}

/** Longest first, so that no name is taken for the beginning of another. */
function replaceAll(text: string, names: ReadonlyMap<string, string>): string {
  const known = [...names.keys()].filter((name) => text.includes(name)).toSorted((a, b) => b.length - a.length);
  if (known.length === 0) return text;
  const any = new RegExp(known.map((name) => RegExp.escape(name)).join("|"), "g");
  return text.replace(any, (name) => names.get(name) ?? name);
}
