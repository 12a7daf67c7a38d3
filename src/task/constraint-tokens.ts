/** The words of a constraint: what `constraint.ts` parses. Positions are counted in characters from 1, as people do. */

/** What is wrong with a text, and where. The message is complete in itself: it names the text and the position. */
export interface Malformed {
  readonly kind: "malformed";
  readonly message: string;
  /** Of the first character that does not belong, from 1; one past the end when something is missing there. */
  readonly position: number;
}

export interface Token {
  /** `quoted` never is an operator or a keyword; `end` comes once, after the last one. */
  readonly kind: "word" | "quoted" | "symbol" | "end";
  /** Of `quoted`: without the quotes, escapes resolved. */
  readonly text: string;
  readonly position: number;
}

const SPACE = /\s*/y;
const SYMBOL = /==|!=|>=|<=|[()<>,=!]/y;
const WORD = /[^\s()"',=!<>]+/y;
const QUOTED = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/sy;

export function malformed(text: string, position: number, problem: string): Malformed {
  return { kind: "malformed", message: `"${text}": ${problem}, at character ${String(position)}`, position };
}

/** The tokens of the text, an `end` after them. Only a quote that is left open is malformed. */
export function tokenize(text: string): Token[] | Malformed {
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  for (;;) {
    at += match(SPACE)?.length ?? 0;
    const position = at + 1;
    if (at === text.length) return [...tokens, { kind: "end", text: "", position }];
    const symbol = match(SYMBOL);
    const word = match(WORD);
    const found = symbol ?? word ?? match(QUOTED);
    if (found === undefined) return malformed(text, position, "the quote is not closed");
    if (symbol !== undefined) tokens.push({ kind: "symbol", text: found, position });
    else if (word !== undefined) tokens.push({ kind: "word", text: found, position });
    else tokens.push({ kind: "quoted", text: found.slice(1, -1).replace(/\\(.)/gs, "$1"), position });
    at += found.length;
  }
}
