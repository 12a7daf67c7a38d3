import type { InjectOptions } from "fastify";
import { Compile } from "typebox/compile";
import { afterEach, expect, test, vi } from "vitest";
import { WorkerApi } from "../../../test/support/worker-api.ts";
import { createToken, TokenSet } from "../../api/access.ts";
import { WorkerStatsJsonSchema } from "../../api/stats-json.ts";
import { type TaskJson, TaskJsonSchema } from "../../api/task-json.ts";

const ID = "21b23589-5d2d-4731-b5c9-a97e9832d021";
const OTHER = "6be4cb6b-61d1-40cb-bc7b-9cacefefa60c";
const TASK = { image: "x", runtime: "hollow" };

const NUMBER: unknown = expect.any(Number);
const TIME: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

const workers: WorkerApi[] = [];

afterEach(async () => {
  await Promise.all(workers.splice(0).map(async (worker) => worker[Symbol.asyncDispose]()));
});

async function open(access: ConstructorParameters<typeof WorkerApi>[0] = {}) {
  const worker = new WorkerApi(access);
  workers.push(worker);
  await worker.host.open();
  const { app } = worker;
  return {
    worker,
    get: (url: string) => app.inject({ url }),
    post: (payload: object, headers: Record<string, string> = {}) =>
      app.inject({ method: "POST", url: "/tasks", payload, headers }),
    statusOf: async (request: InjectOptions) => (await app.inject(request)).statusCode,
  };
}

test("a task runs here: the same body and the same answer as at the manager", async () => {
  const { get, post } = await open();
  const registryAuth = { username: "u", password: "hidden" };
  const response = await post({
    ...TASK,
    id: ID,
    name: "echo",
    env: { A: { value: "hidden", secret: true } },
    registryAuth,
  });
  expect([response.statusCode, response.headers.location]).toEqual([201, `/tasks/${ID}`]);
  expect(Compile(TaskJsonSchema).Errors(response.json())).toEqual([]);
  expect(response.json()).toMatchObject({ id: ID, name: "echo", node: "worker1", attempt: 1 });
  expect(response.payload).not.toContain("hidden");
  await vi.waitFor(async () => {
    expect((await get(`/tasks/${ID}`)).json()).toMatchObject({ id: ID, state: "running" });
  });
  expect((await get("/tasks")).json<TaskJson[]>().map(({ id }) => id)).toEqual([ID]);
});

test("lists, ids alone and events are taken too", async () => {
  const { post } = await open();
  const list = await post([TASK, TASK], { prefer: "return=minimal" });
  expect([list.statusCode, list.json<string[]>().length]).toEqual([201, 2]);
  await post({ ...TASK, id: ID });
  const stopped = await post({ State: 3, Task: { ID } });
  expect([stopped.statusCode, stopped.json<TaskJson>().desired]).toEqual([201, "stop"]);
  expect((await post({ State: 3, Task: { ID: OTHER } })).statusCode).toBe(404);
});

test.each([
  [{ ...TASK, nmae: "y" }, 400, "invalid_body"],
  [{ ...TASK, workingDir: "x" }, 422, "cannot_run"],
  [{ ...TASK, memory: "64GiB" }, 409, "worker_refused"],
  [{ image: "x" }, 409, "worker_refused"],
  [{ State: 2, Task: { Image: "x" } }, 409, "worker_refused"],
  [{ ...TASK, id: OTHER }, 409, "id_taken"],
])("%j is refused: %i %s", async (body, status, code) => {
  const { post } = await open();
  await post({ ...TASK, id: OTHER });
  const response = await post(body);
  expect([response.statusCode, response.json<{ code: string }>().code]).toEqual([status, code]);
});

test("an Idempotency-Key is not kept here, and says so", async () => {
  const { post } = await open();
  const response = await post(TASK, { "idempotency-key": "k" });
  expect([response.statusCode, response.json<{ code: string }>().code]).toEqual([400, "invalid_header"]);
});

test("stopping is 204, of the unknown 404", async () => {
  const { post, statusOf } = await open();
  await post({ ...TASK, id: ID });
  expect(await statusOf({ method: "DELETE", url: `/tasks/${ID}` })).toBe(204);
  expect(await statusOf({ method: "DELETE", url: `/tasks/${ID}` })).toBe(204);
  expect(await statusOf({ method: "DELETE", url: `/tasks/${OTHER}` })).toBe(404);
  expect(await statusOf({ url: `/tasks/${OTHER}` })).toBe(404);
  expect(await statusOf({ url: "/tasks/7" })).toBe(404);
});

test("stats are the machine's, null where nothing is measured yet", async () => {
  const { worker, get } = await open();
  const stats = (await get("/stats")).json<unknown>();
  expect(Compile(WorkerStatsJsonSchema).Errors(stats)).toEqual([]);
  expect(stats).toEqual({
    node: "worker1",
    at: TIME,
    uptime: NUMBER,
    cpu: { cores: 2, used: 0.25, load: [0.5, 0.25, 0.125] },
    memory: { total: 1000, available: 600, used: 400 },
    disk: { path: "/var/lib/birdman", total: 2000, available: 500, used: 1500 },
    tasks: { pending: 0, scheduled: 0, running: 0, completed: 0, failed: 0 },
  });
  worker.machine.use = undefined;
  const unmeasured = (await get("/stats")).json<unknown>();
  expect(Compile(WorkerStatsJsonSchema).Errors(unmeasured)).toEqual([]);
  expect(unmeasured).toMatchObject({ cpu: { cores: 2, used: null, load: null } });
});

test("it is guarded as the manager is", async () => {
  const { token, line } = createToken(["read"], 0);
  const { statusOf } = await open({ tokens: TokenSet.parse(line) });
  const headers = { authorization: `Bearer ${token}` };
  expect(await statusOf({ url: "/stats" })).toBe(401);
  expect(await statusOf({ url: "/stats", headers })).toBe(200);
  expect(await statusOf({ url: "/tasks", method: "POST", payload: TASK, headers })).toBe(403);
  expect(await statusOf({ url: `/tasks/${ID}`, method: "DELETE", headers })).toBe(403);
  expect(await statusOf({ url: "/healthz" })).toBe(200);
  expect(await statusOf({ url: "/stats", headers: { ...headers, host: "evil.example" } })).toBe(421);
  expect(await statusOf({ url: "/stats", headers: { ...headers, origin: "http://evil.example" } })).toBe(403);
  expect(await statusOf({ url: "/tasks", method: "PUT", headers })).toBe(405);
  expect(await statusOf({ url: "/tasks?state=running", headers })).toBe(400);
});
