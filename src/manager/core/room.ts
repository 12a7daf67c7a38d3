/**
 * Room for large tasks: where a stream of small ones takes every bit that is freed, a node is held for the most urgent
 * class that has waited for a while, so that what ends there adds up. A hold lasts as long as something ends on the
 * node now and then; where nothing does, it is given up, and what is free goes to others: neither the class nor the node
 * has a hold again for a while, or the next class would keep the others out in its turn.
 */
import { RESOURCE_NAMES } from "../../node/ledger.ts";
import { nearestFirst } from "../../scheduler/nearest.ts";
import type { RejectedNode } from "../../scheduler/scheduler.ts";
import type { TaskSpec } from "../../task/spec.ts";
import type { Task } from "../../task/task.ts";
import { formatDuration } from "../../utils/durations.ts";
import type { Applier } from "./apply.ts";
import type { ManagedNode } from "./managed-node.ts";
import type { Blocked } from "./pending.ts";
import { placementRequest } from "./placement.ts";

/** How long nothing ends on a held node before it is given up; and how long class and node are then left alone. */
const STANDSTILL_MS = 60_000;
const REST_MS = 300_000;
/** One node, or one in so many, is held at a time. */
const NODES_A_HOLD = 20;

/** Gives up the holds that have served or do not help, and holds a node where that could help. */
export function holdNodes(apply: Applier): void {
  const { state, now } = apply;
  for (const [spec, nodeId] of state.holds.all) {
    const node = state.nodes.get(nodeId);
    const why = endOfHold(apply, spec, node);
    if (why === undefined) continue;
    state.holds.end(spec);
    if (node === undefined) continue;
    if (why === "standstill") {
      state.holds.postpone(spec, now.mono + REST_MS);
      node.noHoldUntilMono = now.mono + REST_MS;
    }
    release(apply, node, WHY[why]);
  }
  if (state.holds.size >= Math.max(1, Math.floor(state.nodes.size / NODES_A_HOLD))) return;
  const blocked = state.pending.mostUrgentBlocked(
    (spec, since) => now.wall - since >= state.settings.patienceMs && state.holds.mayBegin(spec, now.mono),
  );
  if (blocked !== undefined) holdFor(apply, blocked);
}

/** Why a hold ends, in words that follow the node's and the task's. */
const WHY = {
  over: "it is placed, or gone",
  standstill: "nothing has ended there of late",
  closed: "it takes no new tasks now",
  gone: "",
} as const;

function endOfHold(
  { state, now }: Applier,
  spec: TaskSpec,
  node: ManagedNode | undefined,
): keyof typeof WHY | undefined {
  if (node === undefined) return "gone";
  if (!state.pending.isWaiting(spec)) return "over";
  if (node.status !== "ready" || node.availability !== "active") return "closed";
  return now.mono - node.endedMono >= STANDSTILL_MS ? "standstill" : undefined;
}

function holdFor(apply: Applier, { spec, id }: Blocked): void {
  const { state, now } = apply;
  const task = state.tasks.get(id);
  const node = task && nearestNode(apply, task);
  if (task === undefined || node === undefined) {
    state.holds.postpone(spec, now.mono + REST_MS);
    return;
  }
  state.holds.begin(spec, node.id);
  node.endedMono = now.mono;
  node.heldFor = `${task.name}, which has waited ${formatDuration(Math.round((now.wall - task.createdAt) / 1000) * 1000)} for room`;
  apply.node(node);
  apply.event({ kind: "node", node: node.name, reason: `held for ${node.heldFor}` });
}

function release(apply: Applier, node: ManagedNode, why: string): void {
  const { heldFor } = node;
  node.heldFor = undefined;
  apply.node(node, { mayLetIn: true });
  apply.event({ kind: "node", node: node.name, reason: `no longer held for ${heldFor ?? "a task"}: ${why}` });
}

/** Of the nodes that only lack what others hold, the one that lacks least. */
function nearestNode({ state, now }: Applier, task: Task): ManagedNode | undefined {
  const { rejected } = state.scheduler.explain(placementRequest(task, undefined));
  const full = rejected.filter(({ filters }) =>
    filters.every(({ filter }) => RESOURCE_NAMES.some((r) => r === filter)),
  );
  for (const { node: name } of nearestFirst<RejectedNode>(full)) {
    const node = state.nodeNamed(name);
    if (node !== undefined && node.noHoldUntilMono <= now.mono && isLargeEnough(node, task)) return node;
  }
  return undefined;
}

function isLargeEnough({ ledger: { capacity } }: ManagedNode, { spec: { resources } }: Task): boolean {
  return RESOURCE_NAMES.every((r) => resources[r] <= capacity[r]);
}
