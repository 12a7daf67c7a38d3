import { afterEach, beforeEach, expect, test } from "vitest";
import { ManagerApi } from "../../../test/support/manager-api.ts";
import type { Problem } from "../../api/problems.ts";
import { REPORTED } from "../../protocol/messages.ts";

const ID = "21b23589-5d2d-4731-b5c9-a97e9832d021";
const EVENT = {
  ID: "6be4cb6b-61d1-40cb-bc7b-9cacefefa60c",
  State: 2,
  Timestamp: "2021-09-30T00:00:00Z",
  Task: {
    State: 1,
    ID,
    Name: "echo",
    Image: "x",
    ExposedPorts: { "7777/tcp": {} },
    PortBindings: { "7777/tcp": "7777" },
    HealthCheck: "/health",
  },
};

let manager: ManagerApi;

beforeEach(async () => {
  manager = await ManagerApi.open();
});

afterEach(async () => {
  await manager[Symbol.asyncDispose]();
});

const post = (payload: object) => manager.app.inject({ method: "POST", url: "/classic/tasks", payload });

const PENDING =
  `{"ID":"${ID}","ContainerID":"","Name":"echo","State":0,"Image":"x","Cpu":0,"Memory":0,"Disk":0,` +
  `"ExposedPorts":{"7777/tcp":{}},"PortBindings":{"7777/tcp":"7777"},"HostPorts":null,"RestartPolicy":"",` +
  `"StartTime":"0001-01-01T00:00:00Z","FinishTime":"0001-01-01T00:00:00Z","HealthCheck":"/health","RestartCount":0}`;

test("an event is accepted and answered, byte for byte, as Cube would", async () => {
  const response = await post(EVENT);
  expect(response.statusCode).toBe(201);
  expect(response.payload).toBe(PENDING);
});

test("lists are lists, empty ones too", async () => {
  expect((await manager.app.inject({ url: "/classic/tasks" })).payload).toBe("[]");
  await post(EVENT);
  expect((await manager.app.inject({ url: "/classic/tasks" })).payload).toBe(`[${PENDING}]`);
});

test("all tasks are listed, however many", async () => {
  const payload = Array.from({ length: 2345 }, () => ({ image: "x" }));
  await manager.app.inject({ method: "POST", url: "/tasks", payload });
  const tasks = (await manager.app.inject({ url: "/classic/tasks" })).json<{ ID: string }[]>();
  expect(new Set(tasks.map((task) => task.ID)).size).toBe(2345);
});

test("stopping is 204, of the unknown 404 without a body", async () => {
  await post(EVENT);
  const stopped = await manager.app.inject({ method: "DELETE", url: `/classic/tasks/${ID}` });
  expect([stopped.statusCode, stopped.payload]).toEqual([204, ""]);
  for (const id of ["6be4cb6b-61d1-40cb-bc7b-9cacefefa60c", "7"]) {
    const unknown = await manager.app.inject({ method: "DELETE", url: `/classic/tasks/${id}` });
    expect([unknown.statusCode, unknown.payload]).toEqual([404, ""]);
  }
});

test("an event with state 3 stops too", async () => {
  await post(EVENT);
  const stopped = await post({ ...EVENT, State: 3 });
  expect([stopped.statusCode, stopped.json<{ State: number }>().State]).toEqual([201, 3]);
  const unknown = await post({ State: 3, Task: { ID: EVENT.ID } });
  expect([unknown.statusCode, unknown.payload]).toEqual([404, ""]);
});

test.each([
  [{ State: 2, Task: { Name: "x" } }, "/Task/Image: is missing: the docker runtime needs one"],
  [{ State: 2, Task: { Image: "x", Memory: 1 } }, "/Task/Memory: is 1 bytes; no container runs with less than 6 MiB"],
  [{ State: 2, Task: { Image: "x", Bogus: 1 } }, '/Task/Bogus: unknown field "Bogus"'],
  [{ image: "x" }, 'the body: must be an event: {"ID", "State", "Task": {…}}'],
])("%j is refused in Cube's words", async (body, Message) => {
  const response = await post(body);
  expect([response.statusCode, response.json()]).toEqual([400, { HTTPStatusCode: 400, Message }]);
});

test("what is no JSON is refused in Cube's words as well", async () => {
  const headers = { "content-type": "application/json" };
  const response = await manager.app.inject({ method: "POST", url: "/classic/tasks", payload: "{", headers });
  expect(response.statusCode).toBe(400);
  expect(response.json()).toEqual({ HTTPStatusCode: 400, Message: expect.stringContaining("position 1") });
});

test("a full store says so", async () => {
  manager.store.isFull = true;
  const response = await post(EVENT);
  expect(response.statusCode).toBe(507);
  const { detail: Message } = (
    await manager.app.inject({ method: "POST", url: "/tasks", payload: { image: "x" } })
  ).json<Problem>();
  expect(Message).not.toBe("");
  expect(response.json()).toEqual({ HTTPStatusCode: 507, Message });
});

test("a running task has its host ports, a node its kB", async () => {
  const worker = await manager.join("worker1");
  await post(EVENT);
  const ports = [{ container: 7777, host: 20_001, protocol: "tcp", address: "127.0.0.1" }] as const;
  const startedAt = Date.parse("2026-11-23T08:00:00.120Z");
  await worker.report(ID, { state: REPORTED.running, reason: "running", containerId: "c0ffee", startedAt, ports });
  const [task] = (await manager.app.inject({ url: "/classic/tasks" })).json<object[]>();
  expect(task).toMatchObject({
    State: 2,
    ContainerID: "c0ffee",
    HostPorts: { "7777/tcp": [{ HostIp: "127.0.0.1", HostPort: "20001" }] },
    StartTime: "2026-11-23T08:00:00.12Z",
  });
  const nodes = (await manager.app.inject({ url: "/classic/nodes" })).json();
  expect(nodes).toEqual([
    {
      Name: "worker1",
      Ip: "127.0.0.1",
      Api: "",
      Memory: 8 * 2 ** 20,
      MemoryAllocated: 64 * 1024,
      Disk: 100 * 2 ** 30,
      DiskAllocated: 0,
      Stats: expect.objectContaining({ LoadStats: { last1min: 3, last5min: 2, last15min: 1 }, TaskCount: 1 }),
      Role: "worker",
      TaskCount: 1,
    },
  ]);
});
