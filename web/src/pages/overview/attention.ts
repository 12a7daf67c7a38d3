/** What needs a person's attention, the most urgent first: what is broken before what waits before what will pass. */
import { LIVE_HEALTH, LIVE_STATES } from "../../../../src/api/live-codes.ts";
import type { Cluster } from "../../live/cluster.ts";
import type { LiveNode, LiveTask } from "../../live/values.ts";

export type Concern =
  | { readonly kind: "node"; readonly node: LiveNode; readonly why: string }
  | { readonly kind: "task"; readonly task: LiveTask; readonly why: string };

const PENDING = LIVE_STATES.indexOf("pending");
const SCHEDULED = LIVE_STATES.indexOf("scheduled");
const UNHEALTHY = LIVE_HEALTH.indexOf("unhealthy");

/** More than these would not be read. */
const MOST = 12;

export interface Attention {
  readonly concerns: readonly Concern[];
  /** Concerns beyond those. */
  readonly more: number;
}

export function attention(cluster: Cluster): Attention {
  const nodes = cluster.nodes().flatMap(nodeConcern);
  const failed = cluster.ended.filter(({ state }) => state === "failed");
  const { state, health, restarts } = cluster.taskTable;
  const unhealthy: number[] = [];
  const restarting: number[] = [];
  const pending: number[] = [];
  // Over the columns: a cluster may have a hundred thousand tasks, nearly all of them well.
  for (const slot of cluster.taskTable.slots()) {
    if (state[slot] === PENDING) pending.push(slot);
    else if (health[slot] === UNHEALTHY) unhealthy.push(slot);
    // It has been started again, and does not run now: it waits for the next try.
    else if (state[slot] === SCHEDULED && (restarts[slot] ?? 0) > 0) restarting.push(slot);
  }
  const slots = [...unhealthy, ...pending, ...restarting];
  const tasks = [...failed, ...slots.slice(0, MOST).map((slot) => cluster.taskAt(slot))];
  const concerns = [...nodes, ...tasks.map((task): Concern => ({ kind: "task", task, why: task.reason }))];
  return { concerns: concerns.slice(0, MOST), more: Math.max(0, nodes.length + failed.length + slots.length - MOST) };
}

function nodeConcern(node: LiveNode): Concern[] {
  const { status, reason, drain } = node;
  if (status === "lost" || status === "unreachable") {
    const fallback =
      status === "lost" ? "It has been silent for too long; its tasks are placed elsewhere." : "It is silent.";
    return [{ kind: "node", node, why: reason === "" ? fallback : reason }];
  }
  if (drain?.blocked !== undefined) return [{ kind: "node", node, why: `Its drain is held up: ${drain.blocked}` }];
  return [];
}
