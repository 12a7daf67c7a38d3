/**
 * A worker's machine and the process on it: the real core, hosted as `worker/worker-host.ts` and `worker/connection.ts`
 * host it. The engine is the machine's: it lives on without the worker.
 */
import type { NodeFacts } from "../node/node.ts";
import type { ManagerMessage, WorkerMessage } from "../protocol/messages.ts";
import { fullJitter } from "../utils/backoff.ts";
import { WorkerCore } from "../worker/core/core.ts";
import type { Effects, Reply, RequestId, WorkerEvent } from "../worker/core/events.ts";
import { DEFAULT_WORKER_SETTINGS } from "../worker/core/state.ts";
import type { Disk } from "./disk.ts";
import type { Engine } from "./engine.ts";
import type { Landmarks } from "./landmarks.ts";
import type { MachineClock } from "./machine-clock.ts";
import type { Connection, Endpoint, Listener, Network } from "./network.ts";
import type { SeededRandom } from "./seeded-random.ts";
import { SimExecutor } from "./sim-executor.ts";
import { SimGuard } from "./sim-guard.ts";
import { SimHost, type KillPoint } from "./sim-host.ts";
import type { Story } from "./story.ts";
import type { VirtualTime } from "./virtual-time.ts";
import type { WorkerChecks } from "./worker-checks.ts";

export interface SimWorkerParts {
  readonly facts: NodeFacts;
  readonly time: VirtualTime;
  readonly random: SeededRandom;
  readonly clock: MachineClock;
  readonly disk: Disk;
  readonly engine: Engine;
  readonly network: Network;
  readonly listener: Listener;
  readonly checks: WorkerChecks;
  readonly landmarks: Landmarks;
  readonly story: Story | undefined;
}

type Request = Extract<WorkerEvent, { request: RequestId }>;
export type WorkerQuestion = Request extends infer R ? (R extends Request ? Omit<R, "request"> : never) : never;

/** A tenth as often as the real host: all that a worker does by it is to forget results that are a day old. */
const TICK_MS = 10_000;
const BACKOFF = { delayMs: 100, delayMaxMs: 2000 };
const SILENCE_MS = 10_000;

/** What lives and dies with one process. */
interface Process {
  readonly host: SimHost<WorkerEvent, Effects>;
  readonly executor: SimExecutor;
  readonly core: WorkerCore;
  readonly waiters: Map<RequestId, (reply: Reply | undefined) => void>;
  lastRequest: number;
  session: number;
  connection: Connection | undefined;
  heardMs: number;
  tries: number;
  isLeaving: boolean;
}

export class SimWorker {
  readonly parts: SimWorkerParts;
  readonly #guard: SimGuard;
  #process: Process | undefined;
  #bootId: string;
  /** Called when the process has ended by itself, or died at the point that `killAt` named. */
  onExit: () => void = () => undefined;

  constructor(parts: SimWorkerParts) {
    this.parts = parts;
    const { time, clock, engine, landmarks } = parts;
    this.#guard = new SimGuard({ time, clock, engine, landmarks });
    this.#bootId = parts.random.uuid();
  }

  get name(): string {
    return this.parts.facts.name;
  }

  get isUp(): boolean {
    return this.#process !== undefined;
  }

  get isConnected(): boolean {
    return this.#process?.core.state.link?.isWelcome === true;
  }

  /** Its core, as it is in memory. */
  get core(): WorkerCore | undefined {
    return this.#process?.core;
  }

  /** Its core, between two steps: everything in it is committed. */
  get settledCore(): WorkerCore | undefined {
    return this.#process === undefined || this.#process.host.isBusy ? undefined : this.#process.core;
  }

  /** Starts the process: it looks at what its engine has, and dials its manager. */
  start(): void {
    if (this.#process !== undefined) return;
    const { time, clock, random, disk, engine, checks, landmarks, story } = this.parts;
    story?.say(this.name, "starts");
    const core = this.#newCore();
    const host = new SimHost<WorkerEvent, Effects>({
      time,
      clock,
      random,
      disk,
      step: (events, now) => core.step(events, now),
      nextWake: () => core.nextWake(),
      ticked: () => ({ kind: "ticked" }),
      committed: () => undefined,
      carryOut: (effects, isAlive) => this.#carryOut(process, effects, isAlive),
      refused: () => {
        landmarks.saw("workerDiskFull");
        return true;
      },
      killed: (point) => {
        if (point.kind === "effects") landmarks.saw("workerKilledAmongEffects");
        else landmarks.saw(point.durable ? "workerKilledAfterCommit" : "workerKilledBeforeCommit");
        this.#clear(process, "killed");
        this.onExit();
      },
    });
    const post = (event: WorkerEvent): void => {
      checks.happened(this.name, event);
      host.post(event);
    };
    const executor = new SimExecutor({
      time,
      clock,
      random,
      engine,
      post,
      mayStart: (run) => core.mayStart(run, clock.mono),
      heldForMs: () => host.heldForMs,
    });
    const process: Process = {
      host,
      executor,
      core,
      waiters: new Map(),
      lastRequest: 0,
      session: 0,
      connection: undefined,
      heardMs: 0,
      tries: 0,
      isLeaving: false,
    };
    this.#process = process;
    executor.open((ok) => {
      if (host.isDead) return;
      if (!ok) {
        this.#exit(process, "its engine does not answer");
        return;
      }
      this.#tick(process);
      time.after(random.magnitude(5, 50), () => this.#dial(process));
    });
  }

  /** `off`: the machine is off, so nobody says that the connection is over. */
  kill(how: "killed" | "off"): void {
    const process = this.#process;
    if (process === undefined) return;
    if (how === "killed") this.verifyRecovery();
    process.host.kill();
    this.#clear(process, how);
  }

  /** The machine has started anew. */
  booted(): void {
    this.parts.clock.reboot();
    this.#guard.reboot();
    this.#bootId = this.parts.random.uuid();
  }

  killAt(point: KillPoint): void {
    this.#process?.host.killAt(point);
  }

  hold(forMs: number): void {
    this.#process?.host.hold(forMs);
  }

  /** Says goodbye and ends; what runs here runs on. */
  leave(): void {
    const process = this.#process;
    if (process === undefined || process.isLeaving) return;
    process.isLeaving = true;
    process.host.post({ kind: "leaving" });
    this.parts.time.after(this.parts.random.between(50, 1000), () => {
      if (!process.host.isDead) this.#exit(process, "leaves");
    });
  }

  verifyRecovery(): void {
    const core = this.settledCore;
    if (core !== undefined) this.parts.checks.recovery(this.name, core, this.#newCore());
  }

  /** Somebody asks this worker directly; undefined when no answer comes. */
  ask(question: WorkerQuestion, answer: (reply: Reply | undefined) => void): void {
    const process = this.#process;
    if (process === undefined || this.parts.disk.isFull) {
      answer(undefined);
      return;
    }
    process.lastRequest += 1;
    const request = process.lastRequest;
    process.waiters.set(request, answer);
    const event: WorkerEvent = { ...question, request };
    this.parts.checks.happened(this.name, event);
    process.host.post(event);
  }

  #carryOut(process: Process, effects: Effects, isAlive: () => boolean): void {
    const { checks, story } = this.parts;
    if (effects.guard !== undefined && isAlive()) this.#guard.tell(effects.guard);
    for (const { request, reply } of effects.replies) {
      if (!isAlive()) return;
      process.waiters.get(request)?.(reply);
      process.waiters.delete(request);
    }
    for (const command of effects.commands) {
      if (!isAlive()) return;
      checks.commanded(this, command);
      const { kind } = command;
      if (kind !== "probe") {
        const { task, attempt, restart } = command.run;
        story?.say(this.name, `${kind} ${task.slice(0, 8)}/${String(attempt)}.${String(restart)}`);
      }
      process.executor.execute(command);
    }
    for (const { session, message } of effects.messages) {
      if (!isAlive()) return;
      checks.said(this.name, message);
      if (story !== undefined) tellMessage(story, this.name, message);
      if (session === process.session) process.connection?.sendToManager(message);
    }
    for (const { session, reason } of effects.closes) {
      if (!isAlive()) return;
      story?.say(this.name, `closes its connection: ${reason}`);
      if (reason.includes("is missing")) this.parts.landmarks.saw("gapNoticed");
      if (session === process.session) process.connection?.closeFromWorker();
    }
    if (effects.fatal !== undefined && isAlive()) this.#exit(process, effects.fatal);
  }

  #dial(process: Process): void {
    const { network, listener, time, random } = this.parts;
    if (process.host.isDead || process.isLeaving) return;
    process.session += 1;
    const { session } = process;
    network.dial(this.name, listener, {
      opened: (connection) => this.#opened(process, session, connection),
      failed: () => {
        const waitMs = fullJitter(BACKOFF, process.tries, random.next);
        process.tries += 1;
        time.after(waitMs, () => this.#dial(process));
      },
    });
  }

  #opened(process: Process, session: number, connection: Connection): Endpoint<ManagerMessage> | undefined {
    const { time, random, story } = this.parts;
    if (process.host.isDead) return undefined;
    process.connection = connection;
    process.heardMs = time.nowMs;
    process.host.post({ kind: "sessionOpened", session });
    let isOver = false;
    const over = (): void => {
      if (isOver || process.host.isDead) return;
      isOver = true;
      story?.say(this.name, "its connection is over");
      process.connection = undefined;
      connection.endWorker();
      process.host.post({ kind: "sessionClosed", session });
      const waitMs = fullJitter(BACKOFF, process.tries, random.next);
      process.tries += 1;
      time.after(waitMs, () => this.#dial(process));
    };
    this.#listen(process, over, () => isOver);
    return {
      received: (message) => {
        if (isOver || process.host.isDead) return;
        process.heardMs = time.nowMs;
        if (message.kind === "welcome") process.tries = 0;
        this.parts.checks.told(this.name, message);
        process.host.take({ kind: "messageReceived", session, message });
      },
      closed: over,
    };
  }

  /** A manager that says nothing for too long is not there. */
  #listen(process: Process, over: () => void, isOver: () => boolean): void {
    const { time, clock } = this.parts;
    const patienceMs = clock.lengthOf(SILENCE_MS);
    const look = (): void => {
      if (isOver() || process.host.isDead) return;
      const leftMs = process.heardMs + patienceMs - time.nowMs;
      if (leftMs > 0) time.after(leftMs, look);
      else if (process.host.heldForMs > 0) time.after(process.host.heldForMs + 5, look);
      else over();
    };
    time.after(patienceMs, look);
  }

  #tick(process: Process): void {
    const { time, clock } = this.parts;
    if (process.host.isDead) return;
    const heldMs = process.host.heldForMs;
    if (heldMs === 0) process.host.take({ kind: "ticked" });
    time.after(heldMs + (heldMs === 0 ? clock.lengthOf(TICK_MS) : 1), () => this.#tick(process));
  }

  #exit(process: Process, why: string): void {
    this.parts.story?.say(this.name, `ends: ${why}`);
    process.host.kill();
    this.#clear(process, "killed");
    this.onExit();
  }

  #clear(process: Process, how: "killed" | "off"): void {
    this.parts.story?.say(this.name, how === "killed" ? "is gone" : "its machine is off");
    this.#process = undefined;
    process.executor.kill();
    for (const answer of process.waiters.values()) answer(undefined);
    if (how === "off") process.connection?.vanishWorker();
    else process.connection?.endWorker();
  }

  #newCore(): WorkerCore {
    const { facts, random, disk } = this.parts;
    return new WorkerCore({
      settings: DEFAULT_WORKER_SETTINGS,
      facts,
      instanceId: random.uuid(),
      bootId: this.#bootId,
      random: random.next,
      rows: (table) => disk.rows(table),
    });
  }
}

function tellMessage(story: Story, who: string, message: WorkerMessage): void {
  if (message.kind === "hello") {
    story.say(who, `hello with ${String(message.items.length)} items, epoch ${String(message.epoch ?? "–")}`);
    return;
  }
  for (const { task, attempt, state, reason } of message.reports) {
    story.say(who, `reports ${task.slice(0, 8)}/${String(attempt)} as ${String(state)}: ${reason}`);
  }
}
