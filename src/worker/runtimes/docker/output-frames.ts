/**
 * Takes apart the one stream in which the engine sends both outputs of a container: frames of an eight-byte header (the
 * stream's number, three zeros, the length as a big-endian word) and that many bytes. A container with a terminal has a
 * single output, without frames.
 *
 * Source: Docker Engine API, "Attach to a container", stream format.
 */
import type { LogChunk } from "../runtime.ts";

const HEADER_BYTES = 8;
const STDERR = 2;

export class OutputFrames {
  readonly #isFramed: boolean;
  #header = Buffer.alloc(0);
  #stream: LogChunk["stream"] = "stdout";
  /** Bytes of the current frame still to come. */
  #missing = 0;

  constructor({ isFramed }: { readonly isFramed: boolean }) {
    this.#isFramed = isFramed;
  }

  /** What the next bytes of the stream hold; a frame that is not complete yet is passed on in parts. */
  *push(bytes: Buffer): Generator<LogChunk, void, undefined> {
    if (!this.#isFramed) {
      yield { stream: "stdout", data: bytes };
      return;
    }
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#missing === 0) rest = this.#readHeader(rest);
      const data = rest.subarray(0, this.#missing);
      rest = rest.subarray(data.length);
      this.#missing -= data.length;
      if (data.length > 0) yield { stream: this.#stream, data };
    }
  }

  /** Takes what belongs to the header and gives back what comes after it. */
  #readHeader(bytes: Buffer): Buffer {
    const taken = HEADER_BYTES - this.#header.length;
    this.#header = Buffer.concat([this.#header, bytes.subarray(0, taken)]);
    if (this.#header.length === HEADER_BYTES) {
      this.#stream = this.#header[0] === STDERR ? "stderr" : "stdout";
      this.#missing = this.#header.readUInt32BE(4);
      this.#header = Buffer.alloc(0);
    }
    return bytes.subarray(taken);
  }
}
