/** A real manager behind its real HTTP server, in memory and without a socket; workers are played by hand, frame by frame. */
import type { FastifyInstance } from "fastify";
import type { WebSocket } from "ws";
import { buildManagerServer, type ManagerServerOptions } from "../../src/manager/http/server.ts";
import { ManagerHost } from "../../src/manager/manager-host.ts";
import { ManagerMetrics } from "../../src/manager/metrics/manager-metrics.ts";
import type { ManagerService } from "../../src/manager/service.ts";
import type { NodeFacts } from "../../src/node/node.ts";
import { decodeManagerMessage, encodeMessage } from "../../src/protocol/codec.ts";
import { type Assignment, type ManagerFrame, PROTOCOL_VERSION, type Report } from "../../src/protocol/messages.ts";
import { createScheduler } from "../../src/scheduler/create-scheduler.ts";
import { greedy } from "../../src/scheduler/greedy.ts";
import { MemoryStore } from "../../src/store/memory.ts";
import { StoreError } from "../../src/store/store.ts";
import type { Write } from "../../src/utils/write.ts";
import { parseTaskId, type TaskId } from "../../src/task/id.ts";
import { assert } from "../../src/utils/assert.ts";

const GIB = 2 ** 30;

/** A store in memory whose disk fills up when a test says so. */
export class FillableStore extends MemoryStore {
  isFull = false;

  override async commit(writes: readonly Write[]): Promise<void> {
    if (this.isFull) throw new StoreError("full", "no space left on device");
    await super.commit(writes);
  }
}

export class ManagerApi implements AsyncDisposable {
  readonly store = new FillableStore();
  readonly metrics = new ManagerMetrics("0.1.0");
  readonly host: ManagerHost;
  readonly app: FastifyInstance;
  readonly #workers: PlayedWorker[] = [];

  private constructor(options: ManagerApiOptions) {
    this.host = new ManagerHost({
      store: this.store,
      metrics: this.metrics,
      newScheduler: (algorithm = greedy) => createScheduler(algorithm, { costUse: "reserved" }),
      onFatal: (error) => {
        throw error;
      },
      log: { info: () => undefined, warn: () => undefined },
    });
    const { change = {}, ...rest } = options;
    Object.assign(this.host, change);
    const sockets = {
      session: this.host.openSession.bind(this.host),
      stream: this.host.openStream.bind(this.host),
    };
    this.app = buildManagerServer({
      ...{ service: this.host, sockets, metrics: this.metrics, access: { listenHost: "127.0.0.1" } },
      ...rest,
    });
  }

  /** A manager that serves. */
  static async open(options: ManagerApiOptions = {}): Promise<ManagerApi> {
    const api = ManagerApi.starting(options);
    await api.host.open();
    return api;
  }

  /** A manager that is still reading its store: `host.open` ends that. */
  static starting(options: ManagerApiOptions = {}): ManagerApi {
    return new ManagerApi(options);
  }

  /** A worker joins, with facts as the test wants them. */
  async join(name: string, facts: Partial<NodeFacts> = {}): Promise<PlayedWorker> {
    await this.app.ready();
    const socket = await this.app.injectWS("/node/session", { headers: { host: "localhost" } });
    const worker = new PlayedWorker(socket, name, facts);
    this.#workers.push(worker);
    await worker.welcomed;
    return worker;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const worker of this.#workers) worker.vanish();
    await this.app.close();
    await this.host.close();
  }
}

export interface ManagerApiOptions extends Partial<
  Pick<ManagerServerOptions, "access" | "logger" | "swaggerUi" | "dashboard">
> {
  /** Methods of the service that this test wants otherwise. */
  readonly change?: Partial<ManagerService>;
}

/** A worker's end of a session: it takes what it is assigned and says of it what the test wants it to say. */
export class PlayedWorker {
  readonly welcomed: Promise<unknown>;
  readonly assigned = new Map<TaskId, Assignment>();
  readonly #socket: WebSocket;
  readonly #waiting = new Set<() => void>();
  #rev = 0;
  #ack = 0;

  constructor(socket: WebSocket, name: string, facts: Partial<NodeFacts>) {
    this.#socket = socket;
    this.welcomed = this.#until(() => this.#ack > 0);
    socket.on("message", (data: Buffer) => this.#take(data.toString()));
    socket.send(
      encodeMessage({
        kind: "hello",
        version: PROTOCOL_VERSION,
        instanceId: `${name}-1`,
        node: {
          nodeId: `id-${name}`,
          name,
          address: "127.0.0.1",
          labels: { disk: "ssd" },
          runtimes: ["docker"],
          version: "0.1.0",
          capacity: { cpu: 4, memory: 8 * GIB, disk: 100 * GIB },
          ...facts,
        },
        specs: [],
        items: [],
        use: { node: { cpu: 0.1, memory: GIB, disk: GIB, load: [3, 2, 1] }, tasks: {} },
      }),
    );
  }

  /** Waits for the task to be assigned here, and reports it. */
  async report(id: string, report: Omit<Report, "task" | "attempt" | "restarts">): Promise<void> {
    const task = parseTaskId(id);
    assert(task !== undefined, `no id: ${id}`);
    await this.#until(() => this.assigned.has(task));
    const attempt = this.assigned.get(task)?.attempt ?? 1;
    this.#rev += 1;
    const reports = [{ task, attempt, restarts: 0, ...report }];
    const ackBefore = this.#ack;
    this.#socket.send(encodeMessage({ kind: "frame", rev: this.#rev, ack: this.#ack, reports }));
    await this.#until(() => this.#ack > ackBefore);
  }

  /** Says goodbye. */
  leave(): void {
    this.#rev += 1;
    this.#socket.send(encodeMessage({ kind: "frame", rev: this.#rev, ack: this.#ack, reports: [], leaving: true }));
  }

  vanish(): void {
    this.#socket.terminate();
  }

  #take(text: string): void {
    const decoded = decodeManagerMessage(text);
    assert("message" in decoded, `malformed: ${text}`);
    if (decoded.message.kind === "frame") this.#takeFrame(decoded.message);
    for (const check of this.#waiting) check();
  }

  #takeFrame({ rev, assign }: ManagerFrame): void {
    this.#ack = rev;
    for (const assignment of assign) this.assigned.set(assignment.task, assignment);
  }

  #until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!holds()) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }
}
