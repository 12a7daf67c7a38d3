/**
 * Keeps what happens during a start from being told too early or at all. A container that ends at once may do so before
 * the engine has answered that it was started: its notices wait until whoever started it has heard. One that could not
 * be started is told of by the failed start alone: that it died and was removed again is nobody's news.
 */
import type { RuntimeNotice } from "../runtime.ts";

type Tell = (notice: RuntimeNotice) => void;

export class NoticeGate {
  /** Of each container that is being started, what is to be told afterwards. */
  readonly #waiting = new Map<string, (() => void)[]>();
  /** Containers that could not be started, until they are gone. */
  readonly #failed = new Set<string>();

  starting(containerId: string): void {
    this.#failed.delete(containerId);
    if (!this.#waiting.has(containerId)) this.#waiting.set(containerId, []);
  }

  /** It was started, or nobody knows: to be called when whoever asked for the start has heard. */
  release(containerId: string): void {
    const waiting = this.#waiting.get(containerId) ?? [];
    this.#waiting.delete(containerId);
    for (const tell of waiting) tell();
  }

  failed(containerId: string): void {
    this.#waiting.delete(containerId);
    this.#failed.add(containerId);
  }

  /** Notices may have been missed: of those that failed before, none is expected any more. */
  forget(): void {
    this.#failed.clear();
  }

  pass(containerId: string, notice: RuntimeNotice, tell: Tell): void {
    if (this.#failed.has(containerId)) {
      if (notice.kind === "removed") this.#failed.delete(containerId);
      return;
    }
    const waiting = this.#waiting.get(containerId);
    if (waiting === undefined) tell(notice);
    else waiting.push(() => tell(notice));
  }
}
