/** How long a server runs: until it is told to end, or cannot go on. */
import type { Logger } from "pino";
import { CommandError, messageOf } from "../errors.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** How long an end in good order may take, unless it is for ending tasks. */
const PATIENCE_MS = 15_000;

export class Lifetime {
  readonly #end: (how: { readonly error?: unknown; readonly signal?: string }) => void;
  readonly #ended: Promise<{ readonly error?: unknown; readonly signal?: string }>;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<{ readonly error?: unknown; readonly signal?: string }>();
    this.#ended = promise;
    this.#end = resolve;
  }

  /** Ends it for a fault that cannot be got over. The first counts. */
  readonly fail = (error: unknown): void => {
    this.#end({ error });
  };

  /**
   * Waits for a signal or a fault, then ends in good order with `close`. A second signal, or running out of patience,
   * ends the process at once. Rejects with a CommandError after a fault.
   */
  async run(log: Logger, close: () => Promise<void>, patienceMs = PATIENCE_MS): Promise<void> {
    const onSignal = (signal: NodeJS.Signals): void => this.#end({ signal });
    for (const signal of SIGNALS) process.once(signal, onSignal);
    const { error, signal } = await this.#ended;
    for (const each of SIGNALS) {
      process.off(each, onSignal);
      process.once(each, () => process.exit(1));
    }
    if (signal !== undefined) log.info({ signal }, "stopping; again to stop at once");
    const impatience = setTimeout(() => {
      log.error("could not stop in good order in time");
      process.exit(1);
    }, patienceMs);
    await close();
    clearTimeout(impatience);
    for (const each of SIGNALS) process.removeAllListeners(each);
    if (error !== undefined) throw new CommandError(messageOf(error));
  }
}
