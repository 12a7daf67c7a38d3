/**
 * Placement: filter → cost → pick. Everything here is pure: the answer depends on the nodes as they were last told and
 * on the decisions made before.
 *
 * The scheduler is told of every change to a node and may keep an index of its own; it is never handed a list to scan.
 */
import type { Availability, NodeStatus } from "../node/node.ts";
import type { Ledger } from "../node/ledger.ts";
import type { RuntimeKind } from "../task/document.ts";
import type { Resources, TaskSpec } from "../task/spec.ts";

/** A node as placement sees it. */
export interface NodeView {
  readonly id: string;
  readonly name: string;
  /** Place in the order in which nodes joined; unique, and what breaks the last tie. */
  readonly joined: number;
  readonly status: NodeStatus;
  readonly availability: Availability;
  /** It has come back of late, and gets tasks only where no other node takes them. */
  readonly isDamped: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly runtimes: readonly RuntimeKind[];
  /** Those whose engine does not answer now, each with why, in a sentence; absent: all do. */
  readonly sick?: Readonly<Partial<Record<RuntimeKind, string>>>;
  /** Capacity, reservations and ports; `ledger.count` is the number of tasks. */
  readonly ledger: Ledger;
  /** Measured use, smoothed; undefined before the first measurement. */
  readonly used: Resources | undefined;
  /** Number of tasks on the node by name, and by label written `key=value`. */
  readonly taskNames: ReadonlyMap<string, number>;
  readonly taskLabels: ReadonlyMap<string, number>;
}

export interface PlacementRequest {
  readonly name: string;
  readonly spec: TaskSpec;
  /** Nodes that refused this task or failed it lately, each with the reason in a sentence. */
  readonly excluded?: ReadonlyMap<string, string>;
  /** Also on a node that has come back of late: there is no other. */
  readonly acceptsDamped?: boolean;
}

export type FilterName =
  | "availability"
  | "status"
  | "damping"
  | "runtime"
  | "constraint"
  | "antiAffinity"
  | "cpu"
  | "memory"
  | "disk"
  | "ports"
  | "refusal"
  | (string & { readonly brand?: "of a user's own module" });

/** One respect in which a task cannot run on a node. */
export interface Rejection {
  readonly filter: FilterName;
  readonly needs: number | string;
  readonly has: number | string;
  /** A whole sentence: `needs 512 MiB of memory, 256 MiB are free`. */
  readonly message: string;
}

export interface Cost {
  readonly cost: number;
  /** What the cost is made of, by name. */
  readonly terms: Readonly<Record<string, number>>;
}

export interface CostedNode extends Cost {
  readonly node: string;
}

export interface Decision {
  readonly scheduler: string;
  readonly considered: number;
  /** Id of the node, undefined when the task fits nowhere now. */
  readonly chosen: string | undefined;
  /** The best few, the chosen one first. Nodes by name. */
  readonly costs: readonly CostedNode[];
  /** Nodes by name. A decision that found a node may list only some. */
  readonly rejected: readonly { readonly node: string; readonly filters: readonly Rejection[] }[];
  /** The smallest single change that would let the task in, when it fits nowhere: `256 MiB more memory on worker3`. */
  readonly wouldFitIf: string | undefined;
}

export interface Scheduler {
  readonly name: string;
  /** The node joined, or anything of it changed. */
  update(node: NodeView): void;
  remove(nodeId: string): void;
  /** Picks a node. The caller places the task there at once and says so with `update`. */
  decide(request: PlacementRequest): Decision;
  /** Whether some node would take it now; picks nothing and changes nothing. */
  fits(request: PlacementRequest): boolean;
  /** All failing filters of every node, the costs of the others; picks nothing and changes nothing. */
  explain(request: PlacementRequest): Decision;
  /** After a restart: the node that was given the last task. */
  resume(lastNodeId: string): void;
}
