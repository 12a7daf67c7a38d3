/**
 * The client of a manager's REST API, for Node and browsers alike: it knows the requests and the answers, and how they
 * travel is handed in. Every method takes an AbortSignal and fails with a ClientError, or with the signal's reason.
 */
import type { EventJson } from "../api/event-json.ts";
import type { NodeJson, NodePatch } from "../api/node-json.ts";
import type { PlansJson } from "../api/plan-json.ts";
import type { PlacementJson } from "../api/placement-json.ts";
import type { Problem } from "../api/problems.ts";
import type { ClusterStatsJson } from "../api/stats-json.ts";
import type { TaskJson } from "../api/task-json.ts";
import type { TaskDocument } from "../task/document.ts";
import type { TaskState } from "../task/state.ts";
import { ClientError } from "./client-error.ts";
import type { Transport, TransportRequest, TransportResponse } from "./transport.ts";

export interface ClientOptions {
  readonly transport: Transport;
  /** Bearer token. */
  readonly token?: string;
}

interface Cancellable {
  readonly signal?: AbortSignal;
}

/** Which tasks: all of these together. */
export interface TaskFilter {
  readonly state?: TaskState;
  /** Name of the node. */
  readonly node?: string;
  readonly name?: string;
  /** `key=value`, or a key alone. */
  readonly label?: string;
  /** What the id begins with. */
  readonly idPrefix?: string;
  /** At most so many a page, up to 1,000. */
  readonly limit?: number;
}

export interface TaskPage {
  /** Newest first. */
  readonly tasks: readonly TaskJson[];
  /** Where the next page begins; undefined for the last. */
  readonly cursor: string | undefined;
}

export interface LogFilter {
  readonly follow?: boolean;
  /** Only so many of the last lines. */
  readonly tail?: number;
  /** RFC 3339. */
  readonly since?: string;
  readonly timestamps?: boolean;
  readonly stdout?: boolean;
  readonly stderr?: boolean;
}

export class Birdman {
  readonly #transport: Transport;
  readonly #headers: Readonly<Record<string, string>>;

  constructor({ transport, token }: ClientOptions) {
    this.#transport = transport;
    this.#headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  }

  /** Starts one task. A repeated submission with the same key within a day is answered with the first one's task. */
  async submit(
    document: TaskDocument,
    options: Cancellable & { readonly idempotencyKey?: string } = {},
  ): Promise<TaskJson> {
    return this.#post("/tasks", JSON.stringify(document), options);
  }

  /**
   * Starts whatever the JSON holds: a task, a list of tasks (all or none), or an event. Answers one task for one, a list
   * for a list.
   */
  async submitJson(
    json: string,
    options: Cancellable & { readonly idempotencyKey?: string } = {},
  ): Promise<TaskJson | readonly TaskJson[]> {
    return this.#post("/tasks", json, options);
  }

  async tasks(filter: TaskFilter & { readonly cursor?: string } = {}, { signal }: Cancellable = {}): Promise<TaskPage> {
    const { idPrefix, ...rest } = filter;
    const response = await this.#send({ method: "GET", path: `/tasks${query({ ...rest, prefix: idPrefix })}`, signal });
    const link = response.header("link");
    return { tasks: await readJson<TaskJson[]>(response), cursor: link === undefined ? undefined : cursorOf(link) };
  }

  /** Page after page, newest first. */
  async *everyTask(filter: TaskFilter = {}, options: Cancellable = {}): AsyncGenerator<TaskJson> {
    let cursor: string | undefined;
    do {
      const page: TaskPage = await this.tasks(cursor === undefined ? filter : { ...filter, cursor }, options);
      yield* page.tasks;
      cursor = page.cursor;
    } while (cursor !== undefined);
  }

  async task(id: string, options: Cancellable = {}): Promise<TaskJson> {
    return this.#get(`/tasks/${encodeURIComponent(id)}`, options);
  }

  /** Asks for the task to stop; resolves when the request is accepted. A task that has ended is left as it is. */
  async stop(id: string, { signal }: Cancellable = {}): Promise<void> {
    await readAll(await this.#send({ method: "DELETE", path: `/tasks/${encodeURIComponent(id)}`, signal }));
  }

  /** Asks for the task to be stopped and placed again, as a new attempt. */
  async restart(id: string, { signal }: Cancellable = {}): Promise<TaskJson> {
    return readJson(await this.#send({ method: "POST", path: `/tasks/${encodeURIComponent(id)}/restart`, signal }));
  }

  /** The history of a task, oldest first. */
  async taskEvents(id: string, options: Cancellable = {}): Promise<readonly EventJson[]> {
    return this.#get(`/tasks/${encodeURIComponent(id)}/events`, options);
  }

  /** Why the task is where it is, or what keeps it from being placed. */
  async placement(id: string, options: Cancellable = {}): Promise<PlacementJson> {
    return this.#get(`/tasks/${encodeURIComponent(id)}/placement`, options);
  }

  /** What if: the JSON is the body of `POST /plans`. Nothing comes of it. */
  async planJson(json: string, options: Cancellable = {}): Promise<PlansJson> {
    return this.#post("/plans", json, options);
  }

  /** What the task writes, as it comes. Leaving the loop ends the stream. */
  async *logs(id: string, filter: LogFilter = {}, { signal }: Cancellable = {}): AsyncGenerator<Uint8Array> {
    const path = `/tasks/${encodeURIComponent(id)}/logs${query({ ...filter })}`;
    const response = await this.#send({ method: "GET", path, signal });
    yield* response.body;
  }

  async nodes(options: Cancellable = {}): Promise<readonly NodeJson[]> {
    return this.#get("/nodes", options);
  }

  async node(name: string, options: Cancellable = {}): Promise<NodeJson> {
    return this.#get(`/nodes/${encodeURIComponent(name)}`, options);
  }

  async setAvailability(name: string, change: NodePatch, { signal }: Cancellable = {}): Promise<NodeJson> {
    const body = JSON.stringify(change);
    return readJson(await this.#send({ method: "PATCH", path: `/nodes/${encodeURIComponent(name)}`, body, signal }));
  }

  /** Forgets a node that is down. */
  async removeNode(name: string, { signal }: Cancellable = {}): Promise<void> {
    await readAll(await this.#send({ method: "DELETE", path: `/nodes/${encodeURIComponent(name)}`, signal }));
  }

  /** Takes off the brake on mass silence, if it is on. */
  async releaseBrake({ signal }: Cancellable = {}): Promise<void> {
    await readAll(await this.#send({ method: "DELETE", path: "/brake", signal }));
  }

  async stats(options: Cancellable = {}): Promise<ClusterStatsJson> {
    return this.#get("/stats", options);
  }

  async #get<Answer>(path: string, { signal }: Cancellable): Promise<Answer> {
    return readJson(await this.#send({ method: "GET", path, signal }));
  }

  async #post<Answer>(
    path: string,
    body: string,
    { signal, idempotencyKey }: Cancellable & { readonly idempotencyKey?: string },
  ): Promise<Answer> {
    const headers = idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey };
    return readJson(await this.#send({ method: "POST", path, body, headers, signal }));
  }

  async #send({ method, path, body, headers, signal }: Request): Promise<TransportResponse> {
    const response = await this.#transport({
      method,
      path,
      headers: {
        accept: "application/json",
        ...this.#headers,
        ...headers,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    });
    if (response.status >= 200 && response.status < 300) return response;
    throw await refusal(response);
  }
}

interface Request {
  readonly method: TransportRequest["method"];
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
}

function query(parameters: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) search.set(name, String(value));
  return search.size === 0 ? "" : `?${search.toString()}`;
}

/** The cursor in `<…/tasks?cursor=X&…>; rel="next"` (RFC 8288). */
function cursorOf(link: string): string | undefined {
  const target = /<([^>]*)>\s*;\s*rel="?next"?/.exec(link)?.[1];
  if (target === undefined) return undefined;
  return new URLSearchParams(target.slice(target.indexOf("?") + 1)).get("cursor") ?? undefined;
}

async function refusal(response: TransportResponse): Promise<ClientError> {
  const text = await readAll(response);
  const problem =
    response.header("content-type")?.startsWith("application/problem+json") === true ? parse(text) : undefined;
  if (!isProblem(problem)) return notBirdman(response, `status ${String(response.status)} without an explanation`);
  return new ClientError(problem.code, problem.detail, { status: response.status, problem });
}

/** The server is trusted as far as the members that every problem has. */
function isProblem(value: unknown): value is Problem {
  return (
    typeof value === "object" &&
    value !== null &&
    "code" in value &&
    typeof value.code === "string" &&
    "detail" in value &&
    typeof value.detail === "string"
  );
}

/** The answer's form is the server's promise (its own schemas), not checked again here. */
async function readJson<Answer>(response: TransportResponse): Promise<Answer> {
  const value = parse(await readAll(response));
  if (value === undefined) throw notBirdman(response, "not JSON");
  return value as Answer;
}

function notBirdman({ url }: TransportResponse, what: string): ClientError {
  return new ClientError("not_birdman", `${url}: the answer is ${what}`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function readAll(response: TransportResponse): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body) text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}
