/** Answers that go on until somebody hangs up: the reader, or the server that is being closed. */
import type { FastifyInstance, FastifyReply } from "fastify";

export class OpenStreams {
  readonly #open = new Set<AbortController>();

  constructor(app: FastifyInstance) {
    app.addHook("preClose", async () => {
      for (const controller of this.#open) controller.abort();
    });
  }

  /** Aborted when the answer is over, whoever ended it. The head of the answer leaves as soon as there is a body to send. */
  begin(reply: FastifyReply): AbortSignal {
    const controller = new AbortController();
    this.#open.add(controller);
    reply.raw.once("close", () => {
      this.#open.delete(controller);
      controller.abort();
    });
    // Whoever follows something silent is to know at once that it is there.
    reply.raw.once("pipe", () => reply.raw.flushHeaders());
    return controller.signal;
  }
}
