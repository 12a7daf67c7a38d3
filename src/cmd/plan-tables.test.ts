/** Plans as people read them. */
import { expect, test } from "vitest";
import type { CapacityJson, PlanJson, PlannedPlacementJson, PlansJson } from "../api/plan-json.ts";
import { renderPlans } from "./plan-tables.ts";
import { whatDoesNotFit, type PlanView } from "./plan-words.ts";

const view: PlanView = { width: undefined, paint: (_style, text) => text, showsAll: false };
const GIB = 2 ** 30;
const NOBODY = { drain: [], lose: [] };

const web: PlannedPlacementJson = {
  task: { id: null, name: "web", index: 0 },
  outcome: "placed",
  from: null,
  to: "worker1",
  afterMs: null,
  reason: "placed on worker1 by greedy",
  explanation: {
    considered: 2,
    costs: [
      { node: "worker1", cost: 0.5, terms: { cpu: 0.5 } },
      { node: "worker2", cost: 0.625, terms: { cpu: 0.625 } },
    ],
    rejected: [],
    rejectedBy: {},
    wouldFitIf: null,
  },
};

const waiting: PlannedPlacementJson = {
  ...web,
  task: { id: null, name: null, index: 1 },
  outcome: "waits",
  to: null,
  reason: "waiting: fits none of 2 nodes: memory (2); what would help: 1 GiB more memory on worker2",
  explanation: null,
};

const moving: PlannedPlacementJson = {
  ...web,
  task: { id: "01930000-0000-7000-8000-00000000000a", name: "db", index: null },
  from: "worker2",
  afterMs: 23_000,
};

function plan(placements: PlannedPlacementJson[], rest: Partial<PlanJson> = {}): PlanJson {
  const fits = placements.every(({ outcome }) => outcome === "placed");
  return { scheduler: "greedy", fits, placements, nodes: [], capacity: [], ...rest };
}

function plans(...all: PlanJson[]): PlansJson {
  return { at: "2026-11-23T08:00:00.000Z", fits: all.every(({ fits }) => fits), notes: [], plans: all };
}

const load = (tasks: number, cpu: number, gib: number) => ({ tasks, reserved: { cpu, memory: gib * GIB, disk: 0 } });

test("one plan: the outcome in a sentence, each task, and what changes on the nodes", () => {
  const capacity = { cpu: 4, memory: 8 * GIB, disk: GIB };
  const nodes = [{ name: "worker1", capacity, before: load(1, 1.5, 2), after: load(2, 2, 2) }];
  expect(renderPlans(plans(plan([web, waiting], { nodes })), NOBODY, view)).toBe(`\
2 new tasks: 1 would be placed, 1 would wait.

TASK    TO       WHY
web     worker1  cost 0.5; next best worker2, 0.625
task 2  (waits)  fits none of 2 nodes: memory (2); what would help: 1 GiB more memory on worker2

NODE     TASKS   CPU
worker1  1 -> 2  1.5 -> 2 of 4 (50%)
`);
});

test("nodes that go: from where, and after how long", () => {
  const going = { drain: ["worker4"], lose: ["worker2", "worker3"] };
  expect(renderPlans(plans(plan([moving, web])), going, view)).toBe(`\
With worker2 and worker3 lost and worker4 drained, 1 task has to go: it would be placed.
1 new task: it would be placed.

TASK  FROM     TO       AFTER  WHY
db    worker2  worker1  23s    cost 0.5; next best worker2, 0.625
web   -        worker1  -      cost 0.5; next best worker2, 0.625
`);
  expect(renderPlans(plans(plan([])), { drain: ["worker2"], lose: [] }, view)).toBe(
    "With worker2 drained, no task has to go.\n",
  );
});

test("several algorithms side by side", () => {
  const other = plan(
    [
      { ...web, to: "worker2" },
      { ...waiting, outcome: "placed", to: "worker2" },
    ],
    { scheduler: "epvm" },
  );
  expect(renderPlans(plans(plan([web, waiting]), other), NOBODY, view)).toBe(`\
2 new tasks.

SCHEDULER  PLACED  WAITS  NODES  FULLEST
greedy     1       1      1      -
epvm       2       0      1      -

TASK    GREEDY   EPVM
web     worker1  worker2
task 2  (waits)  worker2
`);
});

test("very many tasks in few rows, or all of them", () => {
  const many = Array.from({ length: 100 }, (_, index): PlannedPlacementJson => {
    const name = `web-${String(index)}`;
    return {
      ...(index < 90 ? web : waiting),
      task: { id: null, name, index },
      to: index < 90 ? `w${String(index % 60)}` : null,
    };
  });
  const answer = plans(plan(many));
  expect(renderPlans(answer, NOBODY, view)).toBe(`\
100 new tasks: 90 would be placed, 10 would wait.

TASKS  E.G.                       TO                     WHY
90     web-0, web-1, web-2, …     60 nodes, 1 to 2 each
10     web-90, web-91, web-92, …  (waits)                fits none of 2 nodes: memory (2); what would help: 1 GiB more memory on worker2
--all shows every task
`);
  expect(renderPlans(answer, NOBODY, { ...view, showsAll: true }).split("\n")).toHaveLength(2 + 1 + 100 + 1);
});

const full = { filter: "memory", needs: 2 * GIB, has: GIB, message: "needs 2 GiB of memory, 1 GiB are free" };

test("room for more: in all, by node, and what limits each", () => {
  const capacity: CapacityJson = {
    task: web.task,
    total: 3,
    nodes: [
      { node: "worker1", count: 3, limits: [full] },
      {
        node: "worker2",
        count: 0,
        limits: [{ ...full, filter: "cpu", message: "needs 1 core, 0 cores are free" }, full],
      },
    ],
    wouldFitIf: null,
  };
  expect(renderPlans(plans(plan([], { capacity: [capacity] })), NOBODY, view)).toBe(`\
Room for 3 more of web, on 1 of 2 nodes.

NODE     MORE  LIMITED BY
worker1  3     needs 2 GiB of memory, 1 GiB are free
worker2  0     needs 1 core, 0 cores are free; needs 2 GiB of memory, 1 GiB are free
`);
  const none = { ...capacity, total: 0, wouldFitIf: "1 GiB more memory on worker1" };
  expect(renderPlans(plans(plan([], { capacity: [none] })), NOBODY, view)).toMatch(
    /^Room for no more of web: memory \(2\), cpu \(1\); what would help: 1 GiB more memory on worker1\.$/m,
  );
  const any = { ...capacity, total: null, nodes: [{ node: "worker1", count: null, limits: [] }] };
  expect(renderPlans(plans(plan([], { capacity: [any] })), NOBODY, view)).toContain("any number of web");
});

test("room on very many nodes in few rows", () => {
  const nodes = Array.from({ length: 50 }, (_, index) => ({
    node: `w${String(index)}`,
    count: index % 3,
    limits: [{ ...full, has: index, message: `needs 2 GiB of memory, ${String(index)} B are free` }],
  }));
  const answer = plans(plan([], { capacity: [{ task: web.task, total: 49, nodes, wouldFitIf: null }] }));
  expect(renderPlans(answer, NOBODY, view)).toBe(`\
Room for 49 more of web, on 33 of 50 nodes.

NODES  MORE  EACH    E.G.              LIMITED BY
33     49    1 to 2  w49, w47, w46, …  needs 2 GiB of memory, 1 B to 49 B are free
17     0     0       w48, w45, w42, …  needs 2 GiB of memory, 0 B to 48 B are free
`);
});

test("what does not fit, for the end", () => {
  expect(whatDoesNotFit(plans(plan([waiting, waiting, { ...moving, outcome: "stays" }])))).toBe(
    "not everything fits: 2 tasks would wait, 1 task would stay",
  );
  const capacity = [{ task: web.task, total: 0, nodes: [], wouldFitIf: null }];
  expect(whatDoesNotFit(plans(plan([], { fits: false, capacity })))).toBe(
    "not everything fits: there is no room for one more",
  );
});
