/**
 * Output taken out of a block of bytes in which it lies in pieces, with headers or times between them: lines as a log has
 * them, frames as an engine sends them. The pieces are moved together within the block itself, which nobody else may
 * need any more: so a block costs no memory but its own, and becomes one chunk as long as it is all of one stream.
 */
import type { LogChunk } from "./runtime.ts";

export class OutputRuns {
  readonly #block: Buffer;
  readonly #ended: LogChunk[] = [];
  #stream: LogChunk["stream"] = "stdout";
  /** Where the run that is being made lies in the block. */
  #from = 0;
  #to = 0;

  constructor(block: Buffer) {
    this.#block = block;
  }

  /** Takes the bytes from `start` to `end`. Pieces are taken in their order; what lies before `start` is lost. */
  add(stream: LogChunk["stream"], start: number, end: number): void {
    if (stream !== this.#stream) this.#endRun();
    this.#stream = stream;
    this.#block.copyWithin(this.#to, start, end);
    this.#to += end - start;
  }

  /** One chunk for each run of pieces of the same stream. They share the block's memory. */
  chunks(): readonly LogChunk[] {
    this.#endRun();
    return this.#ended;
  }

  #endRun(): void {
    if (this.#to > this.#from) {
      this.#ended.push({ stream: this.#stream, data: this.#block.subarray(this.#from, this.#to) });
    }
    this.#from = this.#to;
  }
}
