/** What a scrape shows of the cluster: read from the core's tables between two turns, so that all of it is committed. */
import type { Availability, NodeFacts, NodeStatus, NodeUse, TaskUse } from "../../node/node.ts";
import type { SickRuntimes } from "../../protocol/messages.ts";
import type { TaskId } from "../../task/id.ts";
import type { Resources } from "../../task/spec.ts";
import type { TaskState } from "../../task/state.ts";
import type { ManagerCore } from "../core/core.ts";

/** So many tasks have series of their own at the manager: those that were accepted first. */
const MOST_TASK_SERIES = 1000;

export interface NodeSnapshot {
  readonly facts: NodeFacts;
  readonly status: NodeStatus;
  readonly availability: Availability;
  /** Live tasks that are placed on it. */
  readonly tasks: number;
  readonly reserved: Resources;
  /** As it was measured last. */
  readonly used: NodeUse | undefined;
  readonly sick: SickRuntimes;
  /** When its worker was last heard; wall clock, milliseconds. */
  readonly lastSeenAt: number;
}

export interface TaskSnapshot {
  readonly id: TaskId;
  readonly name: string;
  /** By name. */
  readonly node: string;
  readonly use: TaskUse;
}

/** Why tasks wait, and how many for each reason. */
export interface PendingCounts {
  /** For their turn. */
  readonly queued: number;
  /** They fit no node as the nodes are now. */
  readonly unplaceable: number;
  /** They fit only nodes that refused or failed them lately. */
  readonly refused: number;
  /** Until their delay before the next attempt is over. */
  readonly delayed: number;
  /** They are part of a long list that is still entering the queue. */
  readonly entering: number;
}

export interface ClusterSnapshot {
  readonly tasks: Readonly<Record<TaskState, number>>;
  readonly pending: PendingCounts;
  /** When the task that has waited longest was accepted; wall clock, milliseconds. Undefined when none waits. */
  readonly oldestPendingAt: number | undefined;
  readonly nodes: readonly NodeSnapshot[];
  /** Workers that have a session. */
  readonly connected: number;
  readonly isBraking: boolean;
  readonly runningTasks: readonly TaskSnapshot[];
  /** Running tasks beyond these. */
  readonly tasksLeftOut: number;
}

/** `mostTasks`: how many running tasks it tells of. */
export function clusterSnapshot(core: ManagerCore, mostTasks = MOST_TASK_SERIES): ClusterSnapshot {
  const { state } = core;
  const { queued, blocked, aside, oldestAt } = state.pending.census();
  const entering = state.slices.reduce((sum, slice) => sum + slice.length, 0);
  const delayed = Math.max(0, state.counts.pending - queued - blocked - aside - entering);
  const { running, leftOut } = runningTasks(core, mostTasks);
  return {
    tasks: { ...state.counts },
    pending: { queued, unplaceable: blocked, refused: aside, delayed, entering },
    oldestPendingAt: oldestAt,
    nodes: Array.from(state.nodes.values(), (node) => ({
      facts: node.facts,
      status: node.status,
      availability: node.availability,
      tasks: node.tasks.size,
      reserved: node.ledger.reserved,
      used: node.lastUse,
      sick: node.sick,
      lastSeenAt: node.lastSeenAt,
    })),
    connected: state.sessions.size,
    isBraking: state.brake !== undefined,
    runningTasks: running,
    tasksLeftOut: leftOut,
  };
}

/** The oldest come first, so that it is always the same ones that have series. */
function runningTasks(
  core: ManagerCore,
  most: number,
): { readonly running: readonly TaskSnapshot[]; readonly leftOut: number } {
  const { state } = core;
  const running: TaskSnapshot[] = [];
  let seen = 0;
  for (const task of state.tasks.values()) {
    if (seen === most) break;
    if (task.state !== "running") continue;
    seen += 1;
    const node = state.nodeOf(task);
    const use = core.useOf(task);
    if (node !== undefined && use !== undefined) running.push({ id: task.id, name: task.name, node: node.name, use });
  }
  return { running, leftOut: state.counts.running - seen };
}
