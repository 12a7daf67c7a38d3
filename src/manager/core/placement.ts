/** Trying to place what waits. */
import { placed } from "../../task/lifecycle.ts";
import type { TaskId } from "../../task/id.ts";
import type { Task } from "../../task/task.ts";
import type { Decision, PlacementRequest } from "../../scheduler/scheduler.ts";
import type { Now } from "../../utils/clock.ts";
import type { Applier } from "./apply.ts";
import type { Trial } from "./pending.ts";
import type { ManagerState } from "./state.ts";

const LEFT: Trial = { kind: "left" };
/** The longest that a node which keeps refusing a task is left out for it. */
const MOST_EXCLUSION_MS = 300_000;

/** Places every waiting task that fits somewhere. */
export function placeTasks(apply: Applier): void {
  const { state, now } = apply;
  for (let wake = state.wakes.peek(); wake !== undefined && wake.atMono <= now.mono; wake = state.wakes.peek()) {
    state.wakes.pop();
    if (state.wakeMoments.get(wake.task) !== wake.atMono) continue;
    state.wakeMoments.delete(wake.task);
    const task = state.tasks.get(wake.task);
    if (task?.state === "pending") state.pending.add(task);
  }
  if (state.pending.size > 0) state.pending.tryAll((id) => tryTask(apply, id));
}

function tryTask(apply: Applier, id: TaskId): Trial {
  const { state, now } = apply;
  const task = state.tasks.get(id);
  if (task?.state !== "pending") return LEFT;
  const excluded = state.excluded(id, now);
  const decision = decide(state, placementRequest(task, excluded));
  if (decision.chosen !== undefined) {
    state.rememberPlacement(id, { attempt: task.attempt + 1, decidedAt: now.wall, decision });
    const name = state.nodes.get(decision.chosen)?.name ?? decision.chosen;
    const reason = `placed on ${name} by ${decision.scheduler}`;
    apply.task(placed(task, { nodeId: decision.chosen, reason, at: now.wall }));
    return LEFT;
  }
  if (!decision.rejected.some(isLeftOutOnly)) return { kind: "blocked", reason: whyNowhere(decision) };
  wakeWhenAllowed(state, id, now);
  return { kind: "aside", task };
}

/** A node that keeps coming and going is no choice, unless it is the only one. */
function decide({ scheduler }: ManagerState, request: PlacementRequest): Decision {
  const decision = scheduler.decide(request);
  const isForDamping = decision.chosen === undefined && decision.rejected.some(isDampedOnly);
  return isForDamping ? scheduler.decide({ ...request, acceptsDamped: true }) : decision;
}

function isDampedOnly({ filters }: Decision["rejected"][number]): boolean {
  return filters.every(({ filter }) => filter === "damping");
}

/** True of a node that would take the task, had it not refused or failed it lately. */
function isLeftOutOnly({ filters }: Decision["rejected"][number]): boolean {
  return filters.every(({ filter }) => filter === "refusal");
}

export function placementRequest(task: Task, excluded: ReadonlyMap<string, string> | undefined): PlacementRequest {
  return { name: task.name, spec: task.spec, ...(excluded === undefined ? {} : { excluded }) };
}

/** Leaves a node out for one task for a while that doubles each time, from `firstMs`. */
export function exclude(
  { state, now }: Applier,
  task: Task,
  exclusion: { readonly reason: string; readonly firstMs: number },
): void {
  if (task.nodeId === undefined) return;
  let all = state.exclusions.get(task.id);
  if (all === undefined) {
    all = new Map();
    state.exclusions.set(task.id, all);
  }
  const times = (all.get(task.nodeId)?.times ?? 0) + 1;
  const forMs = Math.min(MOST_EXCLUSION_MS, exclusion.firstMs * 2 ** Math.min(20, times - 1));
  all.set(task.nodeId, { times, untilMono: now.mono + forMs, reason: exclusion.reason });
}

function wakeWhenAllowed(state: ManagerState, id: TaskId, now: Now): void {
  let earliest = Number.POSITIVE_INFINITY;
  for (const { untilMono } of state.exclusions.get(id)?.values() ?? []) {
    if (untilMono > now.mono) earliest = Math.min(earliest, untilMono);
  }
  if (Number.isFinite(earliest)) state.wake(id, earliest);
}

/** Why a task waits, in a sentence: the commonest reason of the nodes, and what would help. */
export function whyNowhere(decision: Decision): string {
  if (decision.considered === 0) return "waiting: no node has joined the cluster";
  const counts = new Map<string, number>();
  for (const { filters } of decision.rejected) {
    for (const { filter } of filters) counts.set(filter, (counts.get(filter) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  const causes = sorted.map(([filter, count]) => `${filter} (${String(count)})`).join(", ");
  const nodes = decision.considered === 1 ? "1 node" : `${String(decision.considered)} nodes`;
  const help = decision.wouldFitIf === undefined ? "" : `; what would help: ${decision.wouldFitIf}`;
  return `waiting: fits none of ${nodes}: ${causes}${help}`;
}
