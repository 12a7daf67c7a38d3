/**
 * The client of a manager's REST API, for Node and browsers alike: it knows the requests and the answers, and how they
 * travel is handed in. Every method takes an AbortSignal and fails with a ClientError, or with the signal's reason.
 */
import type { PrometheusTargets } from "../api/discovery-json.ts";
import type { ExecRequest } from "../api/exec-order.ts";
import type { EventJson } from "../api/event-json.ts";
import type { LiveFrame } from "../api/live-json.ts";
import type { NodeJson, NodePatch } from "../api/node-json.ts";
import type { PlanRequest, PlansJson } from "../api/plan-json.ts";
import type { PlacementJson } from "../api/placement-json.ts";
import type { ClusterStatsJson } from "../api/stats-json.ts";
import type { TaskJson } from "../api/task-json.ts";
import type { TaskDocument } from "../task/document.ts";
import type { TaskState } from "../task/state.ts";
import { parseAddress } from "./address.ts";
import { eventStream, type EventStreamOptions } from "./event-stream.ts";
import { fetchTransport } from "./fetch-transport.ts";
import { ExecSession } from "./exec.ts";
import { nodeTransport } from "./node-transport.ts";
import { type Cancellable, nextCursor, queryOf, readJson, type RequestOptions, Requests } from "./requests.ts";
import { serverSentEvents } from "./server-sent-events.ts";
import type { TransportResponse } from "./transport.ts";

export interface ConnectOptions {
  /** Bearer token. */
  readonly token?: string | undefined;
  /** In Node: certificates (PEM) to trust in place of the usual ones. */
  readonly ca?: string | undefined;
}

export interface SubmitOptions extends Cancellable {
  /** A request that is sent again with the same key within a day is answered with what the first one made. */
  readonly idempotencyKey?: string | undefined;
}

/** What if these tasks came, and these nodes went. */
export interface PlanQuestion extends Omit<PlanRequest, "tasks"> {
  readonly tasks?: TaskDocument | readonly TaskDocument[];
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

export interface LogStreamOptions extends Cancellable {
  /** Told before the first chunk what is not there, and why, where the task's node is away: what follows is a part. */
  readonly onMissing?: (what: string) => void;
}

/** Which events: all of these together. */
export interface EventFilter {
  readonly kind?: EventJson["kind"];
  /** Id of the task. */
  readonly task?: string;
  /** Name of the node. */
  readonly node?: string;
  /** RFC 3339. */
  readonly since?: string;
  /** Only events with a greater `seq`, the oldest of them first. */
  readonly after?: number;
  /** The most events of a list, and how many of the newest a stream begins with; 1,000 at most, and without it. */
  readonly limit?: number;
}

export class Birdman {
  readonly #requests: Requests;

  /** With a transport of one's own; `Birdman.connect` has one. */
  constructor(options: RequestOptions) {
    this.#requests = new Requests(options);
  }

  /**
   * A manager by its address, `HOST`, `HOST:PORT` or a URL; without a port 8080, unless it is a URL. Nothing is sent yet.
   * Throws a TypeError for what is no address.
   */
  static connect(address = "localhost:8080", { token, ca }: ConnectOptions = {}): Birdman {
    const base = parseAddress(address, ca === undefined ? "http" : "https");
    if (base === undefined) throw new TypeError(`'${address}' is no address of a manager: give HOST:PORT or a URL`);
    return new Birdman({ ...transportsTo(base, ca), token });
  }

  /** Starts one task. */
  async submit(document: TaskDocument, options: SubmitOptions = {}): Promise<TaskJson> {
    return this.#post("/tasks", JSON.stringify(document), options);
  }

  /** Starts all of these tasks, or none. */
  async submitAll(documents: readonly TaskDocument[], options: SubmitOptions = {}): Promise<readonly TaskJson[]> {
    return this.#post("/tasks", JSON.stringify(documents), options);
  }

  /**
   * Starts whatever the JSON holds: a task, a list of tasks (all or none), or an event. Answers one task for one, a list
   * for a list.
   */
  async submitJson(json: string, options: SubmitOptions = {}): Promise<TaskJson | readonly TaskJson[]> {
    return this.#post("/tasks", json, options);
  }

  async tasks(filter: TaskFilter & { readonly cursor?: string } = {}, { signal }: Cancellable = {}): Promise<TaskPage> {
    const { idPrefix, ...rest } = filter;
    const path = `/tasks${queryOf({ ...rest, prefix: idPrefix })}`;
    const response = await this.#requests.send({ method: "GET", path, signal });
    return { tasks: await readJson<TaskJson[]>(response), cursor: nextCursor(response) };
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
    return this.#requests.get(`/tasks/${encodeURIComponent(id)}`, options);
  }

  /** Asks for the task to stop; resolves when the request is accepted. A task that has ended is left as it is. */
  async stop(id: string, { signal }: Cancellable = {}): Promise<void> {
    await this.#requests.text({ method: "DELETE", path: `/tasks/${encodeURIComponent(id)}`, signal });
  }

  /** Asks for the task to be stopped and placed again, as a new attempt. */
  async restart(id: string, options: SubmitOptions = {}): Promise<TaskJson> {
    return this.#post(`/tasks/${encodeURIComponent(id)}/restart`, undefined, options);
  }

  /** The history of a task, oldest first. */
  async taskEvents(id: string, options: Cancellable = {}): Promise<readonly EventJson[]> {
    return this.#requests.get(`/tasks/${encodeURIComponent(id)}/events`, options);
  }

  /** Why the task is where it is, or what keeps it from being placed. */
  async placement(id: string, options: Cancellable = {}): Promise<PlacementJson> {
    return this.#requests.get(`/tasks/${encodeURIComponent(id)}/placement`, options);
  }

  /** Works out what would happen. Nothing comes of it. */
  async plan(question: PlanQuestion, options: Cancellable = {}): Promise<PlansJson> {
    return this.planJson(JSON.stringify(question), options);
  }

  /** What if: the JSON is the body of `POST /plans`. */
  async planJson(json: string, options: Cancellable = {}): Promise<PlansJson> {
    return this.#post("/plans", json, options);
  }

  /** What the task writes, as it comes. Leaving the loop ends the stream. */
  async *logs(
    id: string,
    filter: LogFilter = {},
    { signal, onMissing }: LogStreamOptions = {},
  ): AsyncGenerator<Uint8Array> {
    const path = `/tasks/${encodeURIComponent(id)}/logs${queryOf({ ...filter })}`;
    const response = await this.#requests.send({ method: "GET", path, signal });
    const missing = response.header("birdman-missing");
    if (missing !== undefined) onMissing?.(decodeURI(missing));
    yield* response.body;
  }

  /** The history of the cluster, oldest first. */
  async eventList(filter: EventFilter = {}, options: Cancellable = {}): Promise<readonly EventJson[]> {
    return this.#requests.get(`/events${queryOf({ ...filter, follow: false })}`, options);
  }

  /**
   * The history, and what happens from now on. A connection that is lost is made again and gone on with, without a gap or
   * a repeat. Leaving the loop ends the stream.
   */
  events(filter: EventFilter = {}, options: EventStreamOptions = {}): AsyncGenerator<EventJson> {
    const { signal } = options;
    const path = `/events${queryOf({ ...filter })}`;
    const open = (last: number | undefined): Promise<TransportResponse> => {
      const resumed = last === undefined ? {} : { "last-event-id": String(last) };
      return this.#requests.send({ method: "GET", path, headers: { accept: "text/event-stream", ...resumed }, signal });
    };
    return eventStream(open, options);
  }

  /**
   * The whole cluster, and what changes from now on, over one connection: the loop ends when that is lost. Leaving it ends
   * the stream.
   */
  async *live({ signal }: Cancellable = {}): AsyncGenerator<LiveFrame> {
    const headers = { accept: "text/event-stream" };
    const response = await this.#requests.send({ method: "GET", path: "/live", headers, signal });
    for await (const { data } of serverSentEvents(response.body)) yield JSON.parse(data) as LiveFrame;
  }

  /**
   * Runs a command inside the task, wherever that runs. Fails with a ClientError when it cannot be; what the command itself
   * does is told by the session.
   */
  async exec(id: string, request: ExecRequest, options: Cancellable = {}): Promise<ExecSession> {
    const session = new ExecSession(await this.#requests.converse(`/tasks/${encodeURIComponent(id)}/exec`, options));
    await session.begin(request);
    return session;
  }

  async nodes(options: Cancellable = {}): Promise<readonly NodeJson[]> {
    return this.#requests.get("/nodes", options);
  }

  async node(name: string, options: Cancellable = {}): Promise<NodeJson> {
    return this.#requests.get(`/nodes/${encodeURIComponent(name)}`, options);
  }

  async setAvailability(name: string, change: NodePatch, { signal }: Cancellable = {}): Promise<NodeJson> {
    const body = JSON.stringify(change);
    return this.#requests.json({ method: "PATCH", path: `/nodes/${encodeURIComponent(name)}`, body, signal });
  }

  /** Forgets a node that is down. */
  async removeNode(name: string, { signal }: Cancellable = {}): Promise<void> {
    await this.#requests.text({ method: "DELETE", path: `/nodes/${encodeURIComponent(name)}`, signal });
  }

  /** Takes off the brake on mass silence, if it is on. */
  async releaseBrake({ signal }: Cancellable = {}): Promise<void> {
    await this.#requests.text({ method: "DELETE", path: "/brake", signal });
  }

  async stats(options: Cancellable = {}): Promise<ClusterStatsJson> {
    return this.#requests.get("/stats", options);
  }

  /** Whether the manager is alive; whether it serves requests is another question. */
  async health(options: Cancellable = {}): Promise<{ readonly status: "ok" }> {
    return this.#requests.get("/healthz", options);
  }

  /** Fails with the code `unavailable` while the manager is starting. */
  async readiness(options: Cancellable = {}): Promise<{ readonly status: "ready" }> {
    return this.#requests.get("/readyz", options);
  }

  /** What Prometheus scrapes: its text format. */
  async metrics({ signal }: Cancellable = {}): Promise<string> {
    return this.#requests.text({ method: "GET", path: "/metrics", headers: { accept: "text/plain" }, signal });
  }

  /** This manager and its workers, in the form of Prometheus' `http_sd_configs`. */
  async prometheusTargets(options: Cancellable = {}): Promise<PrometheusTargets> {
    return this.#requests.get("/discovery/prometheus", options);
  }

  /** The API's description (OpenAPI 3.1). */
  async openApi(options: Cancellable = {}): Promise<Readonly<Record<string, unknown>>> {
    return this.#requests.get("/openapi.json", options);
  }

  async #post<Answer>(
    path: string,
    body: string | undefined,
    { signal, idempotencyKey }: SubmitOptions,
  ): Promise<Answer> {
    const headers = idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey };
    return this.#requests.json({ method: "POST", path, ...(body === undefined ? {} : { body }), headers, signal });
  }
}

/** `fetch` gives up on a stream that is silent for five minutes, so Node has a transport of its own. */
function transportsTo(base: URL, ca: string | undefined): Pick<RequestOptions, "transport" | "sockets"> {
  if (!("process" in globalThis)) return { transport: fetchTransport(base.href) };
  const where = { base, ...(ca === undefined ? {} : { ca }) };
  return {
    transport: nodeTransport(where),
    // Nothing of it is for browsers.
    sockets: async (request) => (await import("./node-sockets.ts")).nodeSockets(where)(request),
  };
}
