/** Plans as the API shows them. Their long lists are turned into JSON as they are written. */
import { JsonList } from "../../api/http/json-array.ts";
import { isoTime } from "../../api/json-types.ts";
import { rejectionJson, verdictsJson } from "../../api/placement-json.ts";
import type { CapacityJson, PlanJson, PlannedPlacementJson } from "../../api/plan-json.ts";
import type { Capacity, NodeCapacity } from "../plan/capacity.ts";
import type { Explanation } from "../plan/explanation.ts";
import type { NodeChange, Plan } from "../plan/plan.ts";
import type { PlannedPlacement } from "../plan/placer.ts";
import type { PlannedTask } from "../plan/planned-task.ts";
import type { PlanOutcome } from "../service.ts";
import { resourcesJson } from "./views.ts";

export function plansJson({ at, notes, plans }: Extract<PlanOutcome, { kind: "planned" }>): object {
  return { at: isoTime(at), fits: plans.every(({ fits }) => fits), notes, plans: plans.map(planJson) };
}

function planJson({ scheduler, fits, placements, nodes, capacity }: Plan): Record<keyof PlanJson, unknown> {
  return {
    scheduler,
    fits,
    placements: new JsonList(placements, placementJson),
    nodes: new JsonList(nodes, nodeJson),
    capacity: capacity.map(capacityJson),
  };
}

function placementJson(placement: PlannedPlacement): PlannedPlacementJson {
  const { task, outcome, from, to, afterMs, reason, explanation } = placement;
  return {
    task: taskJson(task),
    outcome,
    from: from ?? null,
    to: to ?? null,
    afterMs: afterMs ?? null,
    reason,
    explanation: explanation === undefined ? null : explanationJson(explanation),
  };
}

function explanationJson(explanation: Explanation): NonNullable<PlannedPlacementJson["explanation"]> {
  return { considered: explanation.considered, ...verdictsJson(explanation) };
}

function taskJson({ id, name, index }: PlannedTask): PlannedPlacementJson["task"] {
  return { id: id ?? null, name: name ?? null, index: index ?? null };
}

function nodeJson({ name, capacity, before, after }: NodeChange): PlanJson["nodes"][number] {
  return { name, capacity: resourcesJson(capacity), before: loadJson(before), after: loadJson(after) };
}

function loadJson({ tasks, reserved }: NodeChange["before"]): PlanJson["nodes"][number]["before"] {
  return { tasks, reserved: resourcesJson(reserved) };
}

function capacityJson({ task, total, nodes, wouldFitIf }: Capacity): Record<keyof CapacityJson, unknown> {
  return {
    task: taskJson(task),
    total: countJson(total),
    nodes: new JsonList(nodes, nodeCapacityJson),
    wouldFitIf: wouldFitIf ?? null,
  };
}

function nodeCapacityJson({ node, count, limits }: NodeCapacity): CapacityJson["nodes"][number] {
  return { node, count: countJson(count), limits: limits.map(rejectionJson) };
}

/** JSON has no infinity: null is without limit. */
function countJson(count: number): number | null {
  return Number.isFinite(count) ? count : null;
}
