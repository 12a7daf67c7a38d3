/**
 * What a filter is: it says whether a task can run on a node in one respect, cheaply; and, for a node that does not
 * pass, why not and what would have to change. A filter never looks at measured use: what counts is what is reserved.
 */
import type { AntiAffinity, Constraint } from "../task/constraint.ts";
import type { RuntimeKind } from "../task/document.ts";
import type { PortRequest } from "../task/spec.ts";
import type { Resources } from "../task/spec.ts";
import type { NodeLoad } from "./node-load.ts";
import type { NodeView, FilterName, Rejection } from "./scheduler.ts";

/** What a cost may know of the task. */
export interface TaskDemand {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** What it would reserve: cores, bytes, bytes. */
  readonly resources: Resources;
}

/** A request made ready for the filters: parsed once, not once a node. */
export interface FilteredTask extends TaskDemand {
  readonly runtime: RuntimeKind;
  /** Those that have to be free on the node. */
  readonly fixedPorts: readonly PortRequest[];
  readonly constraints: readonly Constraint[];
  readonly antiAffinity: readonly AntiAffinity[];
  /** By node, why not there. */
  readonly excluded: ReadonlyMap<string, string>;
  readonly acceptsDamped: boolean;
  /** The node that is held for it. */
  readonly heldNode: string | undefined;
  readonly ignoresHolds: boolean;
}

/** A node as the filters see it: as it is now, and as its cost sees it. */
export interface Candidate {
  readonly view: NodeView;
  readonly load: NodeLoad;
}

/**
 * What a filter's answer depends on, besides the task: on what is said of the node, such as its status and its labels;
 * on how much is free there; on the tasks and ports there; on the single request. Of a user's own nothing is known.
 */
export type Asks = "description" | "resources" | "tasks" | "request" | "unknown";

export interface Filter {
  readonly name: FilterName;
  readonly asks: Asks;
  /** False when every node passes, whatever it is like: the scan leaves the filter out. */
  concerns(task: FilteredTask): boolean;
  /** For the scan: no allocation. */
  passes(task: FilteredTask, node: Candidate): boolean;
  /** Why not; of a node that does not pass. */
  explain(task: FilteredTask, node: Candidate): Rejection;
  /** The change that would let it pass; undefined where there is none to name. */
  remedy(task: FilteredTask, node: Candidate): Remedy | undefined;
}

export interface Remedy {
  /** `256 MiB more memory on worker3` */
  readonly change: string;
  /**
   * How much of a change it is, to compare remedies: of a resource the missing share of the node's capacity; 0 for what
   * takes a word or a little patience, 1 for what takes a change to the machine or to other tasks.
   */
  readonly size: number;
}
