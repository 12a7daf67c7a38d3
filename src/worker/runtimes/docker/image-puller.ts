/**
 * Fetches images. Starts that want the same image with the same credentials at the same time share one pull, which goes
 * on until it is done or the last of them is called off.
 */
import { StartError } from "../runtime.ts";
import { EngineError, hasStatus } from "./engine-error.ts";
import type { Engine } from "./engine.ts";
import type { ImageRecords } from "./image-records.ts";
import { jsonLines } from "./json-lines.ts";
import { pullError } from "./pull-errors.ts";
import { PullProgress, type PullLine } from "./pull-progress.ts";

/** A pull that says nothing for so long is given up, in milliseconds. The engine's own attempts at a registry end before. */
const STALL_MS = 120_000;

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export interface PullRequest {
  readonly image: string;
  readonly credentials: Credentials | undefined;
}

type OnProgress = (sentence: string) => void;

interface SharedPull {
  readonly done: Promise<void>;
  readonly controller: AbortController;
  readonly listeners: Set<{ readonly onProgress: OnProgress }>;
  sentence: string;
}

export class ImagePuller {
  readonly #engine: Engine;
  readonly #records: ImageRecords | undefined;
  readonly #pulls = new Map<string, SharedPull>();

  /** `records`: where it is written down what was brought here. */
  constructor(engine: Engine, records?: ImageRecords) {
    this.#engine = engine;
    this.#records = records;
  }

  /** A start is about to use the image of this name. */
  noteUse(image: string): void {
    this.#records?.used(image, Date.now());
  }

  /** Resolves once the engine has the image. Rejects with a StartError, or with the signal's reason. */
  async pull(request: PullRequest, onProgress: OnProgress, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const key = JSON.stringify([request.image, request.credentials?.username, request.credentials?.password]);
    const pull = this.#pulls.get(key) ?? this.#begin(key, request);
    const listener = { onProgress };
    pull.listeners.add(listener);
    onProgress(pull.sentence);
    const { promise: calledOff, reject } = Promise.withResolvers<never>();
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      await Promise.race([pull.done, calledOff]);
    } finally {
      signal.removeEventListener("abort", onAbort);
      pull.listeners.delete(listener);
      if (pull.listeners.size === 0) {
        if (this.#pulls.get(key) === pull) this.#pulls.delete(key);
        pull.controller.abort();
      }
    }
  }

  #begin(key: string, request: PullRequest): SharedPull {
    const progress = new PullProgress(request.image);
    const listeners: SharedPull["listeners"] = new Set();
    const controller = new AbortController();
    const onLine = (line: PullLine): void => {
      progress.add(line);
      if (progress.sentence === pull.sentence) return;
      pull.sentence = progress.sentence;
      for (const { onProgress } of listeners) onProgress(pull.sentence);
    };
    const done = this.#run(request, onLine, controller);
    const pull: SharedPull = { done, controller, listeners, sentence: progress.sentence };
    this.#pulls.set(key, pull);
    return pull;
  }

  async #run(
    { image, credentials }: PullRequest,
    onLine: (line: PullLine) => void,
    controller: AbortController,
  ): Promise<void> {
    const { signal } = controller;
    const stall = setTimeout(() => {
      controller.abort(new StartError("image", `cannot pull ${image}: no progress for 2 minutes`));
    }, STALL_MS);
    try {
      const before = await this.#idOf(image);
      const stream = await this.#engine.open(
        { what: `the pull of ${image}`, timeoutMs: STALL_MS },
        (abortSignal) =>
          this.#engine.docker.pull(image, { abortSignal, ...(credentials && { authconfig: credentials }) }),
        signal,
      );
      for await (const value of jsonLines(stream)) {
        stall.refresh();
        const line = value as PullLine;
        if (line.error !== undefined) throw new EngineError("answered", line.error, { status: 500 });
        onLine(line);
      }
      // A stream that is called off may end as if it were complete.
      signal.throwIfAborted();
      const after = await this.#idOf(image);
      if (after !== undefined && after !== before) this.#records?.pulled(after, image, Date.now());
    } catch (error) {
      throw pullError(signal.aborted ? signal.reason : error, { image, credentials });
    } finally {
      clearTimeout(stall);
    }
  }

  /** Of the image that the engine has under this name; undefined when it has none, or nobody wants to know. */
  async #idOf(image: string): Promise<string | undefined> {
    if (this.#records === undefined) return undefined;
    try {
      const { Id: id } = await this.#engine.call({ what: `a look at image ${image}` }, () =>
        this.#engine.docker.getImage(image).inspect(),
      );
      return id;
    } catch (error) {
      if (hasStatus(error, 404)) return undefined;
      throw error;
    }
  }
}
