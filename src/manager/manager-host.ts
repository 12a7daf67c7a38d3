/** The manager as the HTTP server sees it: what users ask is put to the core, workers' connections are led in and out. */
import { randomUUIDv7 } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import type { WebSocket } from "ws";
import type { LogOptions, WorkerMessage } from "../protocol/messages.ts";
import type { HistoryEvent } from "../task/history.ts";
import { parseTaskId, type TaskId } from "../task/id.ts";
import type { Effects, NewSubmission, SessionId } from "./core/events.ts";
import { History, type EventNews, type EventPage, type EventQuery } from "./history.ts";
import { LiveFeed } from "./live/feed.ts";
import { ManagerLoop, type LoopOptions } from "./manager-loop.ts";
import type { ManagerSnapshot } from "./metrics/cluster-gauges.ts";
import { Planner } from "./planner.ts";
import { DEFAULT_RETENTION, Retention, type RetentionSettings } from "./retention.ts";
import type * as Service from "./service.ts";
import { TaskStreams } from "./task-streams.ts";
import { WorkerSockets } from "./worker-sockets.ts";

/** Others get their turn after this many tasks of a list: a few milliseconds. */
const TASKS_A_TURN = 1000;
const VIEWS_A_TURN = 5000;

export interface ManagerHostOptions extends Omit<LoopOptions, "carryOut" | "onReset"> {
  /** How long what is over is kept. */
  readonly retention?: Partial<RetentionSettings> | undefined;
}

export class ManagerHost implements Service.ManagerService {
  readonly #options: ManagerHostOptions;
  readonly #loop: ManagerLoop;
  readonly #sockets: WorkerSockets;
  readonly #planner: Planner;
  readonly #history: History;
  readonly #retention: Retention;
  readonly #streams: TaskStreams;
  readonly #live: LiveFeed;
  readonly #startedAt = performance.now();
  #isReady = false;

  constructor(options: ManagerHostOptions) {
    this.#options = options;
    this.#history = new History(options.store);
    this.#retention = new Retention(options.store, { ...DEFAULT_RETENTION, ...options.retention }, (expired) =>
      this.#loop.post({ kind: "recordsExpired", ...expired }),
    );
    this.#loop = new ManagerLoop({
      ...options,
      carryOut: (effects) => this.#carryOut(effects),
      onReset: () => {
        this.#sockets.closeAll();
        this.#live.reset();
      },
    });
    this.#streams = new TaskStreams(this.#loop);
    this.#live = new LiveFeed({ read: (from) => this.#loop.readState(from), now: () => Date.now() });
    const { newScheduler } = options;
    this.#planner = new Planner({ newScheduler, read: (from) => this.#loop.read(from) });
    this.#sockets = new WorkerSockets({
      received: (session, message) => this.#received(session, message),
      closed: (session) => this.#loop.post({ kind: "sessionClosed", session }),
    });
  }

  async open(): Promise<void> {
    await this.#loop.open();
    this.#retention.open();
    this.#isReady = true;
  }

  /** Commits what is under way and lets go of the workers; their tasks run on. */
  async close(): Promise<void> {
    this.#isReady = false;
    this.#retention.close();
    this.#live.reset();
    await this.#loop.close();
    this.#sockets.closeAll();
  }

  /** A worker has connected. */
  openSession(socket: WebSocket): void {
    this.#sockets.open(socket);
  }

  /** A worker has dialled for a stream that it was asked for. */
  openStream(stream: string, socket: WebSocket): void {
    this.#streams.open(stream, socket);
  }

  ready(): boolean {
    return this.#isReady;
  }

  async submit({ documents, idempotency }: Service.Submission): Promise<Service.SubmitOutcome> {
    const tasks: NewSubmission[] = [];
    const endedIds = new Set<TaskId>();
    for (const document of documents) {
      const given = parseTaskId(document.id ?? "");
      if (given !== undefined && this.#loop.endedAmong([given]).has(given)) endedIds.add(given);
      const id = given ?? (randomUUIDv7() as TaskId);
      tasks.push({ id, name: document.name ?? `task-${id.slice(-8)}`, document });
      if (tasks.length % TASKS_A_TURN === 0) await setImmediate();
    }
    const reply = await this.#loop.ask({ kind: "tasksSubmitted", tasks, endedIds, idempotency });
    if (reply.kind === "idTaken" || reply.kind === "idempotencyMismatch") return reply;
    const ids = reply.kind === "accepted" ? reply.ids : [];
    const views: Service.TaskView[] = [];
    for (let from = 0; from < ids.length; from += VIEWS_A_TURN) {
      const some = ids.slice(from, from + VIEWS_A_TURN);
      views.push(...(await this.#loop.read((queries) => some.flatMap((id) => queries.task(id) ?? []))));
    }
    return { kind: "accepted", tasks: views };
  }

  async stop(id: TaskId, cause: string): Promise<Service.TaskView | undefined> {
    await this.#loop.ask({ kind: "stopRequested", task: id, cause });
    return this.task(id);
  }

  async restart(id: TaskId, idempotency?: Service.IdempotencyKey): Promise<Service.RestartOutcome | undefined> {
    const reply = await this.#loop.ask({ kind: "restartRequested", task: id, idempotency });
    if (reply.kind === "idempotencyMismatch") return reply;
    const task = await this.task(id);
    if (task === undefined) return undefined;
    return { kind: reply.kind === "done" || reply.kind === "accepted" ? "accepted" : "ended", task };
  }

  async setAvailability(
    node: string,
    { availability, parallel }: Service.AvailabilityChange,
  ): Promise<Service.NodeSummary | undefined> {
    await this.#loop.ask({ kind: "availabilityRequested", node, availability, parallel });
    return this.node(node);
  }

  async releaseBrake(): Promise<void> {
    await this.#loop.ask({ kind: "brakeReleaseRequested" });
  }

  async removeNode(node: string): Promise<Service.RemovalOutcome | undefined> {
    const reply = await this.#loop.ask({ kind: "nodeRemovalRequested", node });
    if (reply.kind === "done") return { kind: "removed" };
    return reply.kind === "nodeUp" ? { kind: "up", leasedMs: reply.leasedMs } : undefined;
  }

  task(id: TaskId): Promise<Service.TaskView | undefined> {
    return this.#loop.read((queries) => queries.task(id));
  }

  tasks(query: Service.TaskQuery): Promise<Service.Page<Service.TaskView>> {
    return this.#loop.read((queries) => queries.tasks(query));
  }

  nodes(): Promise<readonly Service.NodeSummary[]> {
    return this.#loop.read((queries) => queries.nodes());
  }

  node(name: string): Promise<Service.NodeSummary | undefined> {
    return this.#loop.read((queries) => queries.node(name));
  }

  async stats(): Promise<Service.ClusterStats> {
    const stats = await this.#loop.read((queries) => queries.stats());
    return { ...stats, store: this.#options.store.kind, uptimeMs: performance.now() - this.#startedAt };
  }

  async snapshot(): Promise<ManagerSnapshot> {
    const snapshot = await this.#loop.read((queries) => queries.snapshot());
    return { ...snapshot, isReadOnly: this.#loop.isReadOnly };
  }

  placement(id: TaskId): Promise<Service.PlacementView | undefined> {
    return this.#loop.read((queries) => queries.placement(id, { mono: performance.now(), wall: Date.now() }));
  }

  plan(question: Service.PlanQuestion, signal: AbortSignal): Promise<Service.PlanOutcome> {
    return this.#planner.plan(question, signal);
  }

  taskEvents(id: TaskId): Promise<readonly HistoryEvent[] | undefined> {
    return this.#loop.read((queries) => queries.taskEvents(id));
  }

  async events(query: EventQuery): Promise<EventPage> {
    await this.#loop.read(() => undefined);
    return this.#history.page(query);
  }

  followEvents(query: EventQuery, signal: AbortSignal, quietMs: number): AsyncIterable<EventNews> {
    return this.#history.follow(query, signal, quietMs);
  }

  live(signal: AbortSignal): AsyncIterable<Uint8Array> {
    return this.#live.listen(signal);
  }

  logs(id: TaskId, options: LogOptions, signal: AbortSignal): Promise<Service.LogOutcome> {
    return this.#streams.logs(id, options, signal);
  }

  exec(id: TaskId, signal: AbortSignal): Promise<Service.ExecOutcome> {
    return this.#streams.exec(id, signal);
  }

  #received(session: SessionId, message: WorkerMessage): void {
    if (this.#loop.isReadOnly) {
      const answers = this.#loop.keepLease(session, message);
      for (const answer of answers ?? []) this.#sockets.send(session, answer);
      if (answers === undefined) this.#sockets.close(session);
      return;
    }
    const spoken = message.kind === "hello" ? message.items : [...message.reports, ...(message.items ?? [])];
    const endedIds = this.#loop.endedAmong(spoken.map(({ task }) => task));
    if (message.kind === "hello") this.#loop.post({ kind: "helloReceived", session, hello: message, endedIds });
    else this.#loop.post({ kind: "frameReceived", session, frame: message, endedIds });
  }

  #carryOut({ messages, closes, events, touched }: Effects): void {
    this.#history.append(events);
    this.#live.observe({ events, touched });
    for (const { kind, node, to, reason } of events) {
      if (kind === "node")
        this.#options.log.info({}, `node ${node ?? ""}${to === undefined ? "" : ` is ${to}`}: ${reason}`);
    }
    for (const { session, message } of messages) this.#sockets.send(session, message);
    for (const session of closes) this.#sockets.close(session);
  }
}
