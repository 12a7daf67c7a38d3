/**
 * The manager's machine and the process on it: the real core, hosted as `manager/manager-loop.ts`,
 * `manager/manager-host.ts` and `manager/worker-sockets.ts` host it.
 *
 * When its disk takes nothing, the core is built anew from the records, everybody is cut off, and until a trial write
 * has gone through nothing is posted.
 */
import { ManagerCore } from "../manager/core/core.ts";
import type { Effects, ManagerEvent, Reply, RequestId, SessionId } from "../manager/core/events.ts";
import { TABLES } from "../manager/core/records.ts";
import type { ManagerSettings } from "../manager/core/state.ts";
import { LeaseKeeper } from "../manager/lease-keeper.ts";
import type { WorkerMessage } from "../protocol/messages.ts";
import type { Algorithm } from "../scheduler/algorithm.ts";
import { createScheduler } from "../scheduler/create-scheduler.ts";
import type { TaskId } from "../task/id.ts";
import type { Disk } from "./disk.ts";
import type { Landmarks } from "./landmarks.ts";
import type { MachineClock } from "./machine-clock.ts";
import type { ManagerChecks } from "./manager-checks.ts";
import type { Connection, Endpoint, Listener } from "./network.ts";
import type { SeededRandom } from "./seeded-random.ts";
import { SimHost, type KillPoint } from "./sim-host.ts";
import type { Story } from "./story.ts";
import type { VirtualTime } from "./virtual-time.ts";

export interface SimManagerParts {
  readonly time: VirtualTime;
  readonly random: SeededRandom;
  readonly clock: MachineClock;
  readonly disk: Disk;
  readonly settings: ManagerSettings;
  readonly algorithm: Algorithm;
  readonly checks: ManagerChecks;
  readonly landmarks: Landmarks;
  readonly story: Story | undefined;
}

type Request = Extract<ManagerEvent, { request: RequestId }>;
export type Question = Request extends infer R ? (R extends Request ? Omit<R, "request"> : never) : never;

const TICK_MS = 1000;
const HELLO_MS = 10_000;
const NOBODY: ReadonlySet<TaskId> = new Set();

interface OpenSession {
  readonly connection: Connection;
  hasIntroduced: boolean;
}

/** What lives and dies with one process. */
interface Process {
  readonly host: SimHost<ManagerEvent, Effects>;
  readonly sessions: Map<SessionId, OpenSession>;
  readonly waiters: Map<RequestId, (reply: Reply | undefined) => void>;
  /** By node, the newest session that has spoken. */
  readonly newest: Map<string, SessionId>;
  readonly leases: LeaseKeeper;
  core: ManagerCore;
  isReadOnly: boolean;
  /** Its epoch is durable: it listens. */
  isOpen: boolean;
  lastSession: number;
  lastRequest: number;
}

export class SimManager implements Listener {
  readonly parts: SimManagerParts;
  #process: Process | undefined;
  /** Called when it has died at the point that `killAt` named. */
  onKilled: () => void = () => undefined;

  constructor(parts: SimManagerParts) {
    this.parts = parts;
  }

  get isUp(): boolean {
    return this.#process !== undefined;
  }

  /** Its core, between two steps: everything in it is committed. Undefined when there is none, or it is busy. */
  get settledCore(): ManagerCore | undefined {
    const process = this.#process;
    return process === undefined || process.host.isBusy || process.isReadOnly ? undefined : process.core;
  }

  start(): void {
    if (this.#process !== undefined) return;
    const { time, clock, random, disk, checks, landmarks, story } = this.parts;
    story?.say("manager", "starts");
    clock.reboot();
    const host = new SimHost<ManagerEvent, Effects>({
      time,
      clock,
      random,
      disk,
      step: (events, now) => process.core.step(events, now),
      nextWake: () => (process.isReadOnly ? undefined : process.core.nextWake()),
      ticked: () => ({ kind: "ticked" }),
      committed: (effects) => checks.committed(effects, process.core),
      carryOut: (effects, isAlive) => this.#carryOut(process, effects, isAlive),
      refused: () => this.#refused(process),
      killed: (point) => {
        if (point.kind === "effects") landmarks.saw("managerKilledAmongEffects");
        else landmarks.saw(point.durable ? "managerKilledAfterCommit" : "managerKilledBeforeCommit");
        this.#clear(process);
        this.onKilled();
      },
    });
    const process: Process = {
      host,
      sessions: new Map(),
      waiters: new Map(),
      newest: new Map(),
      leases: new LeaseKeeper(),
      core: this.#newCore(),
      isReadOnly: false,
      isOpen: false,
      lastSession: 0,
      lastRequest: 0,
    };
    this.#process = process;
    this.#tick(process);
  }

  /** Killed at once; every connection ends, with what was sent before or without it. */
  kill(): void {
    const process = this.#process;
    if (process === undefined) return;
    if (!process.host.isBusy && !process.isReadOnly) this.verifyRecovery();
    process.host.kill();
    this.#clear(process);
  }

  killAt(point: KillPoint): void {
    this.#process?.host.killAt(point);
  }

  hold(forMs: number): void {
    this.#process?.host.hold(forMs);
  }

  /** What recovery would read now must be what is in memory, as far as it has to be durable. */
  verifyRecovery(): void {
    const core = this.settledCore;
    if (core !== undefined && this.#process?.isOpen === true) this.parts.checks.recovery(core, this.#newCore());
  }

  /** A user asks; undefined when no answer comes, and whether it was done is not known. */
  ask(question: Question, answer: (reply: Reply | undefined) => void): void {
    const process = this.#process;
    if (process?.isOpen !== true || process.isReadOnly) {
      answer(undefined);
      return;
    }
    process.lastRequest += 1;
    const request = process.lastRequest;
    process.waiters.set(request, answer);
    process.host.post({ ...question, request });
  }

  /** Those of the ids that ended tasks bear, as the store says. */
  endedAmong(ids: readonly TaskId[]): ReadonlySet<TaskId> {
    const { disk } = this.parts;
    const ended = ids.filter((id) => disk.has(TABLES.endedIds, id));
    return ended.length === 0 ? NOBODY : new Set(ended);
  }

  accept(connection: Connection): Endpoint<WorkerMessage> | undefined {
    const process = this.#process;
    if (process?.isOpen !== true) return undefined;
    process.lastSession += 1;
    const id = process.lastSession;
    const session: OpenSession = { connection, hasIntroduced: false };
    process.sessions.set(id, session);
    this.parts.time.after(HELLO_MS, () => {
      if (!session.hasIntroduced && process.sessions.get(id) === session) this.#terminate(process, id);
    });
    return {
      received: (message) => this.#received(process, id, message),
      closed: () => {
        if (!process.sessions.delete(id)) return;
        connection.endManager();
        this.#post(process, { kind: "sessionClosed", session: id });
      },
    };
  }

  #received(process: Process, id: SessionId, message: WorkerMessage): void {
    const session = process.sessions.get(id);
    if (session === undefined || process.host.isDead) return;
    if ((message.kind === "hello") === session.hasIntroduced) {
      const detail = "a second hello, or none";
      session.connection.sendToWorker({ kind: "refusal", code: "malformed", detail });
      session.connection.closeFromManager();
      return;
    }
    session.hasIntroduced = true;
    if (process.isReadOnly) {
      this.#keepLease(process, id, message);
      return;
    }
    if ((process.newest.get(session.connection.node) ?? 0) > id) this.parts.landmarks.saw("lateDelivery");
    else process.newest.set(session.connection.node, id);
    if (message.kind === "hello") {
      const endedIds = this.endedAmong(message.items.map(({ task }) => task));
      this.#post(process, { kind: "helloReceived", session: id, hello: message, endedIds });
      return;
    }
    const { reports, items } = message;
    const spoken = items === undefined ? reports : [...reports, ...items];
    const endedIds = spoken.length === 0 ? NOBODY : this.endedAmong(spoken.map(({ task }) => task));
    this.#post(process, { kind: "frameReceived", session: id, frame: message, endedIds });
  }

  /** All that a worker hears while only reads are served. */
  #keepLease({ leases, core, sessions, host }: Process, id: SessionId, message: WorkerMessage): void {
    const { connection } = sessions.get(id) ?? {};
    if (host.heldForMs > 0) return;
    const answers = leases.answer(id, message, core.state);
    if (answers === undefined) connection?.closeFromManager();
    else this.parts.landmarks.saw("leaseKeptReadOnly");
    for (const answer of answers ?? []) connection?.sendToWorker(answer);
  }

  #post(process: Process, event: ManagerEvent): void {
    if (event.kind === "sessionClosed") process.leases.forget(event.session);
    if (!process.isReadOnly) process.host.take(event);
  }

  #carryOut(process: Process, effects: Effects, isAlive: () => boolean): void {
    const { checks, story } = this.parts;
    process.isOpen = true;
    for (const { request, reply } of effects.replies) {
      if (!isAlive()) return;
      process.waiters.get(request)?.(reply);
      process.waiters.delete(request);
    }
    if (story !== undefined) for (const event of effects.events) tellEvent(story, event);
    for (const { session, message } of effects.messages) {
      if (!isAlive()) return;
      const connection = process.sessions.get(session)?.connection;
      if (connection === undefined) continue;
      checks.sent(connection.node, message, process.core);
      connection.sendToWorker(message);
    }
    for (const session of effects.closes) {
      if (!isAlive()) return;
      process.sessions.get(session)?.connection.closeFromManager();
    }
  }

  #refused(process: Process): false {
    const { landmarks, story } = this.parts;
    story?.say("manager", "its disk takes nothing: only reads are served");
    landmarks.saw("managerReadOnly");
    process.isReadOnly = true;
    process.host.forgetWaiting();
    for (const answer of process.waiters.values()) answer(undefined);
    process.waiters.clear();
    process.core = this.#newCore();
    this.#closeAll(process);
    return false;
  }

  #closeAll(process: Process): void {
    for (const id of [...process.sessions.keys()]) this.#terminate(process, id);
  }

  #terminate(process: Process, id: SessionId): void {
    const session = process.sessions.get(id);
    if (session === undefined || !process.sessions.delete(id)) return;
    session.connection.endManager();
    this.#post(process, { kind: "sessionClosed", session: id });
  }

  #tick(process: Process): void {
    const { time, clock, disk, story } = this.parts;
    const { host } = process;
    if (host.isDead) return;
    if (host.heldForMs > 0) {
      time.after(host.heldForMs + 1, () => this.#tick(process));
      return;
    }
    if (!process.isReadOnly) host.take({ kind: "ticked" });
    else if (!disk.isFull) {
      story?.say("manager", "its disk takes writes again");
      process.isReadOnly = false;
      host.post({ kind: "ticked" });
    }
    time.after(clock.lengthOf(TICK_MS), () => this.#tick(process));
  }

  #clear(process: Process): void {
    const { story, landmarks, random } = this.parts;
    story?.say("manager", "is killed");
    this.#process = undefined;
    for (const answer of process.waiters.values()) {
      landmarks.saw("replyLost");
      answer(undefined);
    }
    for (const { connection } of process.sessions.values()) {
      if (random.chance(0.5)) connection.endManager();
      else connection.cut({ workerMs: random.magnitude(1, 500), managerMs: undefined });
    }
    process.sessions.clear();
  }

  #newCore(): ManagerCore {
    const { disk, settings, algorithm, random, clock } = this.parts;
    const options = {
      settings,
      scheduler: createScheduler(algorithm, { costUse: "measured" }),
      random: random.next,
      rows: (table: string) => disk.rows(table),
      lastRow: (table: string) => disk.lastRow(table),
      newClusterId: "cluster",
    };
    return new ManagerCore(options, clock.now());
  }
}

function tellEvent(story: Story, event: Effects["events"][number]): void {
  const { kind, task, attempt, node, from, to, reason } = event;
  const subject = task === undefined ? (node ?? kind) : `task ${task.slice(0, 8)}/${String(attempt ?? 0)}`;
  const move = to === undefined ? "" : ` ${from ?? "–"} → ${to}${task === undefined ? "" : ` on ${node ?? "–"}`}`;
  story.say("manager", `${subject}${move}: ${reason}`);
}
