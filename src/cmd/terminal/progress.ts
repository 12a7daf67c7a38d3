import type { Output } from "../context.ts";
import { printable, truncate } from "./text.ts";

/** One line that is written over and over, on a terminal; nothing elsewhere. */
export class ProgressLine {
  readonly #output: Output;
  #shown = "";

  constructor(output: Output) {
    this.#output = output;
  }

  show(text: string): void {
    if (this.#output.isTTY !== true) return;
    const line = truncate(printable(text), (this.#output.columns ?? 80) - 1);
    if (line === this.#shown) return;
    this.#output.write(`\r\u001b[2K${line}`);
    this.#shown = line;
  }

  /** Takes the line away, for whatever is printed next. */
  clear(): void {
    if (this.#shown === "") return;
    this.#output.write("\r\u001b[2K");
    this.#shown = "";
  }
}
