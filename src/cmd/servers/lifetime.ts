/** How long a server runs: until it is told to end, or cannot go on. Signals count from the start, while it still opens. */
import type { Logger } from "pino";
import type { Context } from "../context.ts";
import { CommandError, messageOf } from "../errors.ts";
import { notifyService } from "./notify-service.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** How long an end in good order may take. */
const PATIENCE_MS = 15_000;

type Cause = { readonly kind: "signal"; readonly signal: string } | { readonly kind: "fault"; readonly error: unknown };

export interface LifetimeParts {
  readonly log: Logger;
  readonly context: Pick<Context, "env">;
  /** How long `close` may take before the process is ended all the same; 15 s, if absent. */
  readonly patienceMs?: number;
}

export class Lifetime implements Disposable {
  readonly #parts: LifetimeParts;
  readonly #ended = Promise.withResolvers<Cause>();
  #isEnding = false;

  constructor(parts: LifetimeParts) {
    this.#parts = parts;
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
  }

  [Symbol.dispose](): void {
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
  }

  /** Ends it for a fault that cannot be got over. The first cause counts. */
  readonly fail = (error: unknown): void => {
    this.#end({ kind: "fault", error });
  };

  /**
   * Of a server that is open: waits for a signal or a fault, then ends in good order with `close`. A second signal, or too
   * much time without success, ends the process at once. Rejects with a CommandError after a fault.
   */
  async run(close: () => Promise<void>): Promise<void> {
    const { log, context, patienceMs = PATIENCE_MS } = this.#parts;
    notifyService("ready", context, log);
    const cause = await this.#ended.promise;
    notifyService("stopping", context, log);
    if (cause.kind === "signal") log.info({ signal: cause.signal }, "stopping; again to stop at once");
    const impatience = setTimeout(() => {
      log.error("could not stop in good order in time");
      process.exit(1);
    }, patienceMs);
    await close();
    clearTimeout(impatience);
    if (cause.kind === "fault") throw new CommandError(messageOf(cause.error), { cause: cause.error });
  }

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    if (this.#isEnding) process.exit(1);
    this.#end({ kind: "signal", signal });
  };

  #end(cause: Cause): void {
    this.#isEnding = true;
    this.#ended.resolve(cause);
  }
}
