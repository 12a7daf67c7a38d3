import type { TaskId } from "./id.ts";

/** One entry of the history: when, what, from which state to which, on which node, and why. */
export interface HistoryEvent {
  /** Place in the cluster's history, from 1; what lists and streams are ordered by. */
  readonly seq: number;
  /** Wall clock, milliseconds. */
  readonly at: number;
  readonly kind: "task" | "node" | "manager";
  readonly task?: TaskId | undefined;
  readonly attempt?: number | undefined;
  /** By name. */
  readonly node?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly reason: string;
}
