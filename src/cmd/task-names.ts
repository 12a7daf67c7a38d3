import type { Birdman } from "../client/client.ts";
import { ClientError } from "../client/client-error.ts";

/** The newest tasks, asked for together: those that make news are mostly among them. */
const PAGE = 100;

/** The names of tasks by their ids, asked for when they are wanted and remembered. */
export class TaskNames {
  readonly #client: Birdman;
  readonly #names = new Map<string, string>();

  constructor(client: Birdman) {
    this.#client = client;
  }

  /** Of one that is not known, or not any more, the id. */
  readonly of = (id: string): string => this.#names.get(id) ?? id;

  /** Asks for those that are not known yet. */
  async learn(ids: Iterable<string>): Promise<void> {
    const unknown = new Set(ids).difference(this.#names);
    if (unknown.size === 0) return;
    const limit = Math.min(1000, Math.max(PAGE, unknown.size));
    const { tasks } = await this.#client.tasks({ limit });
    for (const { id, name } of tasks) this.#names.set(id, name);
    const [only, ...more] = unknown.difference(this.#names);
    if (only !== undefined && more.length === 0) this.#names.set(only, await this.#nameOf(only));
  }

  async #nameOf(id: string): Promise<string> {
    try {
      return (await this.#client.task(id)).name;
    } catch (error) {
      if (error instanceof ClientError && error.status === 404) return id;
      throw error;
    }
  }
}
