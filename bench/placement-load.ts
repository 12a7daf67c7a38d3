/** What the scheduler's benchmarks place, and where: nodes of a few shapes, and tasks in as many kinds as are asked for. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Ledger } from "../src/node/ledger.ts";
import { createScheduler } from "../src/scheduler/create-scheduler.ts";
import type { Decision, NodeView, PlacementRequest, Scheduler } from "../src/scheduler/scheduler.ts";
import { SCHEDULERS } from "../src/scheduler/schedulers.ts";
import { SeededRandom } from "../src/sim/seeded-random.ts";
import type { AttemptKey } from "../src/task/id.ts";
import { resolveSpec } from "../src/task/spec.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as (options: { type: "minor" }) => void;

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const SHAPES = [
  { cpu: 32, memory: 128 * GIB, disk: 1000 * GIB },
  { cpu: 64, memory: 256 * GIB, disk: 2000 * GIB },
  { cpu: 48, memory: 96 * GIB, disk: 500 * GIB },
  { cpu: 96, memory: 768 * GIB, disk: 4000 * GIB },
];
/** Explanations that stay, as in the manager. */
const KEPT = 10_000;
const NONE: ReadonlyMap<string, number> = new Map();

export interface PlacementLoad {
  readonly algorithm: string;
  readonly nodes: number;
  readonly tasks: number;
  /** How many kinds of tasks, mixed by chance. */
  readonly classes: number;
  /** Every task asks for a label that half of the nodes have. */
  readonly isConstrained: boolean;
  readonly mostCosts?: number;
}

/** Places all tasks on an empty cluster; placements a second of processor time, with ledger and explanation. */
export function placeAll(load: PlacementLoad): number {
  const { algorithm, mostCosts } = load;
  const found = SCHEDULERS.get(algorithm);
  if (found === undefined) throw new Error(`no scheduler ${algorithm}`);
  const scheduler = createScheduler(found, { costUse: "measured", ...(mostCosts === undefined ? {} : { mostCosts }) });
  const nodes = newNodes(load);
  for (const node of nodes.values()) scheduler.update(node);
  const requests = newRequests(load);
  const keys = requests.map((_, index) => `00000000-0000-4000-8000-${String(index).padStart(12, "0")}/1` as AttemptKey);
  const kept: Decision[] = [];
  // What the set-up leaves behind is not the scheduler's: strings that are not flat yet, and garbage.
  const known = new Set(keys);
  collectGarbage({ type: "minor" });
  collectGarbage({ type: "minor" });
  const before = process.cpuUsage();
  for (const [index, request] of requests.entries()) {
    kept[index % KEPT] = place(scheduler, nodes, { request, key: keys[index] as AttemptKey });
  }
  const { user, system } = process.cpuUsage(before);
  return (known.size / (user + system)) * 1e6;
}

function place(
  scheduler: Scheduler,
  nodes: ReadonlyMap<string, NodeView>,
  { request, key }: { readonly request: PlacementRequest; readonly key: AttemptKey },
): Decision {
  const decision = scheduler.decide(request);
  const node = decision.chosen === undefined ? undefined : nodes.get(decision.chosen);
  if (node === undefined) throw new Error("the benchmark's cluster is too small for its tasks");
  node.ledger.reserve(key, request.spec);
  scheduler.update(node);
  return decision;
}

function newNodes({ nodes }: PlacementLoad): ReadonlyMap<string, NodeView> {
  const all = new Map<string, NodeView>();
  for (let index = 0; index < nodes; index += 1) {
    const name = `worker${String(index + 1)}`;
    all.set(name, {
      id: name,
      name,
      joined: index + 1,
      status: "ready",
      availability: "active",
      isDamped: false,
      labels: index % 2 === 0 ? { disk: "ssd" } : {},
      runtimes: ["docker"],
      ledger: new Ledger(SHAPES[index % SHAPES.length] ?? { cpu: 0, memory: 0, disk: 0 }),
      used: undefined,
      taskNames: NONE,
      taskLabels: NONE,
    });
  }
  return all;
}

function newRequests({ tasks, classes, isConstrained }: PlacementLoad): PlacementRequest[] {
  const random = new SeededRandom(1);
  const constraints = isConstrained ? ["label.disk == ssd"] : [];
  const kinds = Array.from({ length: classes }, (_, index): PlacementRequest => {
    const cpu = classes === 1 ? 0.1 : 0.05 + random.below(40) / 100;
    // a byte apart: no two kinds are alike
    const memory = classes === 1 ? 64 * MIB : (16 + random.below(496)) * MIB + index;
    return { name: "task", spec: resolveSpec({ image: "echo", cpu, memory, constraints }) };
  });
  return Array.from({ length: tasks }, (_, index) => {
    const kind = kinds[classes === tasks ? index : random.below(classes)];
    if (kind === undefined) throw new Error("no kinds of tasks");
    return kind;
  });
}
