import { Compile } from "typebox/compile";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ManagerApi } from "../../../test/support/manager-api.ts";
import { EventJsonSchema } from "../../api/event-json.ts";
import { PlacementJsonSchema } from "../../api/placement-json.ts";
import { type TaskJson, TaskJsonSchema } from "../../api/task-json.ts";
import { REPORTED } from "../../protocol/messages.ts";

const ID = "21b23589-5d2d-4731-b5c9-a97e9832d021";
const OTHER = "6be4cb6b-61d1-40cb-bc7b-9cacefefa60c";

let manager: ManagerApi;

beforeEach(async () => {
  manager = await ManagerApi.open();
});

afterEach(async () => {
  await manager[Symbol.asyncDispose]();
});

const post = (payload: object, headers: Record<string, string> = {}) =>
  manager.app.inject({ method: "POST", url: "/tasks", payload, headers });
const get = (url: string) => manager.app.inject({ method: "GET", url });

const TIME: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const textWith = (part: string): unknown => expect.stringContaining(part);

const RUNNING = {
  state: REPORTED.running,
  reason: "running",
  containerId: "c0ffee",
  health: "healthy",
  startedAt: Date.parse("2026-11-23T08:00:00.120Z"),
  ports: [{ container: 7777, host: 20_001, protocol: "tcp", address: "127.0.0.1" }],
} as const;
const ENDED = {
  state: REPORTED.completed,
  reason: "exited with 0",
  exitCode: 0,
  finishedAt: Date.parse("2026-11-23T09:00:00Z"),
};

test("a task is accepted with the whole of the contract's answer", async () => {
  const env = { A: "1", B: { value: "hidden", secret: true } };
  const registryAuth = { username: "u", password: "hidden" };
  const response = await post({ id: ID, name: "echo", image: "x", memory: "128MiB", env, registryAuth });
  expect(response.statusCode).toBe(201);
  expect(response.headers).toMatchObject({
    location: `/tasks/${ID}`,
    "content-type": "application/json; charset=utf-8",
    "x-content-type-options": "nosniff",
  });
  expect(response.payload).not.toContain("hidden");
  expect(response.json()).toEqual({
    id: ID,
    name: "echo",
    spec: {
      id: ID,
      name: "echo",
      image: "x",
      env: { A: "1" },
      runtime: "docker",
      pull: "missing",
      cpu: 0.1,
      memory: "128MiB",
      disk: 0,
      ports: [],
      volumes: [],
      restart: { policy: "on-failure", attempts: 3, window: "10m", delay: "1s", delayMax: "1m" },
      reschedule: { attempts: 5, delay: "5s", onDisconnect: "replace" },
      priority: 50,
      startTimeout: "5m",
      stopTimeout: "10s",
    },
    state: "pending",
    desired: "run",
    node: null,
    attempt: 0,
    restarts: 0,
    containerId: null,
    ports: [],
    health: "none",
    exitCode: null,
    reason: textWith("no node"),
    used: null,
    createdAt: TIME,
    scheduledAt: null,
    startedAt: null,
    finishedAt: null,
  });
});

test("a task is shown in every state as the schema has it", async () => {
  const validator = Compile(TaskJsonSchema);
  await post({ id: ID, image: "x", ports: [{ container: 7777 }], health: { tcp: {} } });
  const pending = (await get(`/tasks/${ID}`)).json<TaskJson>();
  const worker = await manager.join("worker1");
  await worker.report(ID, RUNNING);
  const running = (await get(`/tasks/${ID.toUpperCase()}`)).json<TaskJson>();
  await worker.report(ID, ENDED);
  const ended = (await get(`/tasks/${ID}`)).json<TaskJson>();
  for (const task of [pending, running, ended]) expect(validator.Errors(task)).toEqual([]);
  expect(running).toMatchObject({
    state: "running",
    node: "worker1",
    attempt: 1,
    containerId: "c0ffee",
    health: "healthy",
    ports: RUNNING.ports,
    startedAt: "2026-11-23T08:00:00.120Z",
  });
  expect(ended).toMatchObject({ state: "completed", exitCode: 0, finishedAt: "2026-11-23T09:00:00.000Z" });
});

test("a list is accepted whole, and answered with a list", async () => {
  const response = await post([{ id: ID, image: "x" }, { image: "y" }]);
  expect(response.statusCode).toBe(201);
  expect(response.headers).not.toHaveProperty("location");
  expect(response.json<TaskJson[]>().map(({ spec }) => spec.image)).toEqual(["x", "y"]);
});

test("a long list comes back whole and in order", async () => {
  const names = Array.from({ length: 1234 }, (_, index) => `t${String(index)}`);
  const response = await post(names.map((name) => ({ name, image: "x" })));
  expect(response.json<TaskJson[]>().map(({ name }) => name)).toEqual(names);
});

test("with return=minimal ids alone are answered", async () => {
  const headers = { prefer: "respond-async, return=minimal" };
  const one = await post({ id: ID, image: "x" }, headers);
  expect(one.headers).toMatchObject({ location: `/tasks/${ID}`, "preference-applied": "return=minimal" });
  expect(one.json()).toBe(ID);
  const list = await post([{ id: OTHER, image: "x" }], { prefer: "return=minimal" });
  expect(list.json()).toEqual([OTHER]);
});

test("an id is accepted once, and a list with a taken one not at all", async () => {
  await post({ id: ID, image: "x" });
  const response = await post([
    { id: OTHER, image: "x" },
    { id: ID.toUpperCase(), image: "x" },
  ]);
  expect(response.statusCode).toBe(409);
  expect(response.json()).toMatchObject({ code: "id_taken", errors: [{ path: "/1/id" }] });
  expect((await get(`/tasks/${OTHER}`)).statusCode).toBe(404);
});

test("the same Idempotency-Key is answered with the same task, another body under it refused", async () => {
  const headers = { "idempotency-key": "k1" };
  const first = await post({ image: "x" }, headers);
  const again = await post({ image: "x" }, headers);
  expect(again.statusCode).toBe(201);
  expect(again.json<TaskJson>().id).toBe(first.json<TaskJson>().id);
  const other = await post({ image: "y" }, headers);
  expect([other.statusCode, other.json<{ code: string }>().code]).toEqual([422, "idempotency_mismatch"]);
  const invalid = await post({ image: "x" }, { "idempotency-key": "a b" });
  expect([invalid.statusCode, invalid.json<{ code: string }>().code]).toEqual([400, "invalid_header"]);
});

test("a refused body is a problem that names each field", async () => {
  const response = await post({ image: "x", nmae: "y", cpu: -1 });
  expect(response.statusCode).toBe(400);
  expect(response.headers["content-type"]).toBe("application/problem+json; charset=utf-8");
  expect(response.json()).toEqual({
    type: "urn:birdman:problem:invalid_body",
    title: "Invalid body",
    status: 400,
    detail: '/nmae: unknown field "nmae"; did you mean "name"? (and 1 more)',
    code: "invalid_body",
    errors: [
      { path: "/nmae", message: 'unknown field "nmae"; did you mean "name"?' },
      { path: "/cpu", message: "must be at least 0" },
    ],
  });
});

test("an event starts its task, and with state 3 stops it", async () => {
  const Task = { ID, Name: "echo", Image: "x" };
  const started = await post({ ID: OTHER, State: 2, Task });
  expect([started.statusCode, started.json<TaskJson>().id]).toEqual([201, ID]);
  const stopped = await post({ ID: OTHER, State: 3, Task });
  expect([stopped.statusCode, stopped.json<TaskJson>().state]).toEqual([201, "completed"]);
  const unknown = await post({ State: 3, Task: { ID: OTHER } });
  expect([unknown.statusCode, unknown.json<{ code: string }>().code]).toEqual([404, "task_not_found"]);
});

test("stopping is 204, also for what has ended; what is unknown is 404", async () => {
  await post({ id: ID, image: "x" });
  const stop = (id: string) => manager.app.inject({ method: "DELETE", url: `/tasks/${id}` });
  expect((await stop(ID)).statusCode).toBe(204);
  const again = await stop(ID);
  expect([again.statusCode, again.payload]).toEqual([204, ""]);
  expect((await stop(OTHER)).statusCode).toBe(404);
  expect((await stop("7")).statusCode).toBe(404);
  expect((await get(`/tasks/${ID}`)).json()).toMatchObject({
    state: "completed",
    reason: textWith("stopped on request"),
  });
});

test("stopping does not mind a content type without a body", async () => {
  await post({ id: ID, image: "x" });
  const headers = { "content-type": "application/json" };
  expect((await manager.app.inject({ method: "DELETE", url: `/tasks/${ID}`, headers })).statusCode).toBe(204);
});

test("a restart is 202, of an ended task 409", async () => {
  const worker = await manager.join("worker1");
  await post({ id: ID, image: "x" });
  await worker.report(ID, RUNNING);
  const restart = (id: string) => manager.app.inject({ method: "POST", url: `/tasks/${id}/restart` });
  const response = await restart(ID);
  expect([response.statusCode, response.json<TaskJson>().id]).toEqual([202, ID]);
  await post({ id: OTHER, image: "x" });
  await worker.report(OTHER, ENDED);
  const ended = await restart(OTHER);
  expect([ended.statusCode, ended.json<{ code: string }>().code]).toEqual([409, "task_ended"]);
  expect((await restart("7")).statusCode).toBe(404);
});

test("lists are filtered, paged by a link, newest first", async () => {
  const worker = await manager.join("worker1");
  await post([
    { name: "a", image: "x", labels: { tier: "web" } },
    { name: "b", image: "x", id: ID, labels: { tier: "db" } },
    { name: "c", image: "x", labels: { tier: "web", zone: "1" } },
  ]);
  await worker.report(ID, RUNNING);
  const names = async (query: string) => (await get(`/tasks?${query}`)).json<TaskJson[]>().map(({ name }) => name);
  expect(await names("")).toEqual(["c", "b", "a"]);
  expect(await names("state=running")).toEqual(["b"]);
  expect(await names("node=worker1")).toEqual(["c", "b", "a"]);
  expect(await names("node=worker2")).toEqual([]);
  expect(await names("name=c")).toEqual(["c"]);
  expect(await names("label=tier%3Dweb")).toEqual(["c", "a"]);
  expect(await names("label=zone")).toEqual(["c"]);
  expect(await names("prefix=21B2")).toEqual(["b"]);

  const first = await get("/tasks?limit=2&label=tier");
  expect(first.json<TaskJson[]>().map(({ name }) => name)).toEqual(["c", "b"]);
  const link = /^<(.*)>; rel="next"$/.exec(String(first.headers["link"]))?.[1] ?? "";
  const last = await get(link);
  expect(last.json<TaskJson[]>().map(({ name }) => name)).toEqual(["a"]);
  expect(last.headers).not.toHaveProperty("link");
});

test.each(["/tasks?stat=running", "/tasks?limit=0", `/tasks/${ID}?x=1`, "/nodes?x=1", "/stats?x=1"])(
  "%s is refused for its query",
  async (url) => {
    const response = await get(url);
    expect([response.statusCode, response.json<{ code: string }>().code]).toEqual([400, "invalid_query"]);
  },
);

test("history and placement are as their schemas have them", async () => {
  await post({ id: ID, image: "x", memory: "100GiB" });
  await manager.join("worker1");
  const events = (await get(`/tasks/${ID}/events`)).json<object[]>();
  for (const event of events) expect(Compile(EventJsonSchema).Errors(event)).toEqual([]);
  expect(events[0]).toMatchObject({ kind: "task", task: ID, from: null, to: "pending" });
  const placement = (await get(`/tasks/${ID}/placement`)).json<unknown>();
  expect(Compile(PlacementJsonSchema).Errors(placement)).toEqual([]);
  expect(placement).toMatchObject({
    taskId: ID,
    attempt: 0,
    scheduler: "greedy",
    considered: 1,
    chosen: null,
    costs: [],
    rejected: [{ node: "worker1", filters: [{ filter: "memory" }] }],
    wouldFitIf: textWith("worker1"),
  });
  await post({ id: OTHER, image: "x" });
  const placed = (await get(`/tasks/${OTHER}/placement`)).json<unknown>();
  expect(Compile(PlacementJsonSchema).Errors(placed)).toEqual([]);
  expect(placed).toMatchObject({ chosen: "worker1", wouldFitIf: null, costs: [{ node: "worker1" }] });
  expect((await get("/tasks/7/events")).statusCode).toBe(404);
  expect((await get("/tasks/7/placement")).statusCode).toBe(404);
});

test("a full store is 507 for what changes something, and still read", async () => {
  await post({ id: ID, image: "x" });
  manager.store.isFull = true;
  const response = await post({ image: "x" });
  expect([response.statusCode, response.json<{ code: string }>().code]).toEqual([507, "store_full"]);
  const again = await manager.app.inject({ method: "DELETE", url: `/tasks/${ID}` });
  expect(again.statusCode).toBe(507);
  expect((await get(`/tasks/${ID}`)).json()).toMatchObject({ id: ID, state: "pending" });
});

test("while the manager starts everything is 503 but its health; when it stops, too", async () => {
  await using starting = ManagerApi.starting();
  const at = (url: string) => starting.app.inject({ url });
  const early = await at("/tasks");
  expect([early.statusCode, early.headers["retry-after"]]).toEqual([503, "1"]);
  expect((await at("/readyz")).statusCode).toBe(503);
  expect((await at("/healthz")).json()).toEqual({ status: "ok" });
  await starting.host.open();
  expect((await at("/readyz")).json()).toEqual({ status: "ready" });
  expect((await at("/tasks")).json()).toEqual([]);
  await starting.host.close();
  expect((await at("/tasks")).statusCode).toBe(503);
});
