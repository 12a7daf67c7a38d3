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
  /** For which task it is held, and why, in a sentence: no other gets in. Absent: for none. */
  readonly heldFor?: string | undefined;
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
  /** The node that is held for this task. */
  readonly heldNode?: string;
  /** Also on a node that is held for another one: it ran before, and goes on. */
  readonly ignoresHolds?: boolean;
}

export type FilterName =
  | "availability"
  | "status"
  | "damping"
  | "held"
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

export function isRejection(explained: Cost | Rejection): explained is Rejection {
  return "filter" in explained;
}

export interface Cost {
  readonly cost: number;
  /** What the cost is made of, by name. */
  readonly terms: Readonly<Record<string, number>>;
}

export interface CostedNode extends Cost {
  readonly node: string;
}

/** Nodes by name. */
export interface RejectedNode {
  readonly node: string;
  readonly filters: readonly Rejection[];
}

/**
 * What was decided, and why. Its words are made when they are read: those of a decision that found a node tell of that
 * moment, whenever they are read; those of one that found none, of the moment of reading.
 */
export interface Decision {
  readonly scheduler: string;
  readonly considered: number;
  /** Id of the node, undefined when the task fits nowhere now. */
  readonly chosen: string | undefined;
  /** The best few, the chosen one first. Nodes by name. */
  readonly costs: readonly CostedNode[];
  /** So many of `costs` at most, the first ones: for who asks at every decision. */
  bestCosts(most: number): readonly CostedNode[];
  /** A decision that found a node lists only some. */
  readonly rejected: readonly RejectedNode[];
  /** How many nodes each filter rejected, those that rejected any. */
  readonly rejectedBy: Readonly<Partial<Record<FilterName, number>>>;
  /** The smallest single change that would let the task in, when it fits nowhere: `256 MiB more memory on worker3`. */
  readonly wouldFitIf: string | undefined;
  /** Of a decision that found no node: whether there is one that is rejected by this filter alone. */
  isOnlyUpTo(filter: FilterName): boolean;
}

export interface SchedulerMemory {
  /** Place in the join order of the node picked last; 0 before the first. */
  readonly lastJoined: number;
  /** The most tasks that a node has had, rounded up to a power of two. */
  readonly maxJobs: number;
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
  /** Whether this node would take it now; changes nothing. */
  takes(request: PlacementRequest, nodeId: string): boolean;
  /** All failing filters of every node, the costs of the others; picks nothing and changes nothing. */
  explain(request: PlacementRequest): Decision;
  /** After a restart: the node that was given the last task. */
  resume(lastNodeId: string): void;
  /** What its answers depend on besides the nodes as they are. */
  readonly memory: SchedulerMemory;
  /** Goes on where another one was: with the same nodes it answers the same. */
  recall(memory: SchedulerMemory): void;
}
