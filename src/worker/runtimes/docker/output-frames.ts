/**
 * Takes apart the one stream in which the engine sends both outputs of a container: frames of an eight-byte header (the
 * stream's number, three zeros, the length as a big-endian word) and that many bytes. A container with a terminal has a
 * single output, without frames.
 *
 * Source: Docker Engine API, "Attach to a container", stream format.
 */
import { OutputRuns } from "../output-runs.ts";
import type { LogChunk } from "../runtime.ts";

const HEADER_BYTES = 8;
const STDERR = 2;

export class OutputFrames {
  readonly #isFramed: boolean;
  readonly #header = Buffer.alloc(HEADER_BYTES);
  /** How much of the next header has come. */
  #headerBytes = 0;
  #stream: LogChunk["stream"] = "stdout";
  /** Bytes of the current frame still to come. */
  #missing = 0;

  constructor({ isFramed }: { readonly isFramed: boolean }) {
    this.#isFramed = isFramed;
  }

  /**
   * What the next bytes of the stream hold; a frame that is not complete yet is passed on in parts. The engine makes a
   * frame of every line: those of a run come as one chunk, made within the bytes.
   */
  push(bytes: Buffer): readonly LogChunk[] {
    if (!this.#isFramed) return [{ stream: "stdout", data: bytes }];
    const runs = new OutputRuns(bytes);
    for (let at = 0, end = 0; at < bytes.length; at = end) {
      if (this.#missing === 0) at += this.#readHeader(bytes, at);
      end = Math.min(at + this.#missing, bytes.length);
      runs.add(this.#stream, at, end);
      this.#missing -= end - at;
    }
    return runs.chunks();
  }

  /** Takes what belongs to the header, and gives the number of its bytes. */
  #readHeader(bytes: Buffer, at: number): number {
    const taken = bytes.copy(this.#header, this.#headerBytes, at);
    this.#headerBytes += taken;
    if (this.#headerBytes === HEADER_BYTES) {
      this.#stream = this.#header[0] === STDERR ? "stderr" : "stdout";
      this.#missing = this.#header.readUInt32BE(4);
      this.#headerBytes = 0;
    }
    return taken;
  }
}
