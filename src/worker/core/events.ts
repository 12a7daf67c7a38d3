/** What happens to a worker, and what it does about it. Both are data. */
import type { NodeUse, TaskUse } from "../../node/node.ts";
import type { ManagerMessage, StreamKind, WorkerMessage } from "../../protocol/messages.ts";
import type { RuntimeKind, SpecDocument, TaskDocument } from "../../task/document.ts";
import type { AttemptKey, TaskId } from "../../task/id.ts";
import type { Probe, TaskSpec } from "../../task/spec.ts";
import type { PortBinding } from "../../task/task.ts";
import type { Write } from "../../utils/write.ts";

export type RequestId = number;
/** One connection to a manager. */
export type SessionId = number;

/** Which run of which attempt. */
export interface Run {
  readonly task: TaskId;
  readonly attempt: number;
  readonly restart: number;
}

export interface RunExit {
  readonly exitCode: number;
  readonly oomKilled: boolean;
  readonly finishedAt: number;
}

/** A run that a runtime has, as `list` found it. */
export interface FoundRun {
  readonly ref: Run;
  readonly containerId: string;
  readonly ports: readonly PortBinding[];
  readonly startedAt: number | undefined;
  readonly running: boolean;
  /** Running, but frozen by somebody. Absent: it is not. */
  readonly paused?: boolean;
  readonly exit: RunExit | undefined;
  readonly label:
    | { readonly name: string; readonly local: boolean; readonly createdAt: number; readonly spec: SpecDocument }
    | undefined;
}

/** What the machine and the tasks on it used when they were measured last. */
export interface SampledUse {
  readonly node: NodeUse;
  readonly tasks: ReadonlyMap<AttemptKey, TaskUse>;
}

export type StartFailure = "image" | "command" | "ports" | "spec" | "engine" | "cancelled" | "timeout";

export type WorkerEvent =
  | {
      readonly kind: "runsListed";
      readonly runtime: RuntimeKind;
      readonly runs: readonly FoundRun[];
      /** When the list was asked for, on `mono`: it may say nothing of what has begun since. */
      readonly askedMono: number;
    }
  | { readonly kind: "startProgressed"; readonly run: Run; readonly reason: string }
  | { readonly kind: "runStarted"; readonly run: Run; readonly containerId: string; readonly startedAt: number }
  | { readonly kind: "startFailed"; readonly run: Run; readonly failure: StartFailure; readonly message: string }
  | {
      readonly kind: "runExited";
      readonly run: Run;
      readonly exit: RunExit | undefined;
      readonly output: string | undefined;
    }
  /** Somebody paused it. */
  | { readonly kind: "runPaused"; readonly run: Run }
  /** Somebody else than this worker started it. */
  | { readonly kind: "runAppeared"; readonly run: Run; readonly runtime: RuntimeKind }
  /** The runtime's engine does not answer any more, and why; or, without `sick`, it answers again. */
  | { readonly kind: "engineChanged"; readonly runtime: RuntimeKind; readonly sick: string | undefined }
  /** The disk of the runtime's engine is too full, or not any more. */
  | { readonly kind: "diskChanged"; readonly runtime: RuntimeKind; readonly isCrowded: boolean }
  /** Nothing is left of the run. */
  | { readonly kind: "runRemoved"; readonly run: Run }
  /** The last lines that a run printed, undefined when they cannot be had. */
  | { readonly kind: "tailRead"; readonly run: Run; readonly output: string | undefined }
  | { readonly kind: "runProbed"; readonly run: Run; readonly ok: boolean; readonly detail: string }
  | { readonly kind: "useSampled"; readonly usage: SampledUse }
  /** The worker's own API can be reached here. */
  | { readonly kind: "apiOpened"; readonly api: string }
  | {
      readonly kind: "tasksSubmitted";
      readonly request: RequestId;
      readonly tasks: readonly { readonly id: TaskId; readonly name: string; readonly document: TaskDocument }[];
    }
  | { readonly kind: "stopRequested"; readonly request: RequestId; readonly task: TaskId }
  | { readonly kind: "sessionOpened"; readonly session: SessionId }
  | { readonly kind: "messageReceived"; readonly session: SessionId; readonly message: ManagerMessage }
  | { readonly kind: "sessionClosed"; readonly session: SessionId }
  | { readonly kind: "leaving" }
  | { readonly kind: "ticked" };

export type Command =
  | {
      readonly kind: "start";
      readonly run: Run;
      readonly name: string;
      readonly spec: TaskSpec;
      readonly ports: readonly PortBinding[];
      readonly local: boolean;
      readonly createdAt: number;
    }
  /** Gives up a start under way; it is answered by `startFailed` or, too late, by `runStarted`. */
  | { readonly kind: "cancel"; readonly run: Run }
  /** Answered by `runExited`. */
  | { readonly kind: "stop"; readonly run: Run; readonly runtime: RuntimeKind; readonly timeoutMs: number }
  /** Answered by `runRemoved`. */
  | { readonly kind: "remove"; readonly run: Run; readonly runtime: RuntimeKind }
  /** Answered by `tailRead`. */
  | { readonly kind: "tail"; readonly run: Run; readonly runtime: RuntimeKind }
  /** Lets a run that somebody paused go on. */
  | { readonly kind: "resume"; readonly run: Run; readonly runtime: RuntimeKind }
  | {
      readonly kind: "probe";
      readonly run: Run;
      readonly runtime: RuntimeKind;
      readonly probe: Probe;
      readonly ports: readonly PortBinding[];
      readonly timeoutMs: number;
    }
  | {
      readonly kind: "stream";
      readonly stream: string;
      readonly run: Run;
      readonly runtime: RuntimeKind;
      readonly what: StreamKind;
    };

export type Reply =
  | { readonly kind: "accepted"; readonly keys: readonly AttemptKey[] }
  | { readonly kind: "idTaken"; readonly ids: readonly TaskId[] }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "done" }
  | { readonly kind: "unknown" };

/** The runs that must end at this moment of the boot-time clock, in milliseconds, unless another order comes before. */
export interface GuardOrder {
  readonly untilMono: number;
  readonly runs: readonly GuardedRun[];
}

export interface GuardedRun {
  readonly run: Run;
  readonly runtime: RuntimeKind;
  readonly stopTimeoutMs: number;
  /** Once it is known. */
  readonly containerId: string | undefined;
}

export interface Effects {
  /** To be committed as one, before anything below leaves the process. */
  readonly writes: readonly Write[];
  readonly commands: readonly Command[];
  readonly messages: readonly { readonly session: SessionId; readonly message: WorkerMessage }[];
  /** Connections to be given up, with why. */
  readonly closes: readonly { readonly session: SessionId; readonly reason: string }[];
  readonly replies: readonly { readonly request: RequestId; readonly reply: Reply }[];
  /** What the guard outside this process has to know from now on; undefined: nothing new. */
  readonly guard: GuardOrder | undefined;
  /** The manager refuses this worker for good: the process should end and say why. */
  readonly fatal: string | undefined;
}
