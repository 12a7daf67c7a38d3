import { expect, test } from "vitest";
import { GIB, request, TestNode } from "../../test/support/test-node.ts";
import { createScheduler } from "./create-scheduler.ts";
import type { Resources } from "../task/spec.ts";
import type { Decision, PlacementRequest, Scheduler } from "./scheduler.ts";
import { SCHEDULERS } from "./schedulers.ts";

/** A scheduler with nodes that are given what it decides. */
class Cluster {
  readonly nodes = new Map<string, TestNode>();
  scheduler: Scheduler;
  #placed = 0;

  constructor(
    algorithm: string,
    capacities: readonly Partial<Resources>[],
    costUse: "measured" | "reserved" = "reserved",
  ) {
    this.scheduler = newScheduler(algorithm, costUse);
    for (const [index, capacity] of capacities.entries()) this.join(new TestNode(index + 1, capacity));
  }

  join(node: TestNode): TestNode {
    this.nodes.set(node.id, node);
    this.scheduler.update(node);
    return node;
  }

  node(number: number): TestNode {
    const node = this.nodes.get(`id-of-worker${String(number)}`);
    if (node === undefined) throw new Error(`no worker${String(number)}`);
    return node;
  }

  change(number: number, change: Partial<TestNode>): void {
    this.scheduler.update(Object.assign(this.node(number), change));
  }

  remove(number: number): void {
    const { id } = this.node(number);
    this.nodes.delete(id);
    this.scheduler.remove(id);
  }

  /** The number of the node that the task went to; 0 for nowhere. */
  place(task: PlacementRequest = request()): number {
    const { chosen } = this.scheduler.decide(task);
    const node = chosen === undefined ? undefined : this.nodes.get(chosen);
    if (node === undefined) return 0;
    this.#placed += 1;
    this.scheduler.update(node.place(`task${String(this.#placed)}/1`, task));
    return node.joined;
  }

  placeMany(count: number, task: PlacementRequest = request()): number[] {
    return Array.from({ length: count }, () => this.place(task));
  }
}

function newScheduler(name: string, costUse: "measured" | "reserved"): Scheduler {
  const algorithm = SCHEDULERS.get(name);
  if (algorithm === undefined) throw new Error(name);
  return createScheduler(algorithm, { costUse });
}

const rounds = (count: number, ...round: number[]): number[] => Array.from({ length: count }, () => round).flat();
const tally = (placed: readonly number[]): number[] =>
  [1, 2, 3].map((node) => placed.filter((one) => one === node).length);

test.each(["roundrobin", "greedy", "epvm", "spread"])(
  "%s gives thirty equal tasks to three equal nodes in turn",
  (name) => {
    expect(new Cluster(name, [{}, {}, {}]).placeMany(30)).toEqual(rounds(10, 1, 2, 3));
  },
);

test("binpack fills one node before it begins another", () => {
  const placed = new Cluster("binpack", [{ cpu: 1 }, { cpu: 1 }, { cpu: 1 }]).placeMany(30);
  expect(placed).toEqual([...rounds(10, 1), ...rounds(10, 2), ...rounds(10, 3)]);
});

test("greedy evens out the scarcest resource: cores in proportion to what there are", () => {
  // 35 tasks of 0.1 core on 7 cores are 50 % everywhere
  expect(tally(new Cluster("greedy", [{ cpu: 1 }, { cpu: 2 }, { cpu: 4 }]).placeMany(35))).toEqual([5, 10, 20]);
});

test("epvm puts more on a larger node than on a smaller one, and fewer than in proportion", () => {
  // n = 4, max_jobs 1, 2, 4, 8, 16: the figures are from the formula in another language.
  const placed = new Cluster("epvm", [{ cpu: 1 }, { cpu: 2 }, { cpu: 4 }]).placeMany(30);
  expect(placed.join("")).toBe("321321321321323231231233332323");
  expect(tally(placed)).toEqual([6, 10, 14]);
});

test("max_jobs starts at 1, doubles when a node passes it, and never goes back", () => {
  const cluster = new Cluster("epvm", [{}, {}]);
  const terms = (): (number | undefined)[] => {
    const { costs } = cluster.scheduler.explain(request());
    return [1, 2].map((node) => costs.find((one) => one.node === `worker${String(node)}`)?.terms["tasks"]);
  };
  const put = (id: string) => cluster.scheduler.update(cluster.node(1).place(id, request()));
  expect(terms()).toEqual([1, 1]); // n = 2: 2^1 - 2^0
  put("a/1");
  expect(terms()).toEqual([2, 1]); // one is not more than one: 2^2 - 2^1
  put("b/1");
  expect(terms()).toEqual([2 ** 1.5 - 2, 2 ** 0.5 - 1]); // max_jobs 2
  put("c/1");
  expect(terms()).toEqual([2 - 2 ** 0.75, 2 ** 0.25 - 1]); // max_jobs 4
  cluster.scheduler.update(cluster.node(1).end("a/1").end("b/1").end("c/1"));
  expect(terms()).toEqual([2 ** 0.25 - 1, 2 ** 0.25 - 1]);
});

test("max_jobs takes account of tasks that a node brings along", () => {
  const cluster = new Cluster("epvm", [{}]);
  const node = new TestNode(2);
  for (let number = 0; number < 5; number += 1) node.place(`old${String(number)}/1`, request());
  cluster.join(node);
  expect(cluster.scheduler.explain(request()).costs[0]?.terms["tasks"]).toBe(2 ** (1 / 8) - 1);
});

test("only nodes that are ready count as up", () => {
  const cluster = new Cluster("epvm", [{}, {}, {}]);
  const ofIdleNode = () => cluster.scheduler.explain(request()).costs[0]?.terms["tasks"];
  expect(ofIdleNode()).toBe(3); // n = 4
  cluster.change(3, { status: "unreachable" });
  expect(ofIdleNode()).toBe(1); // n = 2
  cluster.change(3, { status: "ready", availability: "pause" });
  expect(ofIdleNode()).toBe(3);
  cluster.remove(3);
  expect(ofIdleNode()).toBe(1);
});

test("spread keeps tasks of one name apart before it looks at the load", () => {
  const cluster = new Cluster("spread", [{}, {}, {}]);
  const heavy = request({ cpu: 2 }, { name: "heavy" });
  expect(cluster.placeMany(2, heavy)).toEqual([1, 2]);
  expect(cluster.placeMany(4, request({}, { name: "light" }))).toEqual([3, 1, 2, 3]);
});

test("ties go to the node with fewer tasks, then to the one that joined first", () => {
  const cluster = new Cluster("greedy", [{}, {}, {}]);
  const nothing = request({ cpu: 0, memory: 0 });
  expect(cluster.placeMany(3, nothing)).toEqual([1, 2, 3]);
  cluster.scheduler.update(cluster.node(2).end("task2/1"));
  expect(cluster.placeMany(2, nothing)).toEqual([2, 1]);
});

test("roundrobin goes on where it was, whatever nodes come and go", () => {
  const cluster = new Cluster("roundrobin", [{}, {}, {}]);
  expect(cluster.placeMany(4)).toEqual([1, 2, 3, 1]);
  cluster.remove(2);
  expect(cluster.place()).toBe(3);
  cluster.join(new TestNode(4));
  expect(cluster.placeMany(2)).toEqual([4, 1]);
  cluster.remove(1); // the node picked last
  expect(cluster.placeMany(3)).toEqual([3, 4, 3]);
  cluster.join(new TestNode(2)); // nodes may be told in any order
  expect(cluster.placeMany(3)).toEqual([4, 2, 3]);
});

test("roundrobin passes over a node that cannot take the task", () => {
  const cluster = new Cluster("roundrobin", [{}, {}, {}]);
  cluster.change(2, { availability: "pause" });
  expect(cluster.placeMany(3)).toEqual([1, 3, 1]);
  cluster.change(2, { availability: "active" });
  expect(cluster.placeMany(3)).toEqual([2, 3, 1]);
});

test("after a restart roundrobin resumes behind the node that was given the last task, known by then or not", () => {
  for (const isKnown of [true, false]) {
    const cluster = new Cluster("roundrobin", isKnown ? [{}, {}, {}] : []);
    cluster.scheduler.resume("id-of-worker2");
    if (!isKnown) for (const number of [3, 1, 2]) cluster.join(new TestNode(number));
    expect(cluster.placeMany(3)).toEqual([3, 1, 2]);
  }
  const forgotten = new Cluster("roundrobin", [{}, {}]);
  forgotten.scheduler.resume("id-of-a-node-that-was-removed");
  expect(forgotten.placeMany(3)).toEqual([1, 2, 1]);
});

test("asking for an explanation changes nothing", () => {
  const cluster = new Cluster("roundrobin", [{}, {}]);
  cluster.place();
  const explained = cluster.scheduler.explain(request());
  expect(cluster.scheduler.explain(request())).toEqual(explained);
  expect(explained).toMatchObject({
    chosen: undefined,
    considered: 2,
    costs: [{ node: "worker2" }, { node: "worker1" }],
  });
  expect(cluster.place()).toBe(2);
});

test("measured use counts where it is larger than what is reserved, unless it is left out", () => {
  const busy = { cpu: 3, memory: 0, disk: 0 };
  for (const [costUse, chosen, share] of [
    ["measured", 2, 0.025],
    ["reserved", 1, 0.025],
  ] as const) {
    const cluster = new Cluster("greedy", [{}, {}], costUse);
    cluster.change(1, { used: busy });
    expect(cluster.scheduler.explain(request()).costs[0]?.cost).toBe(share);
    expect(cluster.place()).toBe(chosen);
  }
  const idle = new Cluster("greedy", [{}, {}], "measured");
  idle.change(1, { used: { cpu: 0, memory: 0, disk: 0 } });
  expect(idle.placeMany(4, request({ cpu: 1 }))).toEqual([1, 2, 1, 2]);
});

test("measured use never keeps a node from what it has left, and never gives it more", () => {
  const cluster = new Cluster("greedy", [{}], "measured");
  cluster.change(1, { used: { cpu: 4, memory: 8 * GIB, disk: 0 } });
  expect(cluster.placeMany(5, request({ cpu: 1 }))).toEqual([1, 1, 1, 1, 0]);
  cluster.change(1, { used: { cpu: 0, memory: 0, disk: 0 } });
  expect(cluster.place(request({ cpu: 1 }))).toBe(0);
});

test("a node is never given more than it has, ports included", () => {
  const cluster = new Cluster("binpack", [{}, {}, {}]);
  const onPort = request({ ports: [{ container: 80, host: 8080 }] });
  expect(cluster.placeMany(4, onPort)).toEqual([1, 2, 3, 0]);
  expect(cluster.placeMany(4, request({ cpu: 3 }))).toEqual([1, 2, 3, 0]);
  cluster.scheduler.update(cluster.node(2).end("task2/1").end("task5/1"));
  expect([cluster.place(onPort), cluster.place(request({ cpu: 3 }))]).toEqual([2, 2]);
});

test("the smallest single change is the one that takes the smallest share of a node", () => {
  const cluster = new Cluster("greedy", [{ memory: 4 * GIB }, { memory: 64 * GIB }, { memory: 8 * GIB }]);
  cluster.scheduler.update(cluster.node(2).place("big/1", request({ memory: "57GiB" })));
  const wouldFitIf = (task: PlacementRequest) => cluster.scheduler.decide(task).wouldFitIf;
  expect(wouldFitIf(request({ memory: "10GiB" }))).toBe("3 GiB more memory on worker2"); // 5 % of it, not 25 % of worker3
  expect(wouldFitIf(request({ memory: "10GiB", cpu: 5 }))).toBeUndefined(); // two changes everywhere
  expect(wouldFitIf(request({ cpu: 6 }))).toBe("2 cores more on worker1");
  cluster.change(3, { availability: "drain" });
  expect(wouldFitIf(request({ memory: "8GiB", constraints: ["node != worker2"] }))).toBe("activate worker3");
});

test("a decision lists the best few and some of the rejected; an explanation lists all", () => {
  const cluster = new Cluster(
    "greedy",
    Array.from({ length: 20 }, (_, index) => ({ cpu: index % 2 === 0 ? 0 : 8 })),
  );
  const decided = cluster.scheduler.decide(request());
  expect(decided).toMatchObject({
    scheduler: "greedy",
    considered: 20,
    chosen: "id-of-worker2",
    wouldFitIf: undefined,
  });
  expect(decided.costs.map(({ node }) => node)).toEqual(["worker2", "worker4", "worker6", "worker8", "worker10"]);
  expect(decided.rejected.map(({ node }) => node)).toEqual(["worker1", "worker3", "worker5", "worker7", "worker9"]);
  const explained = cluster.scheduler.explain(request());
  expect([explained.costs.length, explained.rejected.length]).toEqual([10, 10]);
  expect(explained.costs.slice(0, 5)).toEqual(decided.costs);
  expect(cluster.scheduler.decide(request({ cpu: 9 })).rejected.length).toBe(20);
});

test.each(["roundrobin", "greedy", "epvm", "binpack", "spread"])(
  "%s tells of a decision what it told at once, however many came after it and whatever nodes are called by then",
  (algorithm) => {
    const cluster = new Cluster(
      algorithm,
      Array.from({ length: 8 }, () => ({ cpu: 64, memory: 64 * GIB })),
    );
    const tasks = [request({ cpu: 0.01, memory: "1MiB" }), request({ cpu: 0.02, memory: "2MiB" })];
    const told: [Decision, unknown][] = [];
    for (let number = 1; number <= 3000; number += 1) {
      if (number % 1000 === 0) cluster.change(1 + (number % 7), { name: `renamed${String(number)}` });
      const task = number % 500 === 0 ? request({ cpu: 0.001 * number }) : tasks[number % 2];
      if (task === undefined) continue;
      const best = cluster.scheduler.explain(task).costs.slice(0, 5);
      const decision = cluster.scheduler.decide(task);
      expect(decision.costs).toEqual(best);
      told.push([decision, decision.costs]);
      cluster.place(task);
    }
    for (const [decision, costs] of told) expect(decision.costs).toEqual(costs);
  },
);

test("a cluster without nodes has nothing to say", () => {
  const decision = newScheduler("epvm", "measured").decide(request());
  expect([decision.scheduler, decision.considered, decision.chosen, decision.wouldFitIf]).toEqual([
    "epvm",
    0,
    undefined,
    undefined,
  ]);
  expect([decision.costs, decision.rejected, decision.rejectedBy]).toEqual([[], [], {}]);
});
