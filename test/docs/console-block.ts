/**
 * A block of the language `console`: a session at a terminal. `$ COMMAND` is typed (a line that ends in a backslash goes on in
 * the next, behind `> `), `^C` is pressed, and what follows is printed; `…` alone on a line stands for any lines.
 */
import type { Block } from "./markdown.ts";

export const INTERRUPT = "^C";

/** What stands before what is typed, in its first line and in those that it goes on in. */
const [PROMPT, MORE] = ["$ ", "> "];

export interface Step {
  /** A command line, or INTERRUPT for what runs. */
  readonly input: string;
  /** Number of its first line in the page. */
  readonly line: number;
  readonly shown: readonly string[];
}

/** Throws when a line belongs to no command. */
export function stepsOf({ line: first, lines }: Block): readonly Step[] {
  const steps: { input: string; line: number; shown: string[] }[] = [];
  for (const [index, text] of lines.entries()) {
    const last = steps.at(-1);
    const line = first + index;
    if (text.startsWith(PROMPT)) steps.push({ input: text.slice(PROMPT.length), line, shown: [] });
    else if (text === INTERRUPT) steps.push({ input: INTERRUPT, line, shown: [] });
    else if (last === undefined) throw new Error(`line ${String(line)}: what printed "${text}"?`);
    else if (last.input.endsWith("\\") && last.shown.length === 0 && text.startsWith(MORE)) {
      last.input = `${last.input}\n${text.slice(MORE.length)}`;
    } else last.shown.push(text);
  }
  return steps;
}

/** The step as it stands in a page. */
export function linesOf({ input, shown }: Pick<Step, "input" | "shown">): readonly string[] {
  const typed =
    input === INTERRUPT ? [INTERRUPT] : input.split("\n").map((text, index) => (index === 0 ? PROMPT : MORE) + text);
  return [...typed, ...shown];
}
