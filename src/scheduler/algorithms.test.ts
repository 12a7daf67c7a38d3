/** Every algorithm against figures worked out by hand from its formula. */
import { expect, test } from "vitest";
import { GIB } from "../../test/support/test-node.ts";
import type { Algorithm, ClusterLoad, NodeLoad, TaskDemand } from "./algorithm.ts";
import { binpack } from "./binpack.ts";
import { epvm } from "./epvm.ts";
import { greedy } from "./greedy.ts";
import { roundrobin } from "./roundrobin.ts";
import { spread } from "./spread.ts";

const DEMAND: TaskDemand = { name: "echo", labels: {}, resources: { cpu: 1, memory: 4 * GIB, disk: 0 } };
const CLUSTER: ClusterLoad = { nodes: 3, nodesUp: 3, next: 0, maxJobs: 2 };
const NODE: NodeLoad = {
  name: "worker1",
  labels: {},
  runtimes: ["docker"],
  position: 0,
  capacity: { cpu: 4, memory: 16 * GIB, disk: 100 * GIB },
  reserved: { cpu: 1, memory: 8 * GIB, disk: 0 },
  use: { cpu: 1, memory: 8 * GIB, disk: 25 * GIB },
  tasks: 1,
  taskNames: new Map([["echo", 2]]),
  taskLabels: new Map(),
};

function explained(algorithm: Algorithm, node: Partial<NodeLoad> = {}, cluster: Partial<ClusterLoad> = {}) {
  const load = { ...NODE, ...node };
  const whole = { ...CLUSTER, ...cluster };
  const answer = algorithm.explain(DEMAND, load, whole);
  if ("filter" in answer) throw new Error(answer.message);
  expect(algorithm.cost(DEMAND, load, whole)).toBe(answer.cost);
  return answer;
}

test("roundrobin is the distance in join order from the last node picked", () => {
  const distances = (next: number) =>
    [0, 1, 2].map((position) => explained(roundrobin, { position }, { next }).terms["distance"]);
  expect(distances(0)).toEqual([1, 2, 3]);
  expect(distances(1)).toEqual([3, 1, 2]);
  expect(distances(2)).toEqual([2, 3, 1]);
  expect(distances(3)).toEqual([1, 2, 3]);
});

test("greedy is the largest share in use afterwards", () => {
  // cpu (1+1)/4, memory (8+4)/16, disk (25+0)/100
  expect(explained(greedy)).toEqual({ cost: 0.75, terms: { cpu: 0.5, memory: 0.75, disk: 0.25 } });
});

test("epvm is what the task adds to an exponential cost of load", () => {
  // n = 4. cpu 4^(2/4) - 4^(1/4) = 2 - √2; memory 4^(12/16) - 4^(8/16) = 2√2 - 2; tasks 4^(2/2) - 4^(1/2) = 2
  const { cost, terms } = explained(epvm);
  expect(terms["cpu"]).toBeCloseTo(2 - Math.SQRT2, 12);
  expect(terms["memory"]).toBeCloseTo(2 * Math.SQRT2 - 2, 12);
  expect(terms["disk"]).toBe(0);
  expect(terms["tasks"]).toBeCloseTo(2, 12);
  expect(cost).toBeCloseTo(2 + Math.SQRT2, 12);
});

test.each([
  [0, 2],
  [1, 2],
  [2, 2],
  [3, 4],
  [4, 4],
  [5, 8],
  [500, 512],
  [512, 512],
  [5000, 8192],
])("with %i nodes up, epvm's n is %i", (nodesUp, n) => {
  // an idle node whose one task is as many as max_jobs allows: n^1 - n^0
  expect(explained(epvm, { tasks: 0 }, { nodesUp, maxJobs: 1 }).terms["tasks"]).toBe(n - 1);
});

test("binpack is ten to the power of what stays free, of cpu and memory", () => {
  // cpu 10^(1 - 2/4), memory 10^(1 - 12/16)
  const { cost, terms } = explained(binpack);
  expect(terms["cpu"]).toBeCloseTo(3.162_277_66, 8);
  expect(terms["memory"]).toBeCloseTo(1.778_279_41, 8);
  expect(cost).toBeCloseTo(4.940_557_07, 8);
  const full = { use: { cpu: 3, memory: 12 * GIB, disk: 0 } };
  expect(explained(binpack, full).cost).toBe(2);
});

test("spread counts the tasks of the same name, and the load decides among equals", () => {
  // greedy is 0.75, and 0.75 / 1.75 of a task
  expect(explained(spread)).toEqual({ cost: 2 + 3 / 7, terms: { sameName: 2, load: 3 / 7 } });
  const overloaded = { taskNames: new Map([["other", 9]]), use: { cpu: 400, memory: 0, disk: 0 } };
  expect(explained(spread, overloaded).cost).toBeLessThan(1);
});

test("costs are finite where a node has nothing of a resource and the task asks for none", () => {
  const nothing = { cpu: 0, memory: 0, disk: 0 };
  const idle: TaskDemand = { ...DEMAND, resources: nothing };
  for (const algorithm of [roundrobin, greedy, epvm, binpack, spread]) {
    const node = { ...NODE, capacity: nothing, reserved: nothing, use: nothing };
    expect(algorithm.cost(idle, node, CLUSTER)).toSatisfy(Number.isFinite);
    expect(algorithm.cost(idle, NODE, CLUSTER)).toSatisfy(Number.isFinite);
  }
});
