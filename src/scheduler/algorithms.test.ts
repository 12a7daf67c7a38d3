/** Every algorithm against figures worked out by hand from its formula. */
import { expect, test } from "vitest";
import { GIB, request, TestNode } from "../../test/support/test-node.ts";
import type { AttemptKey } from "../task/id.ts";
import type { Resources } from "../task/spec.ts";
import type { Algorithm } from "./algorithm.ts";
import { binpack } from "./binpack.ts";
import { epvm } from "./epvm.ts";
import { filteredTask } from "./filtered-task.ts";
import { greedy } from "./greedy.ts";
import { Nodes } from "./nodes.ts";
import { roundrobin } from "./roundrobin.ts";
import { isRejection, type Cost, type NodeView } from "./scheduler.ts";
import { spread } from "./spread.ts";

const DEMAND = { cpu: 1, memory: 4 * GIB, disk: 0 };

/** What the first of so many nodes is like; the others are idle. */
interface Figures {
  readonly capacity?: Resources;
  readonly used?: Resources;
  readonly tasks?: number;
  readonly names?: Readonly<Record<string, number>>;
  readonly nodes?: number;
  /** Of all: how many are ready. */
  readonly nodesUp?: number;
  /** The node picked last, counted from 1. */
  readonly picked?: number;
}

const CAPACITY = { cpu: 4, memory: 16 * GIB, disk: 100 * GIB };
const USED = { cpu: 1, memory: 8 * GIB, disk: 25 * GIB };
const NOTHING = { cpu: 0, memory: 0, disk: 0 };

function explained(algorithm: Algorithm, figures: Figures = {}, { demand = DEMAND, position = 0 } = {}): Cost {
  const {
    capacity = CAPACITY,
    used = USED,
    tasks = 1,
    names = { echo: 2 },
    nodes: count = 3,
    nodesUp = count,
  } = figures;
  const nodes = new Nodes("reserved", true);
  for (let joined = 1; joined <= count; joined += 1) {
    const node = new TestNode(joined, capacity);
    if (joined > nodesUp) node.status = "lost";
    if (joined === 1) {
      for (let task = 1; task <= tasks; task += 1) {
        const resources = task === 1 ? used : NOTHING;
        node.ledger.reserve(`task${String(task)}/1` as AttemptKey, { resources, ports: [] });
      }
    }
    nodes.update(Object.create(node, { taskNames: { value: new Map(Object.entries(names)) } }) as NodeView);
  }
  if (figures.picked !== undefined) nodes.picked(figures.picked - 1);
  const task = { ...filteredTask(request()), resources: demand };
  const costs = algorithm.over(nodes)(task);
  const answer = costs.explain(position);
  if (isRejection(answer)) throw new Error(answer.message);
  expect(costs.cost(position)).toBe(answer.cost);
  return answer;
}

test("roundrobin is the distance in join order from the last node picked", () => {
  const distances = (picked?: number) =>
    [0, 1, 2].map((position) => {
      const figures = picked === undefined ? {} : { picked };
      return explained(roundrobin, figures, { position }).terms["distance"];
    });
  expect(distances()).toEqual([1, 2, 3]);
  expect(distances(1)).toEqual([3, 1, 2]);
  expect(distances(2)).toEqual([2, 3, 1]);
  expect(distances(3)).toEqual([1, 2, 3]);
});

test("greedy is the largest share in use afterwards", () => {
  // cpu (1+1)/4, memory (8+4)/16, disk (25+0)/100
  expect(explained(greedy)).toEqual({ cost: 0.75, terms: { cpu: 0.5, memory: 0.75, disk: 0.25 } });
});

test("epvm is what the task adds to an exponential cost of load", () => {
  // n = 4, max_jobs 2. cpu 4^(2/4) - 4^(1/4) = 2 - √2; memory 4^(12/16) - 4^(8/16) = 2√2 - 2; tasks 4^(3/2) - 4^(2/2) = 4
  const { cost, terms } = explained(epvm, { tasks: 2 });
  expect(terms["cpu"]).toBeCloseTo(2 - Math.SQRT2, 12);
  expect(terms["memory"]).toBeCloseTo(2 * Math.SQRT2 - 2, 12);
  expect(terms["disk"]).toBe(0);
  expect(terms["tasks"]).toBeCloseTo(4, 12);
  expect(cost).toBeCloseTo(4 + Math.SQRT2, 12);
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
  const figures = { tasks: 0, nodes: Math.max(1, nodesUp), nodesUp };
  expect(explained(epvm, figures).terms["tasks"]).toBe(n - 1);
});

test("binpack is ten to the power of what stays free, of cpu and memory", () => {
  // cpu 10^(1 - 2/4), memory 10^(1 - 12/16)
  const { cost, terms } = explained(binpack);
  expect(terms["cpu"]).toBeCloseTo(3.162_277_66, 8);
  expect(terms["memory"]).toBeCloseTo(1.778_279_41, 8);
  expect(cost).toBeCloseTo(4.940_557_07, 8);
  expect(explained(binpack, { used: { cpu: 3, memory: 12 * GIB, disk: 0 } }).cost).toBe(2);
});

test("spread counts the tasks of the same name, and the load decides among equals", () => {
  // greedy is 0.75, and 0.75 / 1.75 of a task
  expect(explained(spread)).toEqual({ cost: 2 + 3 / 7, terms: { sameName: 2, load: 3 / 7 } });
  const overloaded = { names: { other: 9 }, used: { cpu: 400, memory: 0, disk: 0 } };
  expect(explained(spread, overloaded).cost).toBeLessThan(1);
});

test("costs are finite where a node has nothing of a resource and the task asks for none", () => {
  for (const algorithm of [roundrobin, greedy, epvm, binpack, spread]) {
    const ofNothing = explained(algorithm, { capacity: NOTHING, used: NOTHING }, { demand: NOTHING });
    expect(ofNothing.cost).toSatisfy(Number.isFinite);
    expect(explained(algorithm, {}, { demand: NOTHING }).cost).toSatisfy(Number.isFinite);
  }
});
