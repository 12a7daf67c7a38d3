import type { RuntimeKind } from "../task/document.ts";
import type { Resources } from "../task/spec.ts";

export type NodeStatus = "ready" | "unreachable" | "lost" | "left";
export type Availability = "active" | "pause" | "drain";

/** What a worker says of its machine when it introduces itself. */
export interface NodeFacts {
  /** Made with the worker's data directory, and as lasting as it. */
  readonly nodeId: string;
  readonly name: string;
  /** Where its tasks' published ports can be reached. */
  readonly address: string;
  /** Where its own HTTP API can be reached: `http(s)://host:port`. Absent: the worker is an older one, or does not say. */
  readonly api?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly runtimes: readonly RuntimeKind[];
  readonly version: string;
  readonly capacity: Resources;
}

/** Measured use of a machine: cores, bytes, bytes, and the load averages of 1, 5 and 15 minutes. */
export interface NodeUse extends Resources {
  readonly load: readonly [number, number, number];
}

/** Measured use of one task. */
export interface TaskUse {
  readonly cpu: number;
  readonly memory: number;
}
