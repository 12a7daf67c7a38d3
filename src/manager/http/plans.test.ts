/** What if, over HTTP: the answer's form, what is refused and how, and that nothing comes of it. */
import { setImmediate } from "node:timers/promises";
import { Compile } from "typebox/compile";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ManagerApi, type PlayedWorker } from "../../../test/support/manager-api.ts";
import { createToken, TokenSet } from "../../api/access.ts";
import { type PlansJson, PlansJsonSchema } from "../../api/plan-json.ts";
import type { Problem } from "../../api/problems.ts";
import { REPORTED } from "../../protocol/messages.ts";

const ID = "21b23589-5d2d-4731-b5c9-a97e9832d021";
const GIB = 2 ** 30;

let manager: ManagerApi;
let workers: readonly PlayedWorker[];

beforeEach(async () => {
  manager = await ManagerApi.open();
  workers = [await manager.join("worker1"), await manager.join("worker2")];
});
afterEach(async () => {
  await manager[Symbol.asyncDispose]();
});

async function post(body: unknown) {
  return manager.app.inject({ method: "POST", url: "/plans", payload: JSON.stringify(body), headers: JSON_TYPE });
}

const JSON_TYPE = { "content-type": "application/json" };

async function planOf(body: unknown): Promise<PlansJson> {
  const response = await post(body);
  expect([response.statusCode, response.headers["content-type"]]).toEqual([200, "application/json; charset=utf-8"]);
  const plans = response.json<PlansJson>();
  expect(Compile(PlansJsonSchema).Errors(plans)).toEqual([]);
  return plans;
}

async function start(document: { readonly id: string } & Record<string, unknown>): Promise<void> {
  const payload = JSON.stringify({ image: "x", ...document });
  await manager.app.inject({ method: "POST", url: "/tasks", payload, headers: JSON_TYPE });
}

/** All that can be read of the cluster. */
async function everything(): Promise<unknown> {
  const urls = ["/tasks", "/nodes", `/tasks/${ID}/events`];
  const answers = await Promise.all(urls.map(async (url) => manager.app.inject({ url })));
  return answers.map((answer) => answer.json<unknown>());
}

test("one task: where it would go and why, and then it goes there", async () => {
  const plans = await planOf({ tasks: { name: "web", image: "x", memory: "1GiB" } });
  expect(plans).toMatchObject({
    fits: true,
    notes: [],
    plans: [
      {
        scheduler: "greedy",
        placements: [
          {
            task: { id: null, name: "web", index: 0 },
            outcome: "placed",
            from: null,
            to: "worker1",
            afterMs: null,
            explanation: { considered: 2, costs: [{ node: "worker1" }, { node: "worker2" }], rejected: [] },
          },
        ],
        nodes: [{ name: "worker1", before: { tasks: 0 }, after: { tasks: 1, reserved: { memory: GIB } } }],
        capacity: [],
      },
    ],
  });
  await start({ id: ID, name: "web", memory: "1GiB" });
  expect((await manager.app.inject({ url: `/tasks/${ID}` })).json()).toMatchObject({ node: "worker1" });
});

test("a list, under several algorithms, with what fits nowhere", async () => {
  const tasks = [
    { image: "x", memory: "6GiB" },
    { image: "x", memory: "9GiB" },
    { image: "x", memory: "1GiB", priority: 90 },
  ];
  const { fits, plans } = await planOf({ tasks, schedulers: ["binpack", "spread", "binpack"] });
  expect([fits, ...plans.map(({ scheduler }) => scheduler)]).toEqual([false, "binpack", "spread"]);
  for (const { placements } of plans) {
    expect(placements.map(({ task, outcome }) => [task.index, outcome])).toEqual([
      [2, "placed"],
      [0, "placed"],
      [1, "waits"],
    ]);
    expect(placements[2]?.explanation).toMatchObject({
      considered: 2,
      wouldFitIf: expect.stringContaining("more memory") as string,
    });
    expect(placements[2]?.explanation?.rejected).toHaveLength(2);
  }
});

test("an event is planned as its task, and one that stops a task is not", async () => {
  const Task = { ID, Name: "cube", Image: "x" };
  const { plans } = await planOf({ tasks: { ID, State: 2, Task } });
  expect(plans[0]?.placements).toMatchObject([{ task: { id: ID, name: "cube" }, outcome: "placed" }]);
  const stop = await post({ tasks: { ID, State: 3, Task } });
  expect([stop.statusCode, stop.json<Problem>().errors?.[0]?.path]).toEqual([400, "/tasks"]);
});

test("nodes that go: what moves, when, and what stays; nothing of it happens", async () => {
  await start({ id: ID, name: "careful", reschedule: { onDisconnect: "stop" } });
  const [first] = workers;
  await first?.report(ID, { state: REPORTED.running, reason: "running", startedAt: 1 });
  const before = await everything();
  const lost = await planOf({ lose: ["worker1"] });
  expect(lost.plans[0]?.placements).toMatchObject([
    {
      task: { id: ID, name: "careful", index: null },
      outcome: "placed",
      from: "worker1",
      to: "worker2",
      afterMs: 23_000,
    },
  ]);
  const drained = await planOf({ drain: ["worker1", "worker1"], tasks: [{ image: "x" }] });
  expect(drained.plans[0]?.placements).toMatchObject([
    { from: "worker1", to: "worker2", afterMs: null },
    { from: null, to: "worker2" },
  ]);
  const both = await planOf({ drain: ["worker1"], lose: ["worker2"] });
  expect([both.fits, both.plans[0]?.placements[0]?.outcome]).toEqual([false, "stays"]);
  expect(await everything()).toEqual(before);
});

test("capacity: in all, by node, with what limits each; ids that are taken do not matter", async () => {
  await start({ id: ID, memory: "2GiB" });
  const { fits, plans } = await planOf({ tasks: { id: ID, image: "x", cpu: 0, memory: "3GiB" }, capacity: true });
  expect(fits).toBe(true);
  expect(plans[0]?.placements).toEqual([]);
  expect(plans[0]?.capacity).toMatchObject([
    {
      task: { id: ID },
      total: 4,
      nodes: [
        { node: "worker1", count: 2, limits: [{ filter: "memory", message: "needs 3 GiB of memory, 0 B are free" }] },
        { node: "worker2", count: 2, limits: [{ filter: "memory" }] },
      ],
      wouldFitIf: null,
    },
  ]);
  const unlimited = await planOf({ tasks: [{ image: "x", cpu: 0, memory: 0 }], capacity: true });
  expect(unlimited.plans[0]?.capacity[0]).toMatchObject({ total: null, nodes: [{ count: null }, { count: null }] });
  const none = await planOf({ tasks: [{ image: "x", cpu: 64 }], capacity: true });
  expect([none.fits, none.plans[0]?.capacity[0]?.wouldFitIf]).toEqual([false, "60 cores more on worker2"]);
});

test("a long plan comes whole", async () => {
  const tasks = Array.from({ length: 1234 }, (_, index) => ({
    image: "x",
    name: `t${String(index)}`,
    cpu: 0,
    memory: 0,
  }));
  const { plans } = await planOf({ tasks });
  expect(plans[0]?.placements.map(({ task }) => task.name)).toEqual(tasks.map(({ name }) => name));
});

test.each([
  { body: [], code: "invalid_body", path: "" },
  { body: {}, code: "invalid_body", path: "" },
  { body: { task: {} }, code: "invalid_body", path: "/task" },
  { body: { tasks: [] }, code: "invalid_body", path: "/tasks" },
  { body: { tasks: [{ image: "x" }, { imagee: "x" }] }, code: "invalid_body", path: "/tasks/1/imagee" },
  { body: { tasks: { image: "x", constraints: ["label ="] } }, code: "cannot_run", path: "/tasks/constraints/0" },
  { body: { drain: "worker1" }, code: "invalid_body", path: "/drain" },
  { body: { drain: ["worker1"], lose: ["worker1"] }, code: "invalid_body", path: "/lose" },
  { body: { drain: ["worker1"], capacity: true }, code: "invalid_body", path: "/tasks" },
  { body: { drain: ["worker1"], schedulers: ["epmv"] }, code: "invalid_body", path: "/schedulers" },
  { body: { lose: ["nobody"] }, code: "node_not_found", path: undefined },
])("$body is refused as $code at $path", async ({ body, code, path }) => {
  const response = await post(body);
  const problem = response.json<Problem>();
  expect(problem.code).toBe(code);
  expect(response.statusCode).toBe(problem.status);
  expect(problem.errors?.[0]?.path).toBe(path);
});

test("an id that is taken is refused as its submission would be", async () => {
  await start({ id: ID });
  const response = await post({ tasks: [{ image: "x" }, { id: ID, image: "x" }] });
  expect([response.statusCode, response.json<Problem>().code]).toEqual([409, "id_taken"]);
  expect(response.json<Problem>().errors).toMatchObject([{ path: "/tasks/1/id" }]);
});

test("a plan that is about too much is refused, whatever makes it so", async () => {
  const tasks = Array.from({ length: 50_001 }, () => ({ image: "x" }));
  const response = await post({ tasks, schedulers: ["greedy", "epvm"] });
  expect([response.statusCode, response.json<Problem>().code]).toEqual([422, "plan_too_large"]);
  expect(response.json<Problem>().detail).toContain("100002");
  const counted = await post({ tasks, capacity: true });
  expect(counted.json<Problem>().code).toBe("plan_too_large");
});

test("the scope read is enough, and needed", async () => {
  const reader = createToken(["read"], 0);
  const node = createToken(["node"], 0);
  const tokens = TokenSet.parse(`${reader.line}\n${node.line}\n`);
  await using guarded = await ManagerApi.open({
    access: { listenHost: "127.0.0.1", tokens },
  });
  const ask = async (token: string) => {
    const headers = { ...JSON_TYPE, authorization: `Bearer ${token}` };
    const payload = JSON.stringify({ tasks: { image: "x" } });
    return (await guarded.app.inject({ method: "POST", url: "/plans", payload, headers })).statusCode;
  };
  expect([await ask(reader.token), await ask(node.token), await ask("x")]).toEqual([200, 403, 401]);
});

test("while the store is full plans are made all the same", async () => {
  manager.store.isFull = true;
  await start({ id: ID });
  expect((await planOf({ tasks: { image: "x" } })).plans[0]?.placements).toHaveLength(1);
});

test("while a long plan is made, others are served", async () => {
  const tasks = Array.from({ length: 10_000 }, () => ({ image: "x", cpu: 0, memory: 0 }));
  let isDone = false;
  const plan = planOf({ tasks, schedulers: ["greedy", "epvm", "spread"] }).finally(() => (isDone = true));
  let served = 0;
  while (!isDone) {
    await manager.app.inject({ url: "/nodes" });
    served += 1;
    await setImmediate();
  }
  expect((await plan).plans.map(({ placements }) => placements.length)).toEqual([10_000, 10_000, 10_000]);
  expect(served).toBeGreaterThan(10);
});
