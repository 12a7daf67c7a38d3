/**
 * How many more of a task there is room for. Copies on one node are in nobody's way on another, so each node can be
 * counted for itself, whatever the algorithm; what limits it is what its filters say once it is full.
 *
 * A user's own filters are asked about the first copy only: they cannot be counted with.
 */
import { fromUnits, inUnits, isFixed, RESOURCE_NAMES } from "../../node/ledger.ts";
import type { PlacementRequest, Rejection, Scheduler } from "../../scheduler/scheduler.ts";
import { parseAntiAffinity } from "../../task/constraint.ts";
import type { Resources, TaskSpec } from "../../task/spec.ts";
import { NODES_A_STEP, type PlannedCluster } from "./planned-cluster.ts";
import { PlannedNode } from "./planned-node.ts";
import type { NewTask, PlannedTask } from "./planned-task.ts";

export interface NodeCapacity {
  readonly node: string;
  /** Copies that it would take besides what it has; infinite where nothing limits them. */
  readonly count: number;
  /** Every filter that is in the way of one more. */
  readonly limits: readonly Rejection[];
}

export interface Capacity {
  readonly task: PlannedTask;
  /** Copies in all. */
  readonly total: number;
  /** In the order in which they joined. */
  readonly nodes: readonly NodeCapacity[];
  /** The smallest single change that would let a first one in, where there is room for none. */
  readonly wouldFitIf: string | undefined;
}

export function* capacityFor(
  cluster: PlannedCluster,
  { task, request: asked }: NewTask,
  newScheduler: () => Scheduler,
): Generator<undefined, Capacity> {
  const request = { ...asked, acceptsDamped: true };
  const first = cluster.scheduler.explain(request);
  const able = new Set(first.costs.map(({ node }) => node));
  const counts = new Map<string, number>();
  const full = newScheduler();
  for (const [index, node] of [...cluster.nodes].entries()) {
    if (index % NODES_A_STEP === 0) yield;
    if (!able.has(node.name)) continue;
    const count = copiesOn(node, request);
    counts.set(node.name, count);
    full.update(filled(node, request, count));
  }
  yield;
  const limits = new Map<string, readonly Rejection[]>();
  for (const { node, filters } of first.rejected) limits.set(node, filters);
  yield;
  for (const { node, filters } of full.explain(request).rejected) limits.set(node, filters);
  yield;
  const nodes = Array.from(cluster.nodes, ({ name }) => ({
    node: name,
    count: counts.get(name) ?? 0,
    limits: limits.get(name) ?? [],
  }));
  const total = nodes.reduce((sum, { count }) => sum + count, 0);
  return { task, total, nodes, wouldFitIf: total > 0 ? undefined : cluster.explain(request).wouldFitIf };
}

/** Of a node that takes one at least. */
function copiesOn({ ledger }: PlannedNode, { name, spec }: PlacementRequest): number {
  if (spec.ports.some(isFixed) || avoidsItself(name, spec)) return 1;
  const needs = inUnits(spec.resources);
  const free = inUnits(ledger.free);
  let copies = Number.POSITIVE_INFINITY;
  for (const what of RESOURCE_NAMES) {
    if (needs[what] > 0) copies = Math.min(copies, Math.floor(free[what] / needs[what]));
  }
  return copies;
}

function avoidsItself(name: string, { antiAffinity, document: { labels = {} } }: TaskSpec): boolean {
  return antiAffinity.some((text) => {
    const parsed = parseAntiAffinity(text);
    if (parsed.kind === "taskName") return parsed.name === name;
    return parsed.kind === "taskLabel" && Object.hasOwn(labels, parsed.key) && labels[parsed.key] === parsed.value;
  });
}

/** The node with so many copies on it. */
function filled(node: PlannedNode, request: PlacementRequest, copies: number): PlannedNode {
  const full = new PlannedNode(node);
  const count = Number.isFinite(copies) ? copies : 1;
  full.addTogether(request, times(request.spec.resources, count));
  return full;
}

/** In the ledger's whole units, so that it comes out as if each had been reserved for itself. */
function times(resources: Resources, count: number): Resources {
  const { cpu, memory, disk } = inUnits(resources);
  return fromUnits({ cpu: cpu * count, memory: memory * count, disk: disk * count });
}
