/** What one task writes, on its way to where others write too: whole lines, each behind the name of its task. */

/** An unfinished line is given out when it gets longer than this, in characters: no task can fill our memory. */
const LONGEST = 64 * 1024;

const ESCAPE = "\u001b";
const RESET = "\u001b[0m";

export class PrefixedLines {
  readonly #prefix: string;
  #unfinished = "";

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** The lines that are finished by this text, with their line breaks. */
  push(text: string): string {
    const all = this.#unfinished + text;
    const end = all.lastIndexOf("\n") + 1;
    const isTooLong = all.length - end > LONGEST;
    this.#unfinished = isTooLong ? "" : all.slice(end);
    const finished = isTooLong ? `${all}\n` : all.slice(0, end);
    return finished.replace(/[^\n]*\n/g, (line) => this.#mark(line));
  }

  /** What is left when nothing more comes. */
  end(): string {
    return this.#unfinished === "" ? "" : this.push("\n");
  }

  /** A colour that was left on would go on in the lines of others. */
  #mark(line: string): string {
    return this.#prefix + (line.includes(ESCAPE) ? `${line.slice(0, -1)}${RESET}\n` : line);
  }
}
