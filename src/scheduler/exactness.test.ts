/**
 * The scheduler against a model that does everything the plain way: it keeps lists, adds them up afresh for every
 * question, and writes each rule and each formula out once more. On random clusters and workloads both must pick the
 * very same node. This is the test that an index has to pass as well.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { GIB, TestNode } from "../../test/support/test-node.ts";
import { SpecTable, type Resources } from "../task/spec.ts";
import type { SpecDocument } from "../task/document.ts";
import { createScheduler } from "./create-scheduler.ts";
import type { Decision, PlacementRequest } from "./scheduler.ts";
import { SCHEDULERS } from "./schedulers.ts";

const NAMES = ["roundrobin", "greedy", "epvm", "binpack", "spread"] as const;
type Name = (typeof NAMES)[number];

/** A node as lists of what happened to it. */
interface ModelNode {
  readonly joined: number;
  readonly capacity: Resources;
  readonly tasks: Map<string, PlacementRequest>;
  up: boolean;
  active: boolean;
  ssd: boolean;
  used: Resources | undefined;
}

class Model {
  nodes: ModelNode[] = [];
  lastJoined = 0;
  maxJobs = 1;
  readonly #name: Name;
  readonly #isMeasured: boolean;

  constructor(name: Name, isMeasured: boolean) {
    this.#name = name;
    this.#isMeasured = isMeasured;
  }

  /** The place in the join order of the node to pick; 0 for none. */
  pick(task: PlacementRequest): number {
    const able = this.nodes.filter((node) => this.isAble(node, task));
    const costs = able.map((node) => ({ node, cost: this.#cost(node, task) }));
    costs.sort((a, b) => a.cost - b.cost || a.node.tasks.size - b.node.tasks.size || a.node.joined - b.node.joined);
    return costs[0]?.node.joined ?? 0;
  }

  isAble(node: ModelNode, { spec, excluded }: PlacementRequest): boolean {
    const there = [...node.tasks.values()];
    const hasRoom = (["cpu", "memory", "disk"] as const).every(
      (what) =>
        spec.resources[what] === 0 || this.#reserved(node, what) + spec.resources[what] <= node.capacity[what] + 1e-9,
    );
    const taken = there.flatMap((task) => task.spec.ports.map(({ host }) => host));
    return (
      node.up &&
      node.active &&
      hasRoom &&
      (node.ssd || !spec.constraints.includes("label.disk == ssd")) &&
      !there.some((task) => spec.antiAffinity.includes(task.name)) &&
      !there.some((task) => spec.antiAffinity.includes(`label.tier == ${task.spec.document.labels?.["tier"] ?? ""}`)) &&
      !spec.ports.some(({ host }) => taken.includes(host)) &&
      excluded?.has(`id-of-worker${String(node.joined)}`) !== true
    );
  }

  #cost(node: ModelNode, { name, spec: { resources: d } }: PlacementRequest): number {
    const u = { cpu: this.#use(node, "cpu"), memory: this.#use(node, "memory"), disk: this.#use(node, "disk") };
    const { capacity: C, tasks } = node;
    const load = Math.max(
      share("cpu", u.cpu + d.cpu, C.cpu),
      (u.memory + d.memory) / C.memory,
      (u.disk + d.disk) / C.disk,
    );
    switch (this.#name) {
      case "roundrobin": {
        const after = this.nodes.filter(({ joined }) => joined > this.lastJoined);
        const turn = [...after, ...this.nodes.filter(({ joined }) => joined <= this.lastJoined)];
        return turn.indexOf(node);
      }
      case "greedy":
        return load;
      case "epvm": {
        let n = 2;
        while (n < this.nodes.filter(({ up }) => up).length) n *= 2;
        const added = (what: keyof Resources) =>
          n ** share(what, u[what], C[what]) * (n ** share(what, d[what], C[what]) - 1);
        const jobs = n ** ((tasks.size + 1) / this.maxJobs) - n ** (tasks.size / this.maxJobs);
        return added("cpu") + added("memory") + added("disk") + jobs;
      }
      case "binpack":
        return 10 ** (1 - share("cpu", u.cpu + d.cpu, C.cpu)) + 10 ** (1 - (u.memory + d.memory) / C.memory);
      case "spread":
        return [...tasks.values()].filter((task) => task.name === name).length + load / (1 + load);
    }
  }

  #use(node: ModelNode, what: keyof Resources): number {
    const reserved = this.#reserved(node, what);
    if (!this.#isMeasured || node.used === undefined) return reserved;
    const capacity = node.capacity[what];
    return Math.max(reserved, (Math.round((node.used[what] / capacity) * 20) / 20) * capacity);
  }

  /** Cores in millionths, so that the sum does not depend on the order. */
  #reserved(node: ModelNode, what: keyof Resources): number {
    const all = [...node.tasks.values()].map(({ spec }) => spec.resources[what]);
    if (what !== "cpu") return all.reduce((sum, one) => sum + one, 0);
    return all.reduce((sum, one) => sum + Math.round(one * 1e6), 0) / 1e6;
  }
}

const CAPACITY: fc.Arbitrary<Resources> = fc.record({
  cpu: fc.constantFrom(1, 2, 4),
  memory: fc.constantFrom(2 * GIB, 8 * GIB),
  disk: fc.constant(100 * GIB),
});

/** Part of a whole; of cores in whole millionths, so that of equal shares no two differ by a rounding error. */
function share(what: keyof Resources, part: number, whole: number): number {
  return what === "cpu" ? Math.round(part * 1e6) / Math.round(whole * 1e6) : part / whole;
}

/** The value or, three times out of four, nothing: a task with every demand at once fits nowhere. */
function seldom<T>(value: T, ...others: T[]): fc.Arbitrary<T | undefined> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom(value, ...others) },
  );
}

const DOCUMENT: fc.Arbitrary<SpecDocument> = fc
  .record({
    cpu: fc.constantFrom(0, 0.1, 0.3, 1),
    memory: fc.constantFrom(0, "64MiB", "500MB", "1GiB"),
    disk: fc.constantFrom(0, "10GiB"),
    labels: fc.constantFrom({ tier: "back" }, { tier: "front" }),
    ports: seldom([{ container: 80, host: 8080 }], [{ container: 80, host: 8081 }]),
    constraints: seldom(["label.disk == ssd"]),
    antiAffinity: seldom(["web"], ["label.tier == back"]),
  })
  .map((document) => JSON.parse(JSON.stringify(document)) as SpecDocument); // without what is undefined

const NODE = fc.nat(40);
type Step =
  | { kind: "join"; capacity: Resources }
  | { kind: "leave" | "up" | "active" | "ssd" | "end"; node: number }
  | { kind: "used"; node: number; used: Resources }
  | { kind: "place"; document: SpecDocument; name: string; excluded: number | undefined; times: number };

const STEP: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("join" as const), capacity: CAPACITY }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom("leave", "up", "active", "ssd", "end", "end", "end"), node: NODE }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("used" as const),
      node: NODE,
      used: fc.record({ cpu: fc.nat(4), memory: fc.nat(8 * GIB), disk: fc.nat(100 * GIB) }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("place" as const),
      document: DOCUMENT,
      name: fc.constantFrom("web", "db"),
      excluded: seldom(1, 2, 3, 5, 8, 13),
      times: fc.integer({ min: 1, max: 4 }),
    }),
  },
);

/** The scheduler and the model, told the same things. */
class Race {
  readonly #scheduler;
  readonly #model: Model;
  readonly #nodes = new Map<ModelNode, TestNode>();
  readonly #mostNodes: number;
  /** Specs that are alike are one object, as in the manager. */
  readonly #specs = new SpecTable();
  /** What decisions that found a node said at the time. */
  readonly #told: { decision: Decision; atOnce: string }[] = [];
  #joined = 0;
  #placed = 0;

  constructor(name: Name, costUse: "measured" | "reserved", mostNodes: number) {
    const algorithm = SCHEDULERS.get(name);
    if (algorithm === undefined) throw new Error(name);
    this.#mostNodes = mostNodes;
    this.#scheduler = createScheduler(algorithm, { costUse });
    this.#model = new Model(name, costUse === "measured");
  }

  /** How many tasks found a place. */
  get placed(): number {
    return this.#placed;
  }

  /** What a decision said stays what it is, whatever happened since. */
  verifyWhatWasTold(): void {
    for (const { decision, atOnce } of this.#told) expect(told(decision)).toBe(atOnce);
  }

  take(step: Step): void {
    if (step.kind === "join") return this.#join(step.capacity);
    if (step.kind === "place") {
      const task = this.#request(step);
      for (let time = 0; time < step.times; time += 1) this.#place(task);
      return;
    }
    const model = this.#model.nodes[step.node % this.#model.nodes.length];
    const real = model && this.#nodes.get(model);
    if (model === undefined || real === undefined) return;
    switch (step.kind) {
      case "leave":
        this.#model.nodes = this.#model.nodes.filter((one) => one !== model);
        this.#scheduler.remove(real.id);
        return;
      case "up":
        model.up = !model.up;
        real.status = model.up ? "ready" : "lost";
        break;
      case "active":
        model.active = !model.active;
        real.availability = model.active ? "active" : "pause";
        break;
      case "ssd":
        model.ssd = !model.ssd;
        real.labels = model.ssd ? { disk: "ssd" } : {};
        break;
      case "end": {
        const [id] = model.tasks.keys();
        if (id === undefined) return;
        model.tasks.delete(id);
        real.end(id);
        break;
      }
      case "used":
        model.used = step.used;
        real.used = step.used;
        break;
    }
    this.#scheduler.update(real);
  }

  #request({ document, name, excluded }: Extract<Step, { kind: "place" }>): PlacementRequest {
    const spec = this.#specs.acquire(document);
    if (excluded === undefined) return { name, spec };
    return { name, spec, excluded: new Map([[`id-of-worker${String(excluded)}`, "it refused"]]) };
  }

  #join(capacity: Resources): void {
    if (this.#model.nodes.length === this.#mostNodes) return;
    this.#joined += 1;
    const model = {
      joined: this.#joined,
      capacity,
      tasks: new Map(),
      up: true,
      active: true,
      ssd: false,
      used: undefined,
    };
    this.#model.nodes.push(model);
    const real = new TestNode(this.#joined, capacity);
    this.#nodes.set(model, real);
    this.#scheduler.update(real);
  }

  #place(task: PlacementRequest): void {
    const explained = this.#scheduler.explain(task);
    expect(this.#scheduler.fits(task)).toBe(explained.costs.length > 0);
    const decision = this.#scheduler.decide(task);
    const { chosen, costs, rejected, rejectedBy, considered, wouldFitIf } = decision;
    const picked = this.#model.pick(task);
    expect(chosen).toBe(picked === 0 ? undefined : `id-of-worker${String(picked)}`);

    // decide and explain agree, with each other and with the filters of the model
    const able = this.#model.nodes.filter((node) => this.#model.isAble(node, task));
    expect(explained.costs.map(({ node }) => node).sort()).toEqual(
      able.map(({ joined }) => `worker${String(joined)}`).sort(),
    );
    expect(explained.costs.length + explained.rejected.length).toBe(considered);
    expect(explained.costs.slice(0, 5)).toEqual(costs);
    for (const one of rejected) expect(explained.rejected).toContainEqual(one);
    for (const { filters } of explained.rejected) expect(filters.length).toBeGreaterThan(0);
    expect(rejected.length).toBe(
      chosen === undefined ? explained.rejected.length : Math.min(5, explained.rejected.length),
    );
    expect(rejectedBy).toEqual(explained.rejectedBy);
    expect(explained.rejectedBy).toEqual(tally(explained.rejected));
    const isOnlyUpToMemory = explained.rejected.some(({ filters }) =>
      filters.every(({ filter }) => filter === "memory"),
    );
    if (chosen === undefined) expect(decision.isOnlyUpTo("memory")).toBe(isOnlyUpToMemory);
    expect(explained.wouldFitIf).toBe(wouldFitIf);
    if (wouldFitIf !== undefined) expect(able).toEqual([]);

    const model = this.#model.nodes.find(({ joined }) => joined === picked);
    const real = model && this.#nodes.get(model);
    if (model === undefined || real === undefined) return;
    this.#told.push({ decision, atOnce: told(decision) });
    expect(costs[0]?.node).toBe(real.name);
    expect(real.ledger.fits(task.spec)).toBe(true);
    this.#placed += 1;
    const id = `task${String(this.#placed)}/1`;
    model.tasks.set(id, task);
    this.#model.lastJoined = picked;
    if (model.tasks.size > this.#model.maxJobs) this.#model.maxJobs *= 2;
    this.#scheduler.update(real.place(id, task));
  }
}

/** Everything that a decision says. */
function told({ scheduler, considered, chosen, costs, rejected, rejectedBy }: Decision): string {
  return JSON.stringify({ scheduler, considered, chosen, costs, rejected, rejectedBy });
}

function tally(rejected: Decision["rejected"]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { filters } of rejected) for (const { filter } of filters) counts[filter] = (counts[filter] ?? 0) + 1;
  return counts;
}

function join(): Step {
  return { kind: "join", capacity: { cpu: 4, memory: 8 * GIB, disk: 100 * GIB } };
}

/** `EXACTNESS_RUNS=1000000 npx vitest run src/scheduler/exactness.test.ts` looks for as long as one likes. */
const RUNS = Number(process.env["EXACTNESS_RUNS"] ?? 30);

/** Few nodes, of which every one counts; and many, so that few of them change between two tasks of a class. */
const SIZES = [
  { atFirst: 2, atMost: 6, steps: 60, runs: RUNS },
  { atFirst: 25, atMost: 40, steps: 120, runs: Math.ceil(RUNS / 6) },
];

test.each(
  NAMES.flatMap((name) =>
    SIZES.flatMap((size) => (["reserved", "measured"] as const).map((costUse) => ({ name, costUse, ...size }))),
  ),
)(
  "$name with $costUse use picks the very node of $atMost that the model picks, and explains it",
  ({ name, costUse, atFirst, atMost, steps: maxLength, runs: numRuns }) => {
    let placed = 0;
    fc.assert(
      fc.property(fc.array(STEP, { maxLength, size: "max" }), (steps) => {
        const race = new Race(name, costUse, atMost);
        for (const step of [...Array.from({ length: atFirst }, join), ...steps]) race.take(step);
        race.verifyWhatWasTold();
        placed += race.placed;
      }),
      { numRuns },
    );
    expect(placed).toBeGreaterThan(3 * numRuns); // the workloads do place tasks
  },
);
