/** What could stand at the cursor, and how each shell wants to hear it. */
import { printable } from "../terminal/text.ts";
import { FILES, type Shell } from "./shell-scripts.ts";

export interface Candidate {
  readonly value: string;
  /** A few words about it, for the shells that show them. */
  readonly about: string;
}

/** Some words, or the names of files. */
export type Candidates = readonly Candidate[] | "files";

/** The characters besides blanks at which bash takes words apart. */
const BASH_BREAKS = /^[=:]+$/;

/**
 * The words as the user sees them: bash takes `--output=json` for three, and an address such as `host:1` too.
 *
 * @param words without the program; the last one is under the cursor and may be empty
 */
export function joinWords(shell: Shell, words: readonly string[]): readonly string[] {
  if (shell !== "bash") return words;
  const joined: string[] = [];
  let joins = false;
  for (const word of words) {
    const breaks = BASH_BREAKS.test(word);
    if (joined.length > 0 && (breaks || joins)) joined[joined.length - 1] += word;
    else joined.push(word);
    joins = breaks;
  }
  return joined;
}

/** The lines to print: those candidates that begin with the word under the cursor. */
export function renderCandidates(shell: Shell, candidates: Candidates, current: string): string {
  if (candidates === "files") return `${FILES}\n`;
  return candidates
    .filter(({ value }) => value.startsWith(current) && value === printable(value))
    .map((candidate) => `${line(shell, candidate, current)}\n`)
    .join("");
}

function line(shell: Shell, { value, about }: Candidate, current: string): string {
  const words = printable(about);
  switch (shell) {
    case "bash":
      // Of a word that bash has taken apart it replaces the last part alone.
      return value.slice(Math.max(current.lastIndexOf("="), current.lastIndexOf(":")) + 1);
    case "zsh":
      return `${value.replaceAll(":", String.raw`\:`)}:${words}`;
    case "fish":
      return `${value}\t${words}`;
  }
}
