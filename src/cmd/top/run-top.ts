/** The live screen: asks every few seconds, draws what came, and does what the keys say. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Birdman } from "../../client/client.ts";
import { ClientError } from "../../client/client-error.ts";
import type { Context } from "../context.ts";
import { FullScreen } from "../terminal/full-screen.ts";
import type { Paint } from "../terminal/paint.ts";
import { takeSnapshot, type Snapshot } from "./snapshot.ts";
import { drawTop, type TopPicture } from "./top-screen.ts";
import { FIRST, press, type Sort, type TopState } from "./top-state.ts";

export interface TopRequest {
  readonly client: Birdman;
  readonly context: Context;
  readonly paint: Paint;
  /** Milliseconds between two questions. */
  readonly intervalMs: number;
  readonly sort: Sort;
}

/** Resolves when the user has seen enough. Rejects when the manager does not answer the first question. */
export async function runTop(request: TopRequest): Promise<void> {
  const { client, context } = request;
  const top = new Top(request, await takeSnapshot(client, {}));
  const screen = new FullScreen(context, () => top.draw());
  top.show(screen);
  screen.open();
  try {
    top.draw();
    const ended = new AbortController();
    const refreshing = top.refresh(ended.signal);
    await Promise.race([top.listen(screen), refreshing]);
    ended.abort();
    await refreshing;
  } finally {
    screen.close();
  }
}

class Top {
  readonly #request: TopRequest;
  #snapshot: Snapshot;
  #state: TopState;
  #trouble: string | undefined;
  #picture: TopPicture | undefined;
  #screen: FullScreen | undefined;
  /** Ends the pause before the next question. */
  #hurry = new AbortController();

  constructor(request: TopRequest, snapshot: Snapshot) {
    this.#request = request;
    this.#snapshot = snapshot;
    this.#state = { ...FIRST, sort: request.sort };
  }

  show(screen: FullScreen): void {
    this.#screen = screen;
  }

  draw(): void {
    const { context, paint } = this.#request;
    const size = this.#screen?.size;
    const frame = {
      snapshot: this.#snapshot,
      state: this.#state,
      paint,
      now: context.now(),
      trouble: this.#trouble,
      size,
    };
    this.#picture = drawTop(frame);
    this.#screen?.draw(this.#picture.lines);
  }

  async listen(screen: FullScreen): Promise<void> {
    for await (const key of screen.keys()) {
      const { rows, page } = this.#picture ?? { rows: [], page: 1 };
      const next = press(this.#state, key, { rows, page });
      if (next === undefined) return;
      const isCloser = next.detail !== undefined && this.#state.detail === undefined;
      this.#state = next;
      if (isCloser) this.#hurry.abort();
      this.draw();
    }
  }

  /** Until the signal. Whatever a manager that is away shall not end the screen: it says so, and asks again. */
  async refresh(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#hurry = new AbortController();
      await pause(this.#request.intervalMs, AbortSignal.any([signal, this.#hurry.signal]));
      await this.#ask(signal);
      this.draw();
    }
  }

  async #ask(signal: AbortSignal): Promise<void> {
    const isEnded = (): boolean => signal.aborted;
    if (isEnded()) return;
    const { detail } = this.#state;
    const isTask = this.#state.list === "tasks" && detail !== undefined;
    try {
      this.#snapshot = await takeSnapshot(this.#request.client, { signal, detail: isTask ? detail.key : undefined });
      this.#trouble = undefined;
    } catch (error) {
      if (isEnded()) return;
      if (!(error instanceof ClientError)) throw error;
      this.#trouble = `${error.message}; what is shown is old`;
    }
  }
}

/** Resolves after the time, or when the signal says so. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
