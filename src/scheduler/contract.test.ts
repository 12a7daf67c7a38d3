import { expect, test } from "vitest";
import { SeededRandom } from "../sim/seeded-random.ts";
import { checkContract, timePerNode, type CheckResult } from "./contract.ts";
import { customAlgorithm, type UserFunctions } from "./custom.ts";
import { drawQuestions } from "./drawn-clusters.ts";

const EXAMPLE: unknown = await import(new URL("../../examples/scheduler.js", import.meta.url).href);
const PRICES = [
  ["price", "0.12"],
  ["price", "3"],
] as const;

interface Task {
  labels: Record<string, string>;
  name: string;
  resources: { cpu: number };
}
interface Node {
  name: string;
  labels: Record<string, string> & { zone: string };
  capacity: { cpu: number };
  reserved: { cpu: number };
  use: { cpu: number };
  runtimes: string[];
  tasks: number;
  taskNames: Map<string, number>;
}

function functionsOf(module: unknown): UserFunctions {
  const custom = customAlgorithm(module, "./mine.js");
  if (custom.kind === "unusable") throw new Error(custom.message);
  return custom.functions;
}

const drawFrom = (seed: number) => ({ random: new SeededRandom(seed).next, labels: PRICES });

/** `make`: a fresh copy of the module. */
function check(make: () => unknown, seed = 1): CheckResult[] {
  return checkContract({ forwards: functionsOf(make()), backwards: functionsOf(make()) }, drawFrom(seed));
}

const failed = (results: readonly CheckResult[]) => results.filter(({ passed }) => !passed);

test.each([1, 2, 3, 4, 5])("the example keeps the contract, with seed %i", (seed) => {
  const results = check(() => EXAMPLE, seed);
  expect(failed(results)).toEqual([]);
  for (const { cases, counterexample } of results) {
    expect(cases).toBeGreaterThan(200);
    expect(counterexample).toBeNull();
  }
});

const cost = () => 1;

/** What is wrong with a module, the check that it fails, a fresh copy of it, and words of the counterexample. */
type Broken = readonly [what: string, failing: string, make: () => unknown, words: string];

const BROKEN: readonly Broken[] = [
  [
    "a cost by chance",
    "asked twice, the answer is the same",
    () => ({ cost: () => Math.random() }),
    "then answered 0.",
  ],
  [
    "a cost that counts",
    "asked twice, the answer is the same",
    () => {
      let calls = 0;
      return { cost: () => (calls += 1) };
    },
    "cost answered 1, then answered 2, for task",
  ],
  [
    "a filter by chance",
    "asked twice, the answer is the same",
    () => ({ cost, filters: { lucky: () => `no luck: ${String(Math.random())}` } }),
    'filters.lucky answered "no luck: 0.',
  ],
  [
    "a cost that remembers the first node of a name",
    "what was asked before makes no difference",
    () => {
      const known = new Map<string, number>();
      return {
        cost(_task: Task, { name, use }: Node) {
          const found = known.get(name) ?? use.cpu;
          known.set(name, found);
          return found;
        },
      };
    },
    "asked in the opposite order, a fresh copy of the module answered",
  ],
  [
    "a cost that throws on full nodes",
    "nothing throws",
    () => ({
      cost(_task: Task, { capacity, reserved }: Node) {
        if (reserved.cpu >= capacity.cpu) throw new Error("it is full");
        return 1;
      },
    }),
    "cost threw it is full, for task",
  ],
  [
    "a filter that throws where there is no label",
    "nothing throws",
    () => ({ cost, filters: { zoned: (_task: Task, { labels }: Node) => labels["zone"].trim() === "a" } }),
    "filters.zoned threw",
  ],
  [
    "a cost that divides by zero capacity",
    "a cost is a finite number",
    () => ({ cost: ({ resources }: Task, { capacity, use }: Node) => (use.cpu + resources.cpu) / capacity.cpu }),
    "cost answered NaN, for task",
  ],
  ["a cost that is a promise", "a cost is a finite number", () => ({ cost: () => Promise.resolve(1) }), "a promise"],
  [
    "a cost that is a promise and rejects",
    "a cost is a finite number",
    () => ({ cost: () => Promise.reject(new Error("boom")) }),
    "a promise",
  ],
  [
    "a cost that runs in a circle",
    "a cost is a finite number",
    () => ({
      cost() {
        const answer: Record<string, unknown> = {};
        return Object.assign(answer, { answer });
      },
    }),
    "answered {answer: {answer: an object}}",
  ],
  [
    "a cost without its terms",
    "a cost is a finite number",
    () => ({ cost: () => ({ cost: 1 }) }),
    "answered {cost: 1}",
  ],
  [
    "a term that is NaN",
    "the terms of a cost are finite numbers",
    () => ({
      cost: (_task: Task, { tasks }: Node) => ({ cost: 1, terms: { a: 1, mean: Math.log(tasks) - Math.log(tasks) } }),
    }),
    "answered {cost: 1, terms: {a: 1, mean: NaN}}",
  ],
  [
    "a filter that answers 1",
    "a filter answers true, false or a reason",
    () => ({ cost, filters: { one: () => 1 } }),
    "filters.one answered 1, for task",
  ],
  [
    "a filter that answers an empty reason",
    "a filter answers true, false or a reason",
    () => ({ cost, filters: { mute: () => "" } }),
    'filters.mute answered ""',
  ],
  [
    "filters that let nothing through",
    "a cost is a finite number",
    () => ({ cost, filters: { never: () => "never" } }),
    "never asked",
  ],
  ...vandals(),
];

test.each(BROKEN)("%s fails this check alone: %s", (...broken) => {
  const [, failing, make, words] = broken;
  const results = failed(check(make));
  expect(results.map((result) => result.check)).toEqual([failing]);
  expect(results[0]?.counterexample).toContain(words);
});

function vandals(): Broken[] {
  const changes: Record<string, (task: Task, node: Node, cluster: { nodes: number }) => void> = {
    "the node's capacity": (_task, { capacity }) => (capacity.cpu = 1e9),
    "the node's labels": (_task, { labels }) => (labels["seen"] = "true"),
    "the node's runtimes": (_task, { runtimes }) => runtimes.push("other"),
    "the node's task names": (_task, { taskNames }) => taskNames.clear(),
    "the node itself": (_task, node) => Object.assign(node, { seen: true }),
    "the task's labels": ({ labels }) => (labels["seen"] = "true"),
    "the task": (task) => (task.name = "mine"),
    "the task, in a circle": (task) => Object.assign(task, { self: task }),
    "the cluster": (_task, _node, cluster) => (cluster.nodes = 0),
  };
  return Object.entries(changes).map(([what, change]) => [
    `a cost that changes ${what}`,
    "nothing that is handed in is changed",
    () => ({
      cost(task: Task, node: Node, cluster: { nodes: number }) {
        change(task, node, cluster);
        return 1;
      },
    }),
    "cost changed what it was handed, for task",
  ]);
}

test("setting what a node shows throws, as it does in a manager", () => {
  const results = failed(check(() => ({ cost: (_task: Task, node: Node) => (node.tasks = 3) })));
  expect(results.map((result) => result.check)).toEqual(["nothing throws"]);
});

test("a counterexample tells everything that was asked", () => {
  const module = { cost: (_task: Task, { name }: Node) => (name === "worker2" ? Number.NaN : 1) };
  expect(failed(check(() => module))[0]?.counterexample).toMatch(
    /^cost answered NaN, for task \w+ \(needs .+\) on worker2 of \d+ \(has .+; reserved .+; \d+ tasks.*\)$/,
  );
});

test("the same seed asks the same questions, another one others", () => {
  const module = { cost: (_task: Task, { use }: Node) => (use.cpu > 3 ? Number.NaN : 1) };
  expect(check(() => module, 7)).toEqual(check(() => module, 7));
  expect(check(() => module, 7)).not.toEqual(check(() => module, 8));
});

test("the questions are about every kind of node", () => {
  const questions = drawQuestions(drawFrom(1), 80);
  const count = (holds: (question: (typeof questions)[number]) => boolean): number => questions.filter(holds).length;
  expect(count(({ node }) => node.tasks === 0 && node.reserved.cpu === 0)).toBeGreaterThan(50);
  expect(count(({ node }) => node.capacity.cpu > 0 && node.reserved.cpu === node.capacity.cpu)).toBeGreaterThan(50);
  expect(count(({ node }) => node.reserved.memory > node.capacity.memory)).toBeGreaterThan(50);
  expect(count(({ node }) => node.use.cpu > node.reserved.cpu)).toBeGreaterThan(30);
  expect(count(({ node }) => Object.keys(node.labels).length === 0)).toBeGreaterThan(50);
  expect(count(({ node }) => node.labels["price"] === "0.12")).toBeGreaterThan(50);
  expect(count(({ cluster }) => cluster.nodes === 1)).toBeGreaterThan(20);
  for (const what of ["cpu", "memory", "disk"] as const) {
    expect(count(({ node, fits }) => node.capacity[what] === 0 && fits)).toBeGreaterThan(20);
  }
  expect(count(({ fits }) => fits)).toBeGreaterThan(questions.length / 3);
  expect(count(({ fits }) => !fits)).toBeGreaterThan(questions.length / 5);
});

test("the time is the median over rounds of 500 nodes, by the clock that is handed in", () => {
  let ms = 0;
  const slow = functionsOf({ cost: () => (ms += 0.002) });
  expect(timePerNode(slow, drawFrom(1), () => ms)).toBeCloseTo(0.002, 6);
});
