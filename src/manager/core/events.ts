/** What happens to the manager, and what it does about it. Both are data: the host turns one into the other's world. */
import type { Availability } from "../../node/node.ts";
import type { Hello, ManagerMessage, StreamKind, WorkerFrame } from "../../protocol/messages.ts";
import type { TaskDocument } from "../../task/document.ts";
import type { HistoryEvent } from "../../task/history.ts";
import type { TaskId } from "../../task/id.ts";
import type { Task } from "../../task/task.ts";
import type { Write } from "../../utils/write.ts";
import type { Touched } from "./touched.ts";

/** A connection of one worker process; made by the host, never used twice. */
export type SessionId = number;
/** Somebody waits for the answer; made by the host, never used twice. */
export type RequestId = number;

/** A checked document with the id and the name it will have. */
export interface NewSubmission {
  readonly id: TaskId;
  readonly name: string;
  readonly document: TaskDocument;
}

/** A repeat of the same request is known by its key, and another request under that key by its digest. */
export interface IdempotencyKey {
  readonly key: string;
  readonly digest: string;
}

export type ManagerEvent =
  | {
      readonly kind: "tasksSubmitted";
      readonly request: RequestId;
      readonly tasks: readonly NewSubmission[];
      /** Those of the ids that ended tasks of the store bear. */
      readonly endedIds: ReadonlySet<TaskId>;
      readonly idempotency: IdempotencyKey | undefined;
    }
  | { readonly kind: "stopRequested"; readonly request: RequestId; readonly task: TaskId; readonly cause: string }
  | {
      readonly kind: "restartRequested";
      readonly request: RequestId;
      readonly task: TaskId;
      readonly idempotency: IdempotencyKey | undefined;
    }
  | {
      readonly kind: "availabilityRequested";
      readonly request: RequestId;
      readonly node: string;
      readonly availability: Availability;
      /** Of a drain: how many tasks move at a time; absent: one. */
      readonly parallel: number | undefined;
    }
  | { readonly kind: "brakeReleaseRequested"; readonly request: RequestId }
  | { readonly kind: "nodeRemovalRequested"; readonly request: RequestId; readonly node: string }
  | {
      readonly kind: "streamRequested";
      readonly request: RequestId;
      readonly task: TaskId;
      readonly stream: string;
      readonly what: StreamKind;
    }
  | {
      readonly kind: "helloReceived";
      readonly session: SessionId;
      readonly hello: Hello;
      /** Ids among the items that ended tasks of the store bear. */
      readonly endedIds: ReadonlySet<TaskId>;
    }
  | {
      readonly kind: "frameReceived";
      readonly session: SessionId;
      readonly frame: WorkerFrame;
      readonly endedIds: ReadonlySet<TaskId>;
    }
  | { readonly kind: "sessionClosed"; readonly session: SessionId }
  | {
      /** Records that have been kept long enough; what must be kept still, is. */
      readonly kind: "recordsExpired";
      readonly ended: readonly ExpiredTask[];
      /** Keys of rows of the history. */
      readonly events: readonly string[];
    }
  | { readonly kind: "ticked" };

/** A task that ended long ago. */
export interface ExpiredTask {
  readonly task: Task;
  /** Keys of what its attempts printed last. */
  readonly outputs: readonly string[];
}

export type Reply =
  | { readonly kind: "accepted"; readonly ids: readonly TaskId[] }
  | { readonly kind: "idTaken"; readonly ids: readonly TaskId[] }
  | { readonly kind: "idempotencyMismatch" }
  /** The task is live and the request taken. */
  | { readonly kind: "done" }
  /** The task has ended, so there is nothing to do. */
  | { readonly kind: "ended" }
  | { readonly kind: "unknown" }
  /** `leasedMs`: how long it may still run what must not run twice; 0 for one that is simply up. */
  | { readonly kind: "nodeUp"; readonly leasedMs: number }
  | { readonly kind: "unavailable"; readonly reason: string };

export interface Effects {
  /** To be committed as one, before anything below leaves the process. */
  readonly writes: readonly Write[];
  readonly replies: readonly { readonly request: RequestId; readonly reply: Reply }[];
  readonly messages: readonly { readonly session: SessionId; readonly message: ManagerMessage }[];
  /** Connections to be closed once their messages are out. */
  readonly closes: readonly SessionId[];
  readonly events: readonly HistoryEvent[];
  /** What is otherwise than before, for those who show it. */
  readonly touched: Touched;
}
