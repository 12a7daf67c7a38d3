/** What pages see of a task, of a node and of the whole: values, made from the cluster's tables when they are asked for. */
import type { LiveWish } from "../../../src/api/live-codes.ts";
import type { NodeJson } from "../../../src/api/node-json.ts";
import type { TaskJson } from "../../../src/api/task-json.ts";

/** Cores, bytes, bytes. */
export interface Resources {
  readonly cpu: number;
  readonly memory: number;
  readonly disk: number;
}

export interface LiveTask {
  readonly id: string;
  readonly name: string;
  readonly state: TaskJson["state"];
  readonly health: TaskJson["health"];
  /** What is wanted of it; `moving`: to run, on another node. */
  readonly wish: LiveWish;
  /** Name of the node of the current or the last attempt. */
  readonly node: string | undefined;
  readonly attempt: number;
  readonly restarts: number;
  /** Why it is in this state, in a sentence. */
  readonly reason: string;
  /** The image, or the command of a process. */
  readonly runs: string;
  readonly runtime: string;
  readonly labels: Readonly<Record<string, string>>;
  /** What it reserves. */
  readonly demand: Resources;
  /** Measured; undefined before the first measurement. */
  readonly used: { readonly cpu: number; readonly memory: number } | undefined;
  /** Wall clock of the manager, milliseconds. */
  readonly createdAt: number;
  /** Since when it has been in its state. */
  readonly since: number;
}

export interface LiveNode {
  readonly name: string;
  readonly status: NodeJson["status"];
  readonly availability: NodeJson["availability"];
  /** Why it is in this status, where that needs a sentence. */
  readonly reason: string;
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly runtimes: readonly string[];
  readonly version: string;
  readonly capacity: Resources;
  readonly reserved: Resources;
  readonly used: Resources | undefined;
  /** Number of live tasks placed on it. */
  readonly tasks: number;
  /** While it is being drained: tasks that are still here, and what is in the way. */
  readonly drain: { readonly left: number; readonly blocked: string | undefined } | undefined;
  readonly joinedAt: number;
}

export interface Totals {
  readonly tasks: Readonly<Record<TaskJson["state"], number>>;
  readonly nodes: Readonly<Record<NodeJson["status"], number>>;
  /** Of the nodes that are ready; `reserved` of all. */
  readonly capacity: Resources;
  readonly reserved: Resources;
  readonly used: Resources;
  readonly scheduler: string;
  /** On while the manager holds back, since too many nodes are silent together. */
  readonly brake: { readonly since: number; readonly reason: string } | undefined;
}

/** What happened in one second. */
export interface Rates {
  /** Wall clock of the manager, milliseconds: the second's beginning. */
  readonly at: number;
  readonly submitted: number;
  readonly placed: number;
  readonly started: number;
  readonly completed: number;
  readonly failed: number;
  /** From a task's being accepted (or ready to be placed again) to its placement, milliseconds; undefined when none was placed. */
  readonly placementMs: { readonly p50: number; readonly p99: number } | undefined;
  /** From its placement to its running, milliseconds. */
  readonly startMs: { readonly p50: number; readonly p99: number } | undefined;
}

export type Connection =
  /** The first snapshot is on its way. */
  | { readonly phase: "connecting" }
  /** What is shown is how it is. */
  | { readonly phase: "live" }
  /** What is shown is how it was at `since` (this browser's clock, milliseconds); it is being tried again. */
  | { readonly phase: "stale"; readonly since: number; readonly problem: string }
  /** The manager wants a token, or a better one; nothing is tried until there is another client. */
  | { readonly phase: "refused"; readonly problem: string; readonly code: "unauthorized" | "scope_missing" };
