/**
 * Keeps what happens during a start from being told too early or at all. A container that ends at once may do so before
 * the engine has answered that it was started: its notices wait until whoever started it has heard. One that could not
 * be started is told of by the failed start alone: that it died and was removed again is nobody's news. And that one
 * appeared is news only when somebody else started it.
 */
import type { RuntimeNotice } from "../runtime.ts";

type Tell = (notice: RuntimeNotice) => void;

export class NoticeGate {
  /** Of each container that is being started, what is to be told afterwards. */
  readonly #waiting = new Map<string, (() => void)[]>();
  /** Containers that could not be started, until they are gone. */
  readonly #failed = new Set<string>();
  /** Containers that we started and that have not ended since: the engine may tell of it late. */
  readonly #own = new Set<string>();

  starting(containerId: string): void {
    this.#failed.delete(containerId);
    this.#own.add(containerId);
    if (!this.#waiting.has(containerId)) this.#waiting.set(containerId, []);
  }

  /** It was started: to be called when whoever asked for the start has heard. */
  release(containerId: string): void {
    const waiting = this.#waiting.get(containerId) ?? [];
    this.#waiting.delete(containerId);
    for (const tell of waiting) tell();
  }

  /** Nobody knows whether it was started, or will be: the same, and if it is, that is news. */
  abandon(containerId: string): void {
    this.#own.delete(containerId);
    this.release(containerId);
  }

  failed(containerId: string): void {
    this.#waiting.delete(containerId);
    this.#own.delete(containerId);
    this.#failed.add(containerId);
  }

  /** Notices may have been missed: of what was started before, none is expected any more. */
  forget(): void {
    this.#failed.clear();
    this.#own.clear();
  }

  pass(containerId: string, notice: RuntimeNotice, tell: Tell): void {
    if (this.#failed.has(containerId)) {
      if (notice.kind === "removed") this.#failed.delete(containerId);
      return;
    }
    if (notice.kind === "appeared" && this.#own.has(containerId)) return;
    if (notice.kind === "exited" || notice.kind === "removed") this.#own.delete(containerId);
    const waiting = this.#waiting.get(containerId);
    if (waiting === undefined) tell(notice);
    else waiting.push(() => tell(notice));
  }
}
