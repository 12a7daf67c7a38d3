/** A plan against what then really happens, in random clusters around the same core. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { clusterShape, type Document, RandomCluster, someDocuments } from "../../../test/support/random-cluster.ts";
import { createScheduler } from "../../scheduler/create-scheduler.ts";
import { greedy } from "../../scheduler/greedy.ts";
import { SCHEDULERS } from "../../scheduler/schedulers.ts";
import type { NodeView } from "../../scheduler/scheduler.ts";
import type { TaskDocument } from "../../task/document.ts";
import { assert } from "../../utils/assert.ts";
import { placementRequest } from "../core/placement.ts";
import { copyCluster } from "./cluster-copy.ts";
import { makePlan, type Plan } from "./plan.ts";

const RUNS = 100;

interface Asked {
  readonly documents?: readonly TaskDocument[];
  readonly drain?: readonly string[];
  readonly lose?: readonly string[];
  readonly wantsCapacity?: boolean;
}

function planOf(
  { bench }: RandomCluster,
  { documents = [], drain = [], lose = [], wantsCapacity = false }: Asked,
): Plan {
  const { state } = bench.core;
  const algorithm = SCHEDULERS.get(state.scheduler.name);
  assert(algorithm !== undefined, "a built-in one");
  const named = (names: readonly string[]) => names.flatMap((name) => state.nodeNamed(name) ?? []);
  const copy = copyCluster(state, { mono: bench.mono, wall: bench.wall }, { drain: named(drain), lose: named(lose) });
  const work = makePlan(copy, { documents, wantsCapacity }, () => createScheduler(algorithm, { costUse: "reserved" }));
  let step = work.next();
  while (step.done !== true) step = work.next();
  return step.value;
}

/** Where each task would be. */
function planned({ placements }: Plan): Map<string, string | undefined> {
  return new Map(
    placements.map(({ task, outcome, from, to }) => [task.id ?? "", outcome === "stays" ? from : to] as const),
  );
}

function really(cluster: RandomCluster, ids: Iterable<string>): Map<string, string | undefined> {
  return new Map([...ids].map((id) => [id, cluster.nodeOf(id as Document["id"])] as const));
}

/** Everything that a plan could have changed. */
function picture({ bench }: RandomCluster): unknown {
  const { nodes, tasks, pending, scheduler } = bench.core.state;
  const views = [...nodes.values()].map((node: NodeView) => ({
    ...{ status: node.status, availability: node.availability, isDamped: node.isDamped },
    ...{ count: node.ledger.count, reserved: node.ledger.reserved, port: node.ledger.isPortFree(8080, "tcp") },
    ...{ names: [...node.taskNames], labels: [...node.taskLabels] },
  }));
  return structuredClone({ views, tasks: [...tasks.values()], waiting: pending.size, memory: scheduler.memory });
}

test("tasks go where the plan says, and a plan changes nothing", () => {
  fc.assert(
    fc.property(clusterShape, someDocuments, (shape, documents) => {
      const cluster = new RandomCluster(shape);
      const given = cluster.give(documents);
      const before = picture(cluster);
      const plan = planOf(cluster, { documents: given });
      expect(picture(cluster)).toEqual(before);
      cluster.submit(given);
      const found = planned(plan);
      expect(found).toEqual(really(cluster, found.keys()));
      expect(found.size).toBe(given.length);
      expect(plan.fits).toBe(given.every(({ id }) => cluster.nodeOf(id) !== undefined));
    }),
    { numRuns: RUNS },
  );
});

test("a lost node's tasks go where the plan says, and when, and new ones after them", () => {
  fc.assert(
    fc.property(clusterShape, someDocuments, fc.integer({ min: 1, max: 5 }), (shape, documents, count) => {
      const cluster = new RandomCluster(shape);
      const lose = cluster.workers.slice(0, count).map(({ name }) => name);
      const given = cluster.give(documents);
      const before = picture(cluster);
      const plan = planOf(cluster, { documents: given, lose });
      expect(picture(cluster)).toEqual(before);
      const silent = new Set(lose);
      const lost = plan.placements.filter(({ from }) => from !== undefined);
      cluster.pass(14_000, silent);
      let passedMs = 14_000;
      for (const afterMs of new Set(lost.map((each) => each.afterMs ?? 0))) {
        const due = lost.filter((each) => each.afterMs === afterMs && each.outcome !== "ends");
        cluster.pass(afterMs - 1000 - passedMs, silent);
        for (const { task, from } of due) expect(cluster.nodeOf(task.id as Document["id"])).toBe(from);
        cluster.pass(1000, silent);
        for (const { task, to } of due) expect(cluster.nodeOf(task.id as Document["id"])).toBe(to);
        passedMs = afterMs;
      }
      cluster.submit(given);
      const found = planned(plan);
      expect(found).toEqual(really(cluster, found.keys()));
    }),
    { numRuns: 2 * RUNS },
  );
});

test("a drained node's tasks go where the plan says, or stay", () => {
  fc.assert(
    fc.property(clusterShape, someDocuments, (shape, documents) => {
      const cluster = new RandomCluster(shape);
      const given = cluster.give(documents);
      const before = picture(cluster);
      const plan = planOf(cluster, { documents: given, drain: ["n1"] });
      expect(picture(cluster)).toEqual(before);
      cluster.bench.ask({ kind: "availabilityRequested", node: "n1", availability: "drain", parallel: 1 });
      cluster.obey("n1");
      cluster.submit(given);
      const found = planned(plan);
      expect(found).toEqual(really(cluster, found.keys()));
    }),
    { numRuns: RUNS },
  );
});

test("the cluster takes as many copies as its capacity says, and then the same limits are in the way", () => {
  fc.assert(
    fc.property(clusterShape, someDocuments, (shape, [document = {}]) => {
      const cluster = new RandomCluster(shape);
      const { capacity, placements } = planOf(cluster, { documents: [document], wantsCapacity: true });
      expect(placements).toEqual([]);
      const [found] = capacity;
      const counts = new Map(found?.nodes.map(({ node }) => [node, 0]));
      for (;;) {
        const [copy] = cluster.give([document]);
        assert(copy !== undefined, "one was given");
        cluster.submit([copy]);
        const node = cluster.nodeOf(copy.id);
        if (node !== undefined) {
          counts.set(node, (counts.get(node) ?? 0) + 1);
          continue;
        }
        const task = cluster.bench.task(copy.id);
        assert(task !== undefined, "it waits");
        const { rejected } = cluster.bench.core.state.scheduler.explain(placementRequest(task, undefined));
        const limits = new Map(rejected.map(({ node: name, filters }) => [name, filters]));
        expect(new Map(found?.nodes.map((each) => [each.node, each.limits]))).toEqual(limits);
        break;
      }
      expect(new Map(found?.nodes.map((each) => [each.node, each.count]))).toEqual(counts);
      expect(found?.total).toBe([...counts.values()].reduce((sum, count) => sum + count, 0));
    }),
    { numRuns: RUNS },
  );
});

test("a task that asks for nothing has room without limit", () => {
  const cluster = new RandomCluster({ algorithm: greedy, nodes: [{ cpu: 1, memory: 1, ssd: false }], before: [] });
  const documents = [{ image: "x", cpu: 0, memory: 0 }];
  const { capacity, fits } = planOf(cluster, { documents, wantsCapacity: true });
  expect(fits).toBe(true);
  expect(capacity).toMatchObject([{ total: Infinity, nodes: [{ node: "n1", count: Infinity, limits: [] }] }]);
});

test("what fits nowhere else stays on a drained node, and the plan says what would help", () => {
  const node = { cpu: 4, memory: 4, ssd: false };
  const cluster = new RandomCluster({ algorithm: greedy, nodes: [node, { ...node, cpu: 2 }], before: [] });
  const [large, small] = cluster.give([
    { image: "x", name: "large", cpu: 3 },
    { image: "x", name: "small", constraints: ["node == n1"] },
  ]);
  assert(large !== undefined && small !== undefined, "two were given");
  cluster.submit([large, small]);
  expect(planOf(cluster, { drain: ["n1"] })).toMatchObject({
    fits: false,
    placements: [
      {
        outcome: "stays",
        from: "n1",
        to: undefined,
        reason: expect.stringContaining("1 core more on n2") as string,
        explanation: { wouldFitIf: "1 core more on n2" },
      },
      { outcome: "stays", explanation: { considered: 1, rejected: [{ node: "n2" }], wouldFitIf: undefined } },
    ],
    nodes: [],
  });
});

test("of very many tasks the first are explained, all have a reason", () => {
  const cluster = new RandomCluster({ algorithm: greedy, nodes: [{ cpu: 2, memory: 8, ssd: false }], before: [] });
  const tiny = Array.from({ length: 1500 }, () => ({ image: "x", cpu: 0.001, memory: "1MiB" }));
  const { placements } = planOf(cluster, { documents: [...tiny, { image: "x", cpu: 3 }] });
  expect(placements.filter(({ explanation }) => explanation !== undefined)).toHaveLength(1001);
  expect(placements.every(({ reason }) => reason !== "")).toBe(true);
  expect(placements.at(-1)).toMatchObject({ outcome: "waits", explanation: { wouldFitIf: "2.5 cores more on n1" } });
});
