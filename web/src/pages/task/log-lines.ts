/** What a task writes, in lines: bytes go in as they come, whole lines come out, the newest of them are kept. */
export interface LogLine {
  /** Counts up over all lines there were. */
  readonly number: number;
  readonly text: string;
}

/** More would be no help to look through: what is older can be downloaded. */
export const MOST_LINES = 20_000;

/** Colours and cursor movements of terminals. */
const ESCAPES = /\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)|[@-Z\\-_])/g;

export class LogLines {
  readonly #decoder = new TextDecoder();
  #rest = "";
  #count = 0;

  /** The lines that are whole with this chunk. */
  take(chunk: Uint8Array): LogLine[] {
    const texts = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split("\n");
    this.#rest = texts.pop() ?? "";
    return texts.map((text) => this.#line(text));
  }

  /** What stands behind the last line end, once nothing follows. */
  end(): LogLine[] {
    const rest = this.#rest + this.#decoder.decode();
    this.#rest = "";
    return rest === "" ? [] : [this.#line(rest)];
  }

  #line(raw: string): LogLine {
    this.#count += 1;
    // A terminal shows what stands behind the last carriage return.
    const text = raw.replace(/\r$/, "").replace(ESCAPES, "");
    return { number: this.#count, text: text.slice(text.lastIndexOf("\r") + 1) };
  }
}

/** The lines with the fresh ones behind them, the oldest let go. */
export function withLines(lines: readonly LogLine[], fresh: readonly LogLine[]): readonly LogLine[] {
  return fresh.length === 0 ? lines : [...lines, ...fresh].slice(-MOST_LINES);
}
