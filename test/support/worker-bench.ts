import { WorkerCore } from "../../src/worker/core/core.ts";
import type { Entry } from "../../src/worker/core/entry.ts";
import type { Command, Effects, GuardOrder, Reply, RunExit, WorkerEvent } from "../../src/worker/core/events.ts";
import { DEFAULT_WORKER_SETTINGS, type WorkerSettings } from "../../src/worker/core/state.ts";
import type { ManagerFrame, WorkerFrame } from "../../src/protocol/messages.ts";
import type { TaskDocument } from "../../src/task/document.ts";
import { attemptKey, type TaskId } from "../../src/task/id.ts";
import { commitTo, rowsOf, type BenchTables } from "./bench-tables.ts";

/** A worker's core on a workbench: a clock that moves when told, records in a map, engine and manager played by hand. */
export class WorkerBench {
  readonly tables: BenchTables = new Map();
  readonly settings: WorkerSettings;
  core: WorkerCore;
  mono = 1000;
  wall = 1_000_000;
  commands: Command[] = [];
  frames: WorkerFrame[] = [];
  closes: string[] = [];
  fatal: string | undefined;
  /** The newest order to the guard. */
  guard: GuardOrder | undefined;
  /** Of the machine; another one is another start of it. */
  bootId = "boot1";
  #session = 0;
  #managerRev = 0;

  constructor(settings: Partial<WorkerSettings> = {}) {
    this.settings = { ...DEFAULT_WORKER_SETTINGS, ...settings };
    this.core = this.#newCore();
  }

  step(...events: WorkerEvent[]): Effects {
    const effects = this.core.step(events, { mono: this.mono, wall: this.wall });
    commitTo(this.tables, effects.writes);
    this.commands.push(...effects.commands);
    for (const { message } of effects.messages) if (message.kind === "frame") this.frames.push(message);
    this.closes.push(...effects.closes.map(({ reason }) => reason));
    this.fatal ??= effects.fatal;
    this.guard = effects.guard ?? this.guard;
    return effects;
  }

  pass(ms: number): Effects {
    this.mono += ms;
    this.wall += ms;
    return this.step({ kind: "ticked" });
  }

  restart(): void {
    this.core = this.#newCore();
    this.commands = [];
  }

  connect(): Effects {
    this.#session += 1;
    this.#managerRev = 0;
    const effects = this.step({ kind: "sessionOpened", session: this.#session });
    this.step({
      kind: "messageReceived",
      session: this.#session,
      message: { kind: "welcome", version: 1, clusterId: "c", epoch: 3, heartbeatMs: 2000, leaseMs: 10_000 },
    });
    return effects;
  }

  frame(content: Partial<ManagerFrame>): Effects {
    this.#managerRev += 1;
    const message = {
      kind: "frame",
      rev: this.#managerRev,
      ack: 0,
      specs: [],
      stop: [],
      verdicts: [],
      assign: [],
      ...content,
    } as const;
    return this.step({ kind: "messageReceived", session: this.#session, message });
  }

  assign(task: TaskId, document: TaskDocument = { image: "echo" }, attempt = 1): void {
    this.frame({ specs: [{ number: 0, document }], assign: [{ task, attempt, name: "echo", spec: 0, createdAt: 1 }] });
  }

  submit(document: TaskDocument & { id: string }): Reply | undefined {
    const task = { id: document.id as TaskId, name: "local", document };
    return this.step({ kind: "tasksSubmitted", request: 1, tasks: [task] }).replies[0]?.reply;
  }

  /** Everything that the last commands of a kind say. */
  last<K extends Command["kind"]>(kind: K): Extract<Command, { kind: K }> | undefined {
    return this.commands.findLast((command): command is Extract<Command, { kind: K }> => command.kind === kind);
  }

  started(task: TaskId, restart = 0): void {
    this.step({
      kind: "runStarted",
      run: { task, attempt: 1, restart },
      containerId: `c${String(restart)}`,
      startedAt: this.wall,
    });
  }

  exited(task: TaskId, exit: Partial<RunExit> = {}, restart = 0): void {
    const full = { exitCode: 1, oomKilled: false, finishedAt: this.wall, ...exit };
    this.step({ kind: "runExited", run: { task, attempt: 1, restart }, exit: full, output: "last words\n" });
  }

  entry(task: TaskId, attempt = 1): Entry | undefined {
    return this.core.state.entries.get(attemptKey(task, attempt));
  }

  /** What the worker says next, its coalescing over. */
  speak(): WorkerFrame | undefined {
    this.pass(25);
    return this.frames.at(-1);
  }

  #newCore(): WorkerCore {
    return new WorkerCore({
      settings: this.settings,
      instanceId: "i1",
      bootId: this.bootId,
      random: () => 0.5,
      facts: {
        nodeId: "n1",
        name: "w1",
        address: "127.0.0.1",
        labels: {},
        runtimes: ["docker"],
        version: "0.1.0",
        capacity: { cpu: 2, memory: 2 ** 30, disk: 2 ** 30 },
      },
      rows: (table) => rowsOf(this.tables, table),
    });
  }
}
