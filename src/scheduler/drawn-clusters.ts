/**
 * Clusters and tasks drawn by chance, to try a user's cost and filters on. Every situation that a node can be in comes up
 * again and again, whatever chance says: full, holding more than it has, without a resource, busier than is reserved.
 */
import { Ledger } from "../node/ledger.ts";
import type { RuntimeKind } from "../task/document.ts";
import type { AttemptKey } from "../task/id.ts";
import type { Resources } from "../task/spec.ts";
import type { Random } from "../utils/clock.ts";
import type { ClusterLoad, ShownNode } from "./custom.ts";
import type { TaskDemand } from "./filter.ts";
import { quantiseUse } from "./smoothing.ts";

type Label = readonly [key: string, value: string];

/** A task, a node, and the cluster that the node is part of: what a cost is asked. */
export interface Question {
  readonly task: TaskDemand;
  readonly node: ShownNode;
  readonly cluster: ClusterLoad;
  /** Whether Birdman's own filters, those for resources, let the task onto the node. */
  readonly fits: boolean;
}

export interface Draw {
  readonly random: Random;
  /** Labels that nodes and tasks may have, besides the usual ones. */
  readonly labels: readonly Label[];
}

const SITUATIONS = ["empty", "part", "full", "overfull", "busy", "noCpu", "noMemory", "noDisk", "nothing"] as const;
type Situation = (typeof SITUATIONS)[number];

/** Numbers of nodes, in turn. They are 20 in all, which has no divisor in common with the nine situations: all meet. */
const SIZES = [1, 2, 5, 12];
const APPETITES = ["none", "small", "large"] as const;
const LABELS: readonly Label[] = [
  ["zone", "a"],
  ["zone", "b"],
  ["disk", "ssd"],
  ["gpu", "true"],
];
const NAMES = ["web", "db", "cache"] as const;
const RUNTIMES: readonly (readonly RuntimeKind[])[] = [["docker"], ["docker", "process"], ["process"]];
const GIB = 2 ** 30;

/** So many clusters, and of each every node asked about every one of its tasks. */
export function drawQuestions(draw: Draw, clusters: number): Question[] {
  let drawn = 0;
  return Array.from({ length: clusters }, (_, index) => {
    const size = SIZES[index % SIZES.length] ?? 1;
    const first = drawn;
    drawn += size;
    return questionsOf(draw, { first, size });
  }).flat();
}

/** One task asked about on every node of a cluster of this size. */
export function drawCluster(draw: Draw, size: number): Question[] {
  return questionsOf(draw, { first: 0, size }).slice(0, size);
}

function questionsOf(draw: Draw, { first, size }: { readonly first: number; readonly size: number }): Question[] {
  const nodes = Array.from({ length: size }, (_, position) => {
    const situation = SITUATIONS[(first + position) % SITUATIONS.length] ?? "empty";
    return drawNode(draw, { position, situation });
  });
  const cluster = drawFigures(draw, nodes);
  return APPETITES.flatMap((appetite) => {
    const task = drawTask(draw, appetite);
    return nodes.map(({ node, ledger }) => {
      const fits = ledger.fits({ resources: task.resources, ports: [] });
      return { task, node, cluster, fits };
    });
  });
}

interface DrawnNode {
  readonly node: ShownNode;
  readonly ledger: Ledger;
}

function drawNode(
  draw: Draw,
  { position, situation }: { readonly position: number; readonly situation: Situation },
): DrawnNode {
  const { random } = draw;
  const capacity = drawCapacity(random, situation);
  const ledger = new Ledger(capacity);
  const reserved = scaled(capacity, shareReserved(random, situation));
  ledger.reserve("drawn/1" as AttemptKey, { resources: reserved, ports: [] });
  const tasks = situation === "empty" ? 0 : 1 + below(random, 20);
  const node = {
    name: `worker${String(position + 1)}`,
    labels: drawLabels(draw),
    runtimes: oneOf(random, RUNTIMES),
    position,
    capacity: ledger.capacity,
    reserved: ledger.reserved,
    use: situation === "busy" ? measuredUse(random, ledger) : ledger.reserved,
    tasks,
    taskNames: tasks === 0 ? new Map<string, number>() : new Map([[oneOf(random, NAMES), tasks]]),
    taskLabels: tasks === 0 ? new Map<string, number>() : new Map([["zone=a", 1 + below(random, tasks)]]),
  };
  return { node, ledger };
}

function drawCapacity(random: Random, situation: Situation): Resources {
  const has = (situations: readonly Situation[], amount: number): number =>
    situation === "nothing" || situations.includes(situation) ? 0 : amount;
  return {
    cpu: has(["noCpu"], oneOf(random, [0.5, 1, 2, 4, 8, 64])),
    memory: has(["noMemory"], GIB * oneOf(random, [0.5, 1, 4, 16, 256])),
    disk: has(["noDisk"], GIB * oneOf(random, [1, 20, 100, 4000])),
  };
}

function shareReserved(random: Random, situation: Situation): number {
  switch (situation) {
    case "empty":
      return 0;
    case "full":
      return 1;
    case "overfull":
      return 1.05 + random();
    default:
      return random() * 0.9;
  }
}

/** More than is reserved, of each resource or of some. */
function measuredUse(random: Random, ledger: Ledger): Resources {
  const { capacity, reserved } = ledger;
  const { cpu, memory, disk } = quantiseUse(scaled(capacity, 0.5 + random()), capacity);
  return {
    cpu: Math.max(reserved.cpu, cpu),
    memory: Math.max(reserved.memory, memory),
    disk: Math.max(reserved.disk, disk),
  };
}

function drawFigures({ random }: Draw, nodes: readonly DrawnNode[]): ClusterLoad {
  const count = nodes.length;
  const most = Math.max(1, ...nodes.map(({ node }) => node.tasks));
  return {
    nodes: count,
    nodesUp: 1 + below(random, count),
    next: below(random, count + 1),
    maxJobs: 2 ** Math.ceil(Math.log2(most)),
  };
}

function drawTask(draw: Draw, appetite: (typeof APPETITES)[number]): TaskDemand {
  const { random } = draw;
  const most = { none: 0, small: 0.25, large: 8 }[appetite];
  const share = most * random();
  return {
    name: oneOf(random, NAMES),
    labels: drawLabels(draw),
    resources: { cpu: Math.round(share * 1000) / 1000, memory: Math.round(share * GIB), disk: Math.round(share * GIB) },
  };
}

/** None at all, often enough. */
function drawLabels({ random, labels }: Draw): Readonly<Record<string, string>> {
  if (random() < 0.3) return {};
  return Object.fromEntries([...LABELS, ...labels].filter(() => random() < 0.4));
}

function scaled({ cpu, memory, disk }: Resources, share: number): Resources {
  return { cpu: cpu * share, memory: Math.round(memory * share), disk: Math.round(disk * share) };
}

function below(random: Random, bound: number): number {
  return Math.floor(random() * bound);
}

/** The list is written above, and is never empty. */
function oneOf<T>(random: Random, items: readonly T[]): T {
  return items[below(random, items.length)] as T;
}
