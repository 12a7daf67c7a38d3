import { Compile } from "typebox/compile";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ManagerApi, type PlayedWorker } from "../../../test/support/manager-api.ts";
import { NodeJsonSchema } from "../../api/node-json.ts";
import { ClusterStatsJsonSchema } from "../../api/stats-json.ts";

const GIB = 2 ** 30;
const ID = "21b23589-5d2d-4731-b5c9-a97e9832d021";

let manager: ManagerApi;
let worker: PlayedWorker;

beforeEach(async () => {
  manager = await ManagerApi.open();
  worker = await manager.join("worker1");
});

afterEach(async () => {
  await manager[Symbol.asyncDispose]();
});

const NUMBER: unknown = expect.any(Number);
const TIME: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

const WORKER1 = {
  name: "worker1",
  status: "ready",
  availability: "active",
  address: "127.0.0.1",
  labels: { disk: "ssd" },
  runtimes: ["docker"],
  version: "0.1.0",
  capacity: { cpu: 4, memory: 8 * GIB, disk: 100 * GIB },
  reserved: { cpu: 0.5, memory: 64 * 2 ** 20, disk: 0 },
  used: { cpu: 0.1, memory: GIB, disk: GIB },
  tasks: { scheduled: 1, running: 0 },
  reason: "",
  joinedAt: TIME,
  lastSeenAt: TIME,
};

test("nodes are as the contract has them", async () => {
  await manager.app.inject({ method: "POST", url: "/tasks", payload: { id: ID, image: "x", cpu: 0.5 } });
  const list = await manager.app.inject({ url: "/nodes" });
  expect(list.json()).toEqual([WORKER1]);
  const one = await manager.app.inject({ url: "/nodes/worker1" });
  expect(one.json()).toEqual(WORKER1);
  expect(Compile(NodeJsonSchema).Errors(one.json())).toEqual([]);
  const none = await manager.app.inject({ url: "/nodes/worker%202" });
  expect([none.statusCode, none.json<{ detail: string }>().detail]).toEqual([404, "there is no node worker 2"]);
});

test("availability is set, anything else refused", async () => {
  const patch = (payload: object, name = "worker1") =>
    manager.app.inject({ method: "PATCH", url: `/nodes/${name}`, payload });
  expect((await patch({ availability: "drain" })).json()).toMatchObject({ name: "worker1", availability: "drain" });
  const wrong = await patch({ availability: "drian", labels: {} });
  expect(wrong.statusCode).toBe(400);
  expect(wrong.json<{ errors: unknown }>().errors).toEqual([
    { path: "/availability", message: 'must be one of "active", "pause", "drain"; did you mean "drain"?' },
    { path: "/labels", message: 'unknown field "labels"' },
  ]);
  expect((await patch({})).json<{ detail: string }>().detail).toBe('the body: "availability" is missing');
  expect((await patch({ availability: "pause" }, "worker9")).statusCode).toBe(404);
  expect((await manager.app.inject({ method: "PATCH", url: "/nodes/worker1" })).statusCode).toBe(400);
});

test("a node is forgotten once it is down", async () => {
  const remove = () => manager.app.inject({ method: "DELETE", url: "/nodes/worker1" });
  const up = await remove();
  expect([up.statusCode, up.json<{ code: string }>().code]).toEqual([409, "node_up"]);
  worker.leave();
  await vi.waitFor(async () => {
    expect((await manager.host.node("worker1"))?.status).toBe("left");
  });
  expect((await remove()).statusCode).toBe(204);
  expect((await remove()).statusCode).toBe(404);
});

test("stats are the cluster's totals", async () => {
  await manager.app.inject({ method: "POST", url: "/tasks", payload: { id: ID, image: "x", cpu: 0.5 } });
  const stats = (await manager.app.inject({ url: "/stats" })).json<unknown>();
  expect(Compile(ClusterStatsJsonSchema).Errors(stats)).toEqual([]);
  expect(stats).toEqual({
    tasks: { pending: 0, scheduled: 1, running: 0, completed: 0, failed: 0 },
    nodes: { ready: 1, unreachable: 0, lost: 0 },
    capacity: WORKER1.capacity,
    reserved: WORKER1.reserved,
    used: WORKER1.used,
    scheduler: "greedy",
    store: "memory",
    uptime: NUMBER,
  });
});
