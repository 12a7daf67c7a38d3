import { expect, test } from "vitest";
import { request, TestNode } from "../../test/support/test-node.ts";
import type { Algorithm } from "./algorithm.ts";
import { createScheduler } from "./create-scheduler.ts";
import { customAlgorithm } from "./custom.ts";
import type { PlacementRequest } from "./scheduler.ts";

const EXAMPLE: unknown = await import(new URL("../../examples/scheduler.js", import.meta.url).href);

function algorithm(module: unknown): Algorithm {
  const custom = customAlgorithm(module, "./mine.js");
  if (custom.kind === "unusable") throw new Error(custom.message);
  return custom.algorithm;
}

function schedulerOf(module: unknown, nodes: readonly TestNode[]) {
  const scheduler = createScheduler(algorithm(module), { costUse: "measured" });
  for (const node of nodes) scheduler.update(node);
  return scheduler;
}

const labelled = (joined: number, labels: Readonly<Record<string, string>>): TestNode =>
  Object.assign(new TestNode(joined), { labels });
const choice = (module: unknown, nodes: readonly TestNode[], asked: PlacementRequest) =>
  nodes.find(({ id }) => id === schedulerOf(module, nodes).decide(asked).chosen)?.name;

test("the example takes the cheapest node, then the emptiest", () => {
  const nodes = [labelled(1, { price: "0.30" }), labelled(2, { price: "0.12" }), labelled(3, { price: "0.12" })];
  expect(choice(EXAMPLE, nodes, request())).toBe("worker2");
  nodes[1]?.place("a/1", request({ cpu: 2 }));
  expect(choice(EXAMPLE, nodes, request())).toBe("worker3");
  const scheduler = schedulerOf(EXAMPLE, nodes);
  expect(scheduler.name).toBe("cheapest");
  expect(scheduler.explain(request()).costs.map(({ node, terms }) => [node, terms["price"]])).toEqual([
    ["worker3", 0.12],
    ["worker2", 0.12],
    ["worker1", 0.3],
  ]);
});

test("the example keeps nodes with a GPU for tasks that want one", () => {
  const nodes = [labelled(1, { gpu: "true" }), labelled(2, {})];
  expect(choice(EXAMPLE, nodes, request({ labels: { gpu: "true" } }))).toBe("worker1");
  expect(choice(EXAMPLE, nodes, request())).toBe("worker2");
  const { rejected, wouldFitIf } = schedulerOf(EXAMPLE, [labelled(2, {})]).decide(request({ labels: { gpu: "true" } }));
  expect(rejected).toEqual([
    {
      node: "worker2",
      filters: [
        {
          filter: "gpu",
          needs: "true",
          has: '"needs a node with a GPU, this one has none"',
          message: "needs a node with a GPU, this one has none",
        },
      ],
    },
  ]);
  expect(wouldFitIf).toBeUndefined();
});

test("a node with a price that is no number has no cost in the example, and the others have", () => {
  const nodes = [labelled(1, { price: "cheap" }), labelled(2, { price: "7" })];
  const { chosen, rejected } = schedulerOf(EXAMPLE, nodes).decide(request());
  expect(chosen).toBe(nodes[1]?.id);
  expect(rejected).toMatchObject([{ node: "worker1", filters: [{ filter: "cost" }] }]);
});

const cost = () => 1;

test.each([
  [{}, "./mine.js is no scheduler: it exports no function cost(task, node, cluster)"],
  [undefined, "it exports no function cost"],
  ["cost", "it exports no function cost"],
  [{ default: { cost } }, "it exports no function cost"],
  [{ cost: 3 }, "its cost is 3, not a function"],
  [{ cost, name: "" }, 'its name is "", not a text'],
  [{ cost, name: 7 }, "its name is 7, not a text"],
  [{ cost, name: "greedy" }, 'its name "greedy" is that of a built-in scheduler'],
  [{ cost, filters: cost }, "its filters are a function, not an object with a function for each"],
  [{ cost, filters: null }, "its filters are null, not an object"],
  [{ cost, filters: { gpu: true } }, "its filter gpu is true, not a function"],
  [{ cost, filters: { memory: cost } }, "its filter memory has a built-in one's name"],
  [{ cost, filters: { cost } }, "its filter cost has a built-in one's name"],
])("the module %o is refused: %s", (module, message) => {
  const custom = customAlgorithm(module, "./mine.js");
  expect(custom).toMatchObject({ kind: "unusable" });
  expect(custom.kind === "unusable" ? custom.message : "").toContain(message);
});

test("everything that is wrong with a module is said at once", () => {
  const custom = customAlgorithm({ name: 1, filters: { a: 1, b: cost, c: "x" } }, "./mine.js");
  expect(custom).toEqual({
    kind: "unusable",
    message:
      "./mine.js is no scheduler: it exports no function cost(task, node, cluster); its name is 1, not a text; " +
      'its filter a is 1, not a function; its filter c is "x", not a function',
  });
});

test("a module without a name is called by its path", () => {
  expect(algorithm({ cost }).name).toBe("./mine.js");
});

test.each([
  [() => Number.NaN, "answered NaN, not a finite number"],
  [() => Number.POSITIVE_INFINITY, "answered Infinity, not a finite number"],
  [() => undefined, "answered nothing, not a finite number"],
  [() => "3", 'answered "3", not a finite number'],
  [() => 3n, "answered a bigint, not a finite number"],
  [() => Promise.resolve(3), "answered a promise, not a finite number"],
  [() => ({ terms: { a: 1 } }), "answered an object, not a finite number"],
  [() => ({ cost: 3 }), "answered an object, not a finite number"],
  [
    () => {
      throw new TypeError("boom");
    },
    "threw boom",
  ],
  [
    () => {
      AbortSignal.abort("a text").throwIfAborted(); // throws what is no Error, as users do
    },
    'threw "a text"',
  ],
])("a cost that is useless on one node costs that node its place and stops nothing: %o", (answer, did) => {
  const module = { cost: (_task: unknown, node: { name: string }) => (node.name === "worker1" ? answer() : 5) };
  const nodes = [new TestNode(1), new TestNode(2)];
  const { chosen, rejected, costs } = schedulerOf(module, nodes).decide(request());
  expect(chosen).toBe(nodes[1]?.id);
  expect(costs).toEqual([{ node: "worker2", cost: 5, terms: { cost: 5 } }]);
  expect(rejected).toMatchObject([
    { node: "worker1", filters: [{ filter: "cost", message: `the cost of ./mine.js ${did}` }] },
  ]);
  const alone = schedulerOf(module, nodes.slice(0, 1)).decide(request());
  expect([alone.chosen, alone.wouldFitIf]).toEqual([undefined, undefined]);
  expect(alone.rejected).toEqual(rejected);
});

test.each([
  [() => false, "the filter picky of ./mine.js rejects this node"],
  [() => "needs more cowbell", "needs more cowbell"],
  [() => undefined, "the filter picky of ./mine.js answered nothing, not true, false or a reason"],
  [() => 1, "the filter picky of ./mine.js answered 1, not true, false or a reason"],
  [
    () => {
      throw new Error("boom");
    },
    "the filter picky of ./mine.js threw boom",
  ],
])("a filter lets a node through with true alone: %o", (picky, message) => {
  const { chosen, rejected } = schedulerOf({ cost, filters: { picky } }, [new TestNode(1)]).decide(request());
  expect(chosen).toBeUndefined();
  expect(rejected).toMatchObject([{ filters: [{ filter: "picky", message }] }]);
  expect(
    schedulerOf({ cost, filters: { picky: () => true } }, [new TestNode(1)]).decide(request()).chosen,
  ).toBeDefined();
});

test("terms that are no numbers are left out of the explanation", () => {
  const module = { cost: () => ({ cost: 2, terms: { a: 1.5, b: "x", c: Number.NaN } }) };
  expect(schedulerOf(module, [new TestNode(1)]).decide(request()).costs).toEqual([
    { node: "worker1", cost: 2, terms: { a: 1.5 } },
  ]);
});

test("a cost by chance decides by the number it was asked for, and changes no other decision", () => {
  let calls = 0;
  const module = { cost: () => (calls += 1) % 7 };
  const nodes = Array.from({ length: 9 }, (_, index) => new TestNode(index + 1));
  const { chosen, costs } = schedulerOf(module, nodes).decide(request());
  expect(nodes.find(({ id }) => id === chosen)?.name).toBe("worker7");
  expect(costs[0]).toMatchObject({ node: "worker7", cost: 0 });
});

test("what a user's function does to what it is given changes no ledger", () => {
  const vandal = {
    cost(_task: unknown, node: { capacity: { cpu: number }; reserved: { cpu: number } }) {
      node.capacity.cpu = 1e9;
      node.reserved.cpu = -1;
      return 1;
    },
  };
  const node = new TestNode(1);
  schedulerOf(vandal, [node]).decide(request());
  expect(node.ledger.free.cpu).toBe(4);
});
