/**
 * The whole terminal, for as long as a command wants it. Whatever way the process ends, the terminal is given back as it
 * was: its own screen, its cursor, its line editing.
 */
import type { Context } from "../context.ts";
import { keysIn } from "./keys.ts";

const ENTER = "\u001b[?1049h\u001b[?25l";
const LEAVE = "\u001b[?25h\u001b[?1049l";
/** The terminal shows what stands between the two at once, where it knows how. */
const BEGIN = "\u001b[?2026h\u001b[H";
const END = "\u001b[J\u001b[?2026l";

const SIGNALS = ["SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT"] as const;

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export class FullScreen {
  readonly #input: Context["stdin"];
  readonly #output: Context["stdout"];
  /** Called when there is something to draw anew. */
  readonly #onResize: () => void;
  #isOpen = false;

  constructor({ stdin, stdout }: Context, onResize: () => void) {
    this.#input = stdin;
    this.#output = stdout;
    this.#onResize = onResize;
  }

  get size(): Size {
    const { columns = 80, rows = 24 } = this.#output;
    return { columns, rows };
  }

  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#input.setRawMode?.(true);
    this.#output.write(ENTER);
    this.#output.on("resize", this.#onResize);
    process.once("exit", this.#close);
    for (const signal of SIGNALS) process.once(signal, this.#end);
  }

  close(): void {
    this.#close();
  }

  readonly #close = (): void => {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    process.off("exit", this.#close);
    for (const signal of SIGNALS) process.off(signal, this.#end);
    this.#output.off("resize", this.#onResize);
    this.#output.write(LEAVE);
    this.#input.setRawMode?.(false);
  };

  /** Ends as the signal would have ended us. */
  readonly #end = (signal: NodeJS.Signals): void => {
    this.#close();
    process.kill(process.pid, signal);
  };

  /** Lines that fit; what is below them is cleared. */
  draw(lines: readonly string[]): void {
    if (!this.#isOpen) return;
    const text = lines.slice(0, this.size.rows).map((line) => `${line}\u001b[K`);
    this.#output.write(BEGIN + text.join("\r\n") + END);
  }

  /** Keys by their names, until the input ends. Ctrl-Z suspends us meanwhile, as everywhere. */
  async *keys(): AsyncGenerator<string> {
    const decoder = new TextDecoder();
    for await (const chunk of this.#input) {
      for (const key of keysIn(typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true }))) {
        if (key === "suspend") this.#suspend();
        else yield key;
      }
    }
  }

  #suspend(): void {
    this.#close();
    process.once("SIGCONT", () => {
      this.open();
      this.#onResize();
    });
    process.kill(process.pid, "SIGTSTP");
  }
}
