/** Asking a manager that is killed all the time: every request is repeated until it is answered. */
import { setTimeout as delay } from "node:timers/promises";
import type { EventJson } from "../../src/api/event-json.ts";
import type { NodeJson } from "../../src/api/node-json.ts";
import type { ClusterStatsJson } from "../../src/api/stats-json.ts";
import type { TaskJson } from "../../src/api/task-json.ts";

const PATIENCE_MS = 10_000;
const AGAIN_MS = 250;
/** Longer than any fault lasts, or some after each other. */
const GIVE_UP_MS = 180_000;
/** Starting, without a store, or without room in it: to be asked again. */
const NOT_NOW = [503, 507];

export interface Asked {
  readonly method: "GET" | "POST" | "DELETE" | "PATCH";
  readonly path: string;
  readonly body?: unknown;
  readonly idempotencyKey?: string;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly link: string | null;
}

export class ManagerApi {
  readonly #url: string;
  readonly #signal: AbortSignal;

  /** Gives up, and rejects with its reason, when the signal is aborted. */
  constructor(url: string, signal: AbortSignal) {
    this.#url = url;
    this.#signal = signal;
  }

  /** Resolves to the first answer that is not "not now". Rejects when there is none for long. */
  async ask(asked: Asked): Promise<Answer> {
    const deadline = performance.now() + GIVE_UP_MS;
    for (;;) {
      this.#signal.throwIfAborted();
      const answer = await this.#try(asked).catch(() => undefined);
      if (answer !== undefined && !NOT_NOW.includes(answer.status)) return answer;
      if (performance.now() > deadline) throw new Error(`${asked.method} ${asked.path}: not answered for 3 minutes`);
      await delay(AGAIN_MS, undefined, { signal: this.#signal });
    }
  }

  /** All tasks, page after page. */
  async tasks(): Promise<TaskJson[]> {
    const tasks: TaskJson[] = [];
    let path: string | undefined = "/tasks";
    while (path !== undefined) {
      const { body, link } = await this.#get(path);
      tasks.push(...(body as TaskJson[]));
      path = /<([^>]+)>/.exec(link ?? "")?.[1];
    }
    return tasks;
  }

  async nodes(): Promise<NodeJson[]> {
    return (await this.#get("/nodes")).body as NodeJson[];
  }

  async stats(): Promise<ClusterStatsJson> {
    return (await this.#get("/stats")).body as ClusterStatsJson;
  }

  /** The history of a task; empty where it is unknown. */
  async events(id: string): Promise<EventJson[]> {
    const { status, body } = await this.ask({ method: "GET", path: `/tasks/${id}/events` });
    return status === 200 ? (body as EventJson[]) : [];
  }

  async #get(path: string): Promise<Answer> {
    const answer = await this.ask({ method: "GET", path });
    if (answer.status !== 200) throw new Error(`GET ${path}: ${String(answer.status)} ${JSON.stringify(answer.body)}`);
    return answer;
  }

  async #try({ method, path, body, idempotencyKey }: Asked): Promise<Answer> {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.any([this.#signal, AbortSignal.timeout(PATIENCE_MS)]),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: text === "" ? undefined : JSON.parse(text),
      link: response.headers.get("link"),
    };
  }
}
