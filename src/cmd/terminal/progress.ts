import type { Output } from "../context.ts";
import { printable, truncate } from "./text.ts";

/** A line, or a few, that are written over and over, on a terminal; nothing elsewhere. */
export class ProgressLine {
  readonly #output: Output;
  #shown: readonly string[] = [];

  constructor(output: Output) {
    this.#output = output;
  }

  /** One line of plain text, cut to the terminal. */
  show(text: string): void {
    this.showLines([truncate(printable(text), (this.#output.columns ?? 80) - 1)]);
  }

  /** Lines that are fit for the terminal, and no wider than it. */
  showLines(lines: readonly string[]): void {
    if (this.#output.isTTY !== true || lines.join("\n") === this.#shown.join("\n")) return;
    this.#output.write(this.#begin() + lines.join("\r\n"));
    this.#shown = lines;
  }

  /** Takes the lines away, for whatever is printed next. */
  clear(): void {
    if (this.#shown.length === 0) return;
    this.#output.write(this.#begin());
    this.#shown = [];
  }

  /** Lets the lines stand, and goes on below them. */
  keep(): void {
    if (this.#shown.length === 0) return;
    this.#output.write("\r\n");
    this.#shown = [];
  }

  /** To where the lines begin, with nothing below. */
  #begin(): string {
    const up = this.#shown.length - 1;
    return `\r${up > 0 ? `\u001b[${String(up)}A` : ""}\u001b[J`;
  }
}
