/** A manager's core on a workbench: a clock that moves when told, records in a map, and workers played by hand. */
import { epvm } from "../../src/scheduler/epvm.ts";
import { createScheduler } from "../../src/scheduler/create-scheduler.ts";
import type { Algorithm } from "../../src/scheduler/algorithm.ts";
import { ManagerCore } from "../../src/manager/core/core.ts";
import type { Effects, ManagerEvent, Reply } from "../../src/manager/core/events.ts";
import { DEFAULT_SETTINGS, type ManagerSettings } from "../../src/manager/core/state.ts";
import { PROTOCOL_VERSION, type Hello, type ManagerFrame, type Report } from "../../src/protocol/messages.ts";
import type { TaskDocument } from "../../src/task/document.ts";
import type { TaskId } from "../../src/task/id.ts";
import type { Task } from "../../src/task/task.ts";
import { commitTo, rowsOf, type BenchTables } from "./bench-tables.ts";

const GIB = 2 ** 30;

export class CoreBench {
  readonly tables: BenchTables = new Map();
  core: ManagerCore;
  /** What the last step did. */
  last: Effects | undefined;
  mono = 1000;
  wall = Date.UTC(2026, 0, 1);
  readonly #algorithm: Algorithm;
  readonly #settings: ManagerSettings;
  #lastRequest = 0;
  #lastSession = 0;

  constructor(options: { algorithm?: Algorithm; settings?: Partial<ManagerSettings> } = {}) {
    this.#algorithm = options.algorithm ?? epvm;
    this.#settings = { ...DEFAULT_SETTINGS, ...options.settings };
    this.core = this.#newCore();
  }

  /** Steps the events as one batch and commits what they write. */
  step(...events: ManagerEvent[]): Effects {
    const effects = this.core.step(events, { mono: this.mono, wall: this.wall });
    commitTo(this.tables, effects.writes);
    this.last = effects;
    return effects;
  }

  /** Lets time pass, with a tick every second and one at the end; what the last one did. */
  pass(ms: number): Effects {
    for (let left = ms; left > 1000; left -= 1000) this.tick(1000);
    return this.tick(ms % 1000 === 0 && ms > 0 ? 1000 : ms % 1000);
  }

  /** One tick, so much later than whatever was before. */
  tick(ms: number): Effects {
    this.mono += ms;
    this.wall += ms;
    return this.step({ kind: "ticked" });
  }

  /** The process is gone and another one begins with the records. */
  restart(): void {
    this.core = this.#newCore();
  }

  submit(document: TaskDocument & { id: string }, idempotency?: { key: string; digest: string }): Reply | undefined {
    const id = document.id as TaskId;
    const task = { id, name: document.name ?? "task", document };
    return this.ask({ kind: "tasksSubmitted", tasks: [task], endedIds: this.ended(id), idempotency });
  }

  ask(question: object): Reply | undefined {
    this.#lastRequest += 1;
    const request = this.#lastRequest;
    const effects = this.step({ ...question, request } as ManagerEvent);
    return effects.replies.find((reply) => reply.request === request)?.reply;
  }

  /** Those of the ids that ended tasks of the records bear. */
  ended(...ids: TaskId[]): Set<TaskId> {
    return new Set(ids.filter((id) => this.tables.get("endedIds")?.has(id) === true));
  }

  task(id: string): Task | undefined {
    return this.core.state.tasks.get(id as TaskId);
  }

  connect(name: string, hello: Partial<Hello> & { nodeId?: string } = {}): BenchWorker {
    this.#lastSession += 1;
    const worker = new BenchWorker(this, this.#lastSession, name);
    worker.hello(hello);
    return worker;
  }

  #newCore(): ManagerCore {
    const rows = (table: string): { key: string; value: string }[] => rowsOf(this.tables, table);
    return new ManagerCore(
      {
        settings: this.#settings,
        scheduler: createScheduler(this.#algorithm, { costUse: "reserved" }),
        random: () => 0.5,
        rows,
        lastRow: (table) => rows(table).at(-1),
        newClusterId: "cluster-1",
      },
      { mono: this.mono, wall: this.wall },
    );
  }
}

export class BenchWorker {
  readonly session: number;
  readonly name: string;
  readonly frames: ManagerFrame[] = [];
  answer: Effects["messages"][number]["message"] | undefined;
  isClosed = false;
  readonly #bench: CoreBench;
  #rev = 0;

  constructor(bench: CoreBench, session: number, name: string) {
    this.#bench = bench;
    this.session = session;
    this.name = name;
  }

  hello({ nodeId, ...rest }: Partial<Hello> & { nodeId?: string }): void {
    const hello: Hello = {
      kind: "hello",
      version: PROTOCOL_VERSION,
      instanceId: `${this.name}-1`,
      node: {
        nodeId: nodeId ?? `id-${this.name}`,
        name: this.name,
        address: "127.0.0.1",
        labels: {},
        runtimes: ["docker"],
        version: "0.1.0",
        capacity: { cpu: 4, memory: 8 * GIB, disk: 100 * GIB },
      },
      specs: [],
      items: [],
      ...rest,
    };
    const endedIds = this.#bench.ended(...hello.items.map(({ task }) => task));
    this.take(this.#bench.step({ kind: "helloReceived", session: this.session, hello, endedIds }));
  }

  /** Sends a frame with these reports; the next number unless another is given. */
  report(
    reports: readonly Report[],
    more: {
      rev?: number;
      leaving?: boolean;
      items?: Hello["items"];
      specs?: Hello["specs"];
      sick?: NonNullable<Hello["sick"]>;
      use?: NonNullable<Hello["use"]>;
    } = {},
  ): Effects {
    this.#rev += 1;
    const frame = { kind: "frame", rev: this.#rev, ack: this.frames.length, reports, ...more } as const;
    const endedIds = this.#bench.ended(...reports.map(({ task }) => task));
    const effects = this.#bench.step({ kind: "frameReceived", session: this.session, frame, endedIds });
    this.take(effects);
    return effects;
  }

  /** Keeps what the effects send to this worker. */
  take(effects: Effects): void {
    for (const { session, message } of effects.messages) {
      if (session !== this.session) continue;
      if (message.kind === "frame") this.frames.push(message);
      else this.answer = message;
    }
    if (effects.closes.includes(this.session)) this.isClosed = true;
  }

  get last(): ManagerFrame | undefined {
    return this.frames.at(-1);
  }
}
