/** What the scheduler's benchmarks place, and where: nodes of a few shapes, and tasks in as many kinds as are asked for. */
import { Ledger } from "../src/node/ledger.ts";
import { createScheduler } from "../src/scheduler/create-scheduler.ts";
import type { Decision, NodeView, PlacementRequest, Scheduler } from "../src/scheduler/scheduler.ts";
import { SCHEDULERS } from "../src/scheduler/schedulers.ts";
import { SeededRandom } from "../src/sim/seeded-random.ts";
import type { AttemptKey } from "../src/task/id.ts";
import { resolveSpec } from "../src/task/spec.ts";

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

/** A scheduler that has been at work for a while, as a manager's has, and the same tasks for it again and again. */
export class PlacementRounds {
  readonly #scheduler: Scheduler;
  readonly #nodes: ReadonlyMap<string, NodeView>;
  readonly #requests: readonly PlacementRequest[];
  readonly #keys: readonly AttemptKey[];
  /** By task: where it was placed in this round. */
  readonly #placed: NodeView[] = [];
  readonly #kept: Decision[] = [];

  constructor(load: PlacementLoad) {
    const { algorithm, mostCosts } = load;
    const found = SCHEDULERS.get(algorithm);
    if (found === undefined) throw new Error(`no scheduler ${algorithm}`);
    this.#scheduler = createScheduler(found, {
      costUse: "measured",
      ...(mostCosts === undefined ? {} : { mostCosts }),
    });
    this.#nodes = newNodes(load);
    this.#requests = newRequests(load);
    this.#keys = this.#requests.map((_, index) => attemptKey(index));
    for (const node of this.#nodes.values()) this.#scheduler.update(node);
  }

  /** Places all tasks on the empty cluster; nanoseconds of processor time a placement, with ledger and explanation. */
  run(rounds: number): number {
    let micros = 0;
    for (let round = 0; round < rounds; round += 1) {
      const before = process.cpuUsage();
      this.#place();
      const { user, system } = process.cpuUsage(before);
      micros += user + system;
      this.#clear();
    }
    return (micros * 1000) / (rounds * this.#requests.length);
  }

  #place(): void {
    for (let index = 0; index < this.#requests.length; index += 1) {
      const request = this.#requests[index] as PlacementRequest;
      const decision = this.#scheduler.decide(request);
      const node = decision.chosen === undefined ? undefined : this.#nodes.get(decision.chosen);
      if (node === undefined) throw new Error("the benchmark's cluster is too small for its tasks");
      node.ledger.reserve(this.#keys[index] as AttemptKey, request.spec);
      this.#scheduler.update(node);
      this.#placed[index] = node;
      this.#kept[index % KEPT] = decision;
    }
  }

  #clear(): void {
    for (let index = 0; index < this.#placed.length; index += 1) {
      const node = this.#placed[index] as NodeView;
      node.ledger.release(this.#keys[index] as AttemptKey);
      this.#scheduler.update(node);
    }
  }
}

function attemptKey(index: number): AttemptKey {
  return `00000000-0000-4000-8000-${String(index).padStart(12, "0")}/1` as AttemptKey;
}

function newNodes({ nodes }: PlacementLoad): ReadonlyMap<string, NodeView> {
  const all = new Map<string, NodeView>();
  for (let index = 0; index < nodes; index += 1) {
    // read as from the wire: one string, and not a sum of two
    const name = JSON.parse(`"worker${String(index + 1)}"`) as string;
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
