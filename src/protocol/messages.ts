/**
 * What a manager and a worker say to each other, over one WebSocket that the worker dials.
 *
 * It is level-triggered. The worker speaks first and says everything it has (`hello`); the manager answers with a
 * verdict for each item and with what is assigned besides (`welcome`, then a frame). From then on both send frames of
 * differences, numbered from 1 in each direction; whoever sees a gap closes the connection, and the next hello says
 * everything again. No verdict means keep, and ask again: silence never stops anything.
 *
 * A manager frame carries stops before assignments and is to be applied in that order.
 */
import type { NodeFacts, NodeUse, TaskUse } from "../node/node.ts";
import type { RuntimeKind, SpecDocument } from "../task/document.ts";
import type { TaskId } from "../task/id.ts";
import type { Health, PortBinding } from "../task/task.ts";

/** Raised when a frame changes so that an older peer could misread it; unequal versions refuse each other by name. */
export const PROTOCOL_VERSION = 1;

/**
 * A worker remembers this many of the newest specs that it was sent in a session; an assignment names only a spec among
 * them, or one in its own frame.
 */
export const SPECS_REMEMBERED = 256;

/** Where an attempt stands at its worker. The numbers never change. */
export const REPORTED = {
  /** Assigned and durable here; not running yet. */
  starting: 1,
  running: 2,
  /** Ended, and meant to: the result is kept until the manager has taken it. */
  completed: 3,
  /** Given up. */
  failed: 4,
  /** Never started: it does not fit, or this worker cannot run it. */
  refused: 5,
  /** Ended by its worker as the manager ordered, or since its lease had run out: what becomes of the task is not said. */
  released: 6,
} as const;

export type ReportedState = (typeof REPORTED)[keyof typeof REPORTED];

export interface Report {
  readonly task: TaskId;
  readonly attempt: number;
  readonly state: ReportedState;
  readonly restarts: number;
  /** Why it is in this state, in a sentence. */
  readonly reason: string;
  readonly health?: Health;
  readonly containerId?: string;
  readonly ports?: readonly PortBinding[];
  readonly exitCode?: number;
  /** Wall clock of the worker, milliseconds. */
  readonly startedAt?: number;
  readonly finishedAt?: number;
  /** Its run has ended, and the next one or the end of all is still to come; the reason says how it ended. */
  readonly waiting?: boolean;
  /** Of `failed`: no other node would do better, so placing it again is pointless. */
  readonly fatal?: boolean;
  /** Of an end: the last lines of output, as much as is worth keeping. */
  readonly output?: string;
}

/** A report of something the manager may not know: with it, the manager could adopt it. */
export interface Item extends Report {
  readonly name: string;
  /** Started on the worker directly and never owned by a manager. */
  readonly local?: boolean;
  /** Index into the specs that come with it. */
  readonly spec: number;
  readonly createdAt: number;
}

/** Runtimes whose engine does not answer now, each with why, in a sentence. Each message says all; absent: all are well. */
export type SickRuntimes = Readonly<Partial<Record<RuntimeKind, string>>>;

export interface Hello {
  readonly kind: "hello";
  readonly version: number;
  /** Of this worker process; a new one supersedes the old. */
  readonly instanceId: string;
  readonly node: NodeFacts;
  /** The cluster this worker last belonged to and the highest epoch it has seen there. */
  readonly clusterId?: string;
  readonly epoch?: number;
  readonly specs: readonly SpecDocument[];
  readonly items: readonly Item[];
  readonly use?: Usage;
  /** Wall clock of the worker, milliseconds, said with `use`: it tells how far the machines' clocks are apart. */
  readonly at?: number;
  readonly sick?: SickRuntimes;
}

export interface Welcome {
  readonly kind: "welcome";
  readonly version: number;
  readonly clusterId: string;
  readonly epoch: number;
  /** How often the worker sends a frame, whether or not there is news. */
  readonly heartbeatMs: number;
  /** The worker's lease ends so long after it sent the newest message that the manager acknowledged. */
  readonly leaseMs: number;
}

/** Why a session is refused; the connection is closed after it. The code is one of the table in `api/problems.ts`. */
export interface Refusal {
  readonly kind: "refusal";
  readonly code: "name_taken" | "superseded" | "stale_epoch" | "version_mismatch" | "node_removed" | "malformed";
  readonly detail: string;
}

export interface Usage {
  readonly node: NodeUse;
  /**
   * By attempt (`id/attempt`), those that are otherwise than this session said last; null: not measured any more. Absent: all
   * are the same.
   */
  readonly tasks?: Readonly<Record<string, TaskUse | null>>;
}

export interface WorkerFrame {
  readonly kind: "frame";
  readonly rev: number;
  /** Number of the newest manager frame received. */
  readonly ack: number;
  readonly reports: readonly Report[];
  /** Started here directly since the hello. */
  readonly items?: readonly Item[];
  readonly specs?: readonly SpecDocument[];
  /** Tasks of the manager that somebody asked this worker to stop. */
  readonly stopRequests?: readonly { readonly task: TaskId; readonly attempt: number }[];
  readonly use?: Usage;
  /** Wall clock of the worker, milliseconds, said with `use`: it tells how far the machines' clocks are apart. */
  readonly at?: number;
  readonly sick?: SickRuntimes;
  /** The worker is going away on purpose; its tasks run on. */
  readonly leaving?: boolean;
}

export interface Assignment {
  readonly task: TaskId;
  readonly attempt: number;
  readonly name: string;
  /** Number of a spec sent in this session, in this frame or before. */
  readonly spec: number;
  readonly createdAt: number;
}

export interface StopOrder {
  readonly task: TaskId;
  readonly attempt: number;
  readonly reason: string;
}

/**
 * The manager's answer to one reported item: `keep` it as it is; `stop` it; `adopt` it (it is the manager's now);
 * `discard` it (the result is taken and durable).
 */
export interface Verdict {
  readonly task: TaskId;
  readonly attempt: number;
  readonly verdict: "keep" | "stop" | "adopt" | "discard";
  readonly reason?: string;
}

/**
 * A request for a stream, which the worker answers by dialling a connection of its own for it. Of `logs` it carries the
 * bytes of the output; of `exec`, what `api/exec-frames.ts` says.
 */
export type StreamRequest = StreamKind & {
  readonly stream: string;
  readonly task: TaskId;
  readonly attempt: number;
};

export type StreamKind = { readonly kind: "logs"; readonly options: LogOptions } | { readonly kind: "exec" };

export interface LogOptions {
  readonly follow: boolean;
  /** Last lines to begin with; absent: all. */
  readonly tail?: number;
  /** Wall clock, milliseconds. */
  readonly since?: number;
  readonly timestamps: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

export interface ManagerFrame {
  readonly kind: "frame";
  readonly rev: number;
  /** Number of the newest worker frame received; 0 is the hello. */
  readonly ack: number;
  readonly specs: readonly { readonly number: number; readonly document: SpecDocument }[];
  readonly stop: readonly StopOrder[];
  readonly verdicts: readonly Verdict[];
  readonly assign: readonly Assignment[];
  readonly streams?: readonly StreamRequest[];
}

export type WorkerMessage = Hello | WorkerFrame;
export type ManagerMessage = Welcome | Refusal | ManagerFrame;
