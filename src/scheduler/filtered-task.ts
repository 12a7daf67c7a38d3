/** Makes a request ready for the scan. What follows from the spec alone is worked out once for all tasks that share it. */
import { isFixed } from "../node/ledger.ts";
import { parseAntiAffinity, parseConstraint, type AntiAffinity, type Constraint } from "../task/constraint.ts";
import type { Malformed } from "../task/constraint-tokens.ts";
import type { TaskSpec } from "../task/spec.ts";
import type { FilteredTask } from "./filter.ts";
import type { PlacementRequest } from "./scheduler.ts";

type SpecRules = Pick<FilteredTask, "fixedPorts" | "constraints" | "antiAffinity">;

const rules = new WeakMap<TaskSpec, SpecRules>();
const NOTHING: ReadonlyMap<string, string> = new Map();

export function filteredTask({
  name,
  spec,
  excluded,
  acceptsDamped,
  heldNode,
  ignoresHolds,
}: PlacementRequest): FilteredTask {
  return {
    name,
    labels: spec.document.labels ?? {},
    resources: spec.resources,
    runtime: spec.runtime,
    ...rulesOf(spec),
    excluded: excluded ?? NOTHING,
    acceptsDamped: acceptsDamped === true,
    heldNode,
    ignoresHolds: ignoresHolds === true,
  };
}

function rulesOf(spec: TaskSpec): SpecRules {
  const known = rules.get(spec);
  if (known !== undefined) return known;
  const constraints: Constraint[] = [];
  const antiAffinity: AntiAffinity[] = [];
  for (const text of spec.constraints) {
    const parsed = parseConstraint(text);
    constraints.push(parsed.kind === "malformed" ? neverMet(parsed) : parsed);
  }
  for (const text of spec.antiAffinity) {
    const parsed = parseAntiAffinity(text);
    if (parsed.kind === "malformed") constraints.push(neverMet(parsed));
    else antiAffinity.push(parsed);
  }
  const made = { constraints, antiAffinity, fixedPorts: spec.ports.filter(isFixed) };
  rules.set(spec, made);
  return made;
}

/** A text that nobody checked when the task was accepted: no node satisfies it, and its message says why. */
function neverMet({ message }: Malformed): Constraint {
  return { kind: "constraint", text: message, subject: { kind: "node" }, test: { operator: "in", values: [] } };
}
