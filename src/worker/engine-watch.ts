/**
 * Whether a runtime's engine answers. It is *sick* once several calls in a row, or two checks in a row, got no answer,
 * and well again once it answers a check and says all that it has. Answers that say no (not found, in use…) are answers.
 *
 * Meanwhile calls are not made but wait, so that an engine in trouble is not asked ever more.
 */
import { isSilence, type Runtime } from "./runtimes/runtime.ts";

/** Between two checks; and sooner after one that failed. Milliseconds. */
const CHECK_EVERY_MS = 2000;
const CHECK_AGAIN_MS = 500;
const CHECK_TIMEOUT_MS = 3000;

const MOST_SILENT_CHECKS = 2;
/** Calls have much more time than checks; one that gets none is likelier to be a fault of its own. */
const MOST_SILENT_CALLS = 3;

export interface EngineWatchOptions {
  readonly runtime: Pick<Runtime, "hasEngine" | "check">;
  /** Asks for all that the engine has and takes it in; rejects when it does not answer. */
  readonly list: () => Promise<void>;
  /** It became sick, and why in a sentence; or, without one, well again. */
  readonly onChange: (sick: string | undefined) => void;
}

export class EngineWatch {
  readonly #options: EngineWatchOptions;
  #silentCalls = 0;
  #silentChecks = 0;
  /** While it is sick: why, and what is resolved once it is well. */
  #sickness: { readonly reason: string; readonly cured: PromiseWithResolvers<void> } | undefined;
  #isChecking = false;
  #isClosed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: EngineWatchOptions) {
    this.#options = options;
  }

  /** Why it does not answer, in a sentence; undefined while it is well. */
  get sick(): string | undefined {
    return this.#sickness?.reason;
  }

  /** Resolves while, or once, it is well. */
  async well(): Promise<void> {
    await this.#sickness?.cured.promise;
  }

  /** Checks from now on, where there is an engine to check. */
  open(): void {
    if (!this.#options.runtime.hasEngine || this.#isChecking) return;
    this.#isChecking = true;
    this.#checkLater();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  /** Makes a call once the engine is well. */
  async call<T>(call: () => Promise<T>): Promise<T> {
    await this.well();
    return this.attempt(call);
  }

  /** Makes a call now; what it says of the engine is noted. */
  async attempt<T>(call: () => Promise<T>): Promise<T> {
    try {
      const result = await call();
      this.#silentCalls = 0;
      return result;
    } catch (error) {
      this.#noteFailure(error);
      throw error;
    }
  }

  #noteFailure(error: unknown): void {
    if (!isSilence(error)) {
      this.#silentCalls = 0;
      return;
    }
    this.#silentCalls += 1;
    // Who is never checked would never be found well again.
    if (this.#silentCalls >= MOST_SILENT_CALLS && this.#isChecking) this.#fallSick(error);
  }

  #fallSick(silence: unknown): void {
    if (this.#sickness !== undefined) return;
    const reason = silence instanceof Error ? silence.message : String(silence);
    this.#sickness = { reason, cured: Promise.withResolvers<void>() };
    this.#options.onChange(reason);
  }

  #checkLater(): void {
    const isUncertain = this.#silentChecks > 0 || this.sick !== undefined;
    const check = async (): Promise<void> => {
      await this.#check();
      if (!this.#isClosed) this.#checkLater();
    };
    this.#timer = setTimeout(() => void check(), isUncertain ? CHECK_AGAIN_MS : CHECK_EVERY_MS).unref();
  }

  /** Never rejects: an engine that answers no to a check answers, and is well. */
  async #check(): Promise<void> {
    try {
      await this.#options.runtime.check(CHECK_TIMEOUT_MS);
      this.#silentChecks = 0;
      if (this.sick !== undefined) await this.#recover();
    } catch (error) {
      if (!isSilence(error)) return;
      this.#silentChecks += 1;
      if (this.#silentChecks >= MOST_SILENT_CHECKS) this.#fallSick(error);
    }
  }

  async #recover(): Promise<void> {
    await this.#options.list();
    this.#silentCalls = 0;
    const sickness = this.#sickness;
    this.#sickness = undefined;
    this.#options.onChange(undefined);
    sickness?.cured.resolve();
  }
}
