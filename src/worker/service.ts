/** What the worker's own HTTP server asks of the worker: the door between the wire and the core. Everything it answers is durable. */
import type { NodeUse, TaskUse } from "../node/node.ts";
import type { LogOptions } from "../protocol/messages.ts";
import type { RuntimeKind, TaskDocument } from "../task/document.ts";
import type { TaskId } from "../task/id.ts";
import type { TaskState } from "../task/state.ts";
import type { Task } from "../task/task.ts";
import type { LogChunk } from "./runtimes/runtime.ts";

/** A task as its worker sees it. */
export interface LocalTaskView {
  readonly task: Task;
  readonly used: TaskUse | undefined;
}

export interface WorkerStats {
  readonly node: string;
  /** Wall clock, milliseconds. */
  readonly at: number;
  readonly uptimeMs: number;
  readonly use: NodeUse | undefined;
  readonly cores: number;
  readonly memory: { readonly total: number; readonly available: number };
  readonly disk: { readonly path: string; readonly total: number; readonly available: number };
  readonly tasks: Readonly<Record<TaskState, number>>;
}

/** What a scrape of the metrics shows. */
export interface WorkerSnapshot {
  readonly stats: WorkerStats;
  /** The newest first. */
  readonly tasks: readonly LocalTaskView[];
  readonly engines: readonly {
    readonly runtime: RuntimeKind;
    /** It does not answer. */
    readonly isSick: boolean;
    /** Its disk is too full. */
    readonly isCrowded: boolean;
  }[];
  /** The manager has welcomed this worker, and the connection stands. */
  readonly isConnected: boolean;
}

export type LocalSubmitOutcome =
  | { readonly kind: "accepted"; readonly tasks: readonly LocalTaskView[] }
  | { readonly kind: "idTaken"; readonly ids: readonly TaskId[] }
  /** It does not fit this worker, or this worker may not run it. */
  | { readonly kind: "refused"; readonly reason: string };

export interface WorkerService {
  readonly nodeName: string;
  submit(documents: readonly TaskDocument[]): Promise<LocalSubmitOutcome>;
  /** Stops a task of its own; of a manager's task it passes the request on. Undefined when there is none of this id. */
  stop(id: TaskId): Promise<LocalTaskView | undefined>;
  task(id: TaskId): Promise<LocalTaskView | undefined>;
  tasks(): Promise<readonly LocalTaskView[]>;
  stats(): Promise<WorkerStats>;
  /** For the metrics. */
  snapshot(): Promise<WorkerSnapshot>;
  logs(id: TaskId, options: LogOptions, signal: AbortSignal): AsyncIterable<LogChunk> | undefined;
}
