/** One who reads the live feed: what waits for it, up to a limit. A reader that falls behind is let go, and may come again. */
const MOST_WAITING_BYTES = 8 * 2 ** 20;

export class Reader {
  #waiting: Uint8Array[] = [];
  #bytes = 0;
  #isOver = false;
  #wake: (() => void) | undefined;

  push(frame: Uint8Array): void {
    if (this.#isOver) return;
    this.#waiting.push(frame);
    this.#bytes += frame.length;
    if (this.#bytes > MOST_WAITING_BYTES) this.end();
    else this.#wake?.();
  }

  /** Nothing more is to come, and what waits is dropped: half of the news is worth nothing. */
  end(): void {
    this.#isOver = true;
    this.#waiting = [];
    this.#wake?.();
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** What waits now. */
  *take(): Generator<Uint8Array> {
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) yield frame;
  }

  /** Everything from now on. */
  async *rest(): AsyncGenerator<Uint8Array> {
    while (!this.#isOver) {
      yield* this.take();
      await this.#news();
    }
  }

  #next(): Uint8Array | undefined {
    const frame = this.#waiting.shift();
    this.#bytes -= frame?.length ?? 0;
    return frame;
  }

  #news(): Promise<void> {
    if (this.#isOver || this.#waiting.length > 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }
}
