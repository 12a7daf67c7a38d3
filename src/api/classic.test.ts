import fc from "fast-check";
import { expect, test } from "vitest";
import { parseTaskId } from "../task/id.ts";
import { accepted, placed, reportedRunning } from "../task/lifecycle.ts";
import { resolveSpec, specOf } from "../task/spec.ts";
import type { TaskDocument } from "../task/document.ts";
import type { Task } from "../task/task.ts";
import { assert } from "../utils/assert.ts";
import { classicNode, classicTask } from "./classic.ts";
import { readEventBody } from "./submission.ts";

const ID = "21b23589-5d2d-4731-b5c9-a97e9832d021";
const AT = Date.parse("2026-11-23T08:00:00.000Z");

function documentOf(task: object, envelope: object = { State: 2 }): TaskDocument {
  const reading = readEventBody({ ...envelope, Task: task });
  if (reading.kind !== "start") throw new Error(JSON.stringify(reading));
  const [document] = reading.documents;
  assert(document !== undefined, "no document");
  return document;
}

function taskOf(document: TaskDocument): Task {
  const id = parseTaskId(document.id ?? ID);
  assert(id !== undefined, "no id");
  return accepted({ id, name: document.name ?? "made", seq: 1, spec: resolveSpec(specOf(document)), at: AT });
}

function errorsOf(body: unknown): string[] {
  const reading = readEventBody(body);
  if (reading.kind !== "refused") throw new Error(`accepted: ${JSON.stringify(reading)}`);
  return (reading.problem.errors ?? []).map(({ path, message }) => `${path}: ${message}`);
}

test("an event of the book's is the task that its orchestrator would run", () => {
  const envelope = { ID: "6be4cb6b-61d1-40cb-bc7b-9cacefefa60c", State: 2, Timestamp: "2021-09-30T00:00:00Z" };
  const task = {
    State: 1,
    ID: ID.toUpperCase(),
    Name: "test-chapter-9.1",
    Image: "timboring/echo-server:latest",
    Cpu: 0.5,
    Memory: 33_554_432,
    Disk: 1024,
    ExposedPorts: { "7777/tcp": {}, "53/udp": {} },
    PortBindings: { "7777/tcp": "7777" },
    RestartPolicy: "unless-stopped",
    HealthCheck: "/health",
  };
  expect(documentOf(task, envelope)).toEqual({
    id: ID,
    name: "test-chapter-9.1",
    image: "timboring/echo-server:latest",
    cpu: 0.5,
    memory: 33_554_432,
    disk: 1024,
    ports: [
      { container: 7777, protocol: "tcp", host: 7777, wish: true },
      { container: 53, protocol: "udp" },
    ],
    restart: { policy: "always" },
    health: { http: { path: "/health", port: 7777 } },
  });
});

test("keys stand in any case, status keys are ignored, and what Go leaves at its zero counts as absent", () => {
  const task = {
    id: "00000000-0000-0000-0000-000000000000",
    containerid: "abc",
    NAME: "",
    state: 2,
    image: "x",
    CPU: 0,
    memory: 0,
    disk: null,
    exposedports: null,
    portbindings: null,
    hostPorts: { "7777/tcp": null },
    restartPolicy: "",
    startTime: "0001-01-01T00:00:00Z",
    finishtime: 7,
    healthCheck: "",
    restartcount: 3,
  };
  expect(documentOf(task, { id: "no uuid", state: 2, TIMESTAMP: null })).toEqual({
    image: "x",
    restart: { policy: "never" },
  });
});

test.each([
  ["", "never"],
  ["no", "never"],
  ["always", "always"],
  ["unless-stopped", "always"],
  ["on-failure", "on-failure"],
  [undefined, "never"],
])("the restart policy %j means %s", (RestartPolicy, policy) => {
  expect(documentOf({ Image: "x", RestartPolicy }).restart).toEqual({ policy });
});

test("a binding of a port that is not exposed publishes it too; an empty one asks for any port", () => {
  const ports = documentOf({
    Image: "x",
    ExposedPorts: { 80: {} },
    PortBindings: { "81/tcp": "8081", "80/TCP": "" },
  }).ports;
  expect(ports).toEqual([
    { container: 80, protocol: "tcp" },
    { container: 81, protocol: "tcp", host: 8081, wish: true },
  ]);
});

test("state 3 stops the task, whatever else the event says of it", () => {
  expect(readEventBody({ State: 3, Task: { id: ID.toUpperCase() } })).toEqual({ kind: "stop", id: ID });
});

test.each([
  [{ State: 3, Task: {} }, "/Task/ID: must be the UUID of the task to stop"],
  [{ State: 2, Task: { Image: "x", Imgae: "y" } }, '/Task/Imgae: unknown field "Imgae"; did you mean "Image"?'],
  [{ Sate: 2, Task: { Image: "x" } }, '/Sate: unknown field "Sate"; did you mean "State"?'],
  [
    { State: 7, Task: { Image: "x" } },
    "/State: must be a state's number: pending 0, scheduled 1, running 2, completed 3, failed 4",
  ],
  [{ State: "2", Task: { Image: "x" } }, "/State: must be a number, not a string"],
  [{ Task: [] }, "/Task: must be an object, not a list"],
  [{ Task: null }, "/Task: must be an object, not null"],
  [{ Task: {} }, "/Task/Image: is missing: the docker runtime needs one"],
  [{ Task: { image: "x y" } }, "/Task/image: must be an image's name, with no spaces or control characters"],
  [{ Task: { Image: "x", ID: "7" } }, "/Task/ID: must be a UUID"],
  [
    { Task: { Image: "x", Memory: 1.5 } },
    "/Task/Memory: must be bytes, or a string with a unit: KiB MiB GiB TiB kB MB GB TB, not a fraction",
  ],
  [{ Task: { Image: "x", Memory: 1024 } }, "/Task/Memory: is 1024 bytes; no container runs with less than 6 MiB"],
  [{ Task: { Image: "x", Memory: "64MiB" } }, "/Task/Memory: must be a number, not a string"],
  [
    { Task: { Image: "x", ExposedPorts: { "0/tcp": {} } } },
    "/Task/ExposedPorts/0~1tcp: must be a port such as 7777/tcp",
  ],
  [
    { Task: { Image: "x", ExposedPorts: ["7777/tcp"] } },
    '/Task/ExposedPorts: must be an object such as {"7777/tcp": …}, not a list',
  ],
  [
    { Task: { Image: "x", PortBindings: { "80/tcp": 80 } } },
    '/Task/PortBindings/80~1tcp: must be a port of the node as a string, such as "7777"',
  ],
  [
    { Task: { Image: "x", RestartPolicy: "sometimes" } },
    '/Task/RestartPolicy: must be one of "", "no", "always", "unless-stopped", "on-failure"',
  ],
  [
    { Task: { Image: "x", HealthCheck: "/h" } },
    "/Task/HealthCheck: names no port, and the task has no ports to take the first of",
  ],
  [{ image: "x" }, ': must be an event: {"ID", "State", "Task": {…}}'],
])("%j is refused with the key's own spelling: %s", (body, error) => {
  expect(errorsOf(body)).toEqual([error]);
});

test("a task that nothing is known of yet has Go's zero values", () => {
  expect(classicTask(taskOf(documentOf({ ID, Name: "echo", Image: "x" })))).toEqual({
    ID,
    ContainerID: "",
    Name: "echo",
    State: 0,
    Image: "x",
    Cpu: 0,
    Memory: 0,
    Disk: 0,
    ExposedPorts: null,
    PortBindings: null,
    HostPorts: null,
    RestartPolicy: "",
    StartTime: "0001-01-01T00:00:00Z",
    FinishTime: "0001-01-01T00:00:00Z",
    HealthCheck: "",
    RestartCount: 0,
  });
});

test("a running task has its container, its ports and its times as Go writes them", () => {
  const pending = taskOf(documentOf({ ID, Name: "echo", Image: "x", ExposedPorts: { "7777/tcp": {} } }));
  const running = reportedRunning(placed(pending, { nodeId: "n1", reason: "placed", at: AT }), {
    containerId: "c0ffee",
    ports: [{ container: 7777, host: 20_001, protocol: "tcp", address: "127.0.0.1" }],
    health: "none",
    restarts: 2,
    startedAt: AT + 120,
    reason: "running",
  });
  expect(classicTask(running)).toMatchObject({
    State: 2,
    ContainerID: "c0ffee",
    HostPorts: { "7777/tcp": [{ HostIp: "127.0.0.1", HostPort: "20001" }] },
    StartTime: "2026-11-23T08:00:00.12Z",
    RestartCount: 2,
  });
  expect(classicTask({ ...running, startedAt: AT }).StartTime).toBe("2026-11-23T08:00:00Z");
  expect(classicTask({ ...running, startedAt: AT + 7 }).StartTime).toBe("2026-11-23T08:00:00.007Z");
});

test("a node has its memory in kB and its disk in bytes", () => {
  const node = {
    name: "worker1",
    address: "127.0.0.1",
    capacity: { cpu: 2, memory: 2 ** 30, disk: 2 ** 34 },
    reserved: { cpu: 0.5, memory: 2 ** 26, disk: 2 ** 20 },
    tasks: { scheduled: 1, running: 2 },
  };
  const used = { cpu: 0.1, memory: 2 ** 29, disk: 2 ** 33, load: [3, 2, 1] as const };
  expect(classicNode({ ...node, used: undefined })).toEqual({
    Name: "worker1",
    Ip: "127.0.0.1",
    Api: "",
    Memory: 2 ** 20,
    MemoryAllocated: 2 ** 16,
    Disk: 2 ** 34,
    DiskAllocated: 2 ** 20,
    Stats: null,
    Role: "worker",
    TaskCount: 3,
  });
  expect(classicNode({ ...node, used }).Stats).toEqual({
    MemStats: { mem_total: 2 ** 20, mem_free: 2 ** 19, mem_available: 2 ** 19 },
    DiskStats: { all: 2 ** 34, used: 2 ** 33, free: 2 ** 33, freeInodes: 0 },
    CpuStats: null,
    LoadStats: { last1min: 3, last5min: 2, last15min: 1 },
    TaskCount: 3,
  });
});

/** Tasks as Cube can hold them: canonical, so that they come back as they went in. */
const cubeTask = fc
  .record({
    ID: fc.uuid(),
    Name: fc.stringMatching(/^[a-z][a-z0-9.-]{0,30}$/),
    Image: fc.constantFrom("x", "timboring/echo-server:latest", "localhost:5000/a/b@sha256:0"),
    Cpu: fc.oneof(fc.constant(0), fc.double({ min: 0.01, max: 64, noNaN: true })),
    Memory: fc.oneof(fc.constant(0), fc.integer({ min: 6 * 2 ** 20, max: 2 ** 40 })),
    Disk: fc.maxSafeNat(),
    ports: fc.uniqueArray(
      fc.record({
        port: fc.integer({ min: 1, max: 65_535 }),
        protocol: fc.constantFrom("tcp", "udp"),
        host: fc.option(fc.integer({ min: 1, max: 65_535 })),
      }),
      { maxLength: 4, selector: ({ port, protocol }) => `${String(port)}/${protocol}` },
    ),
    RestartPolicy: fc.constantFrom("", "always", "on-failure"),
    check: fc.constantFrom("", "/health", "/a/b?c=d"),
  })
  .map(({ ports, check, ...task }) => {
    const exposed = ports.map(({ port, protocol }) => [`${String(port)}/${protocol}`, {}] as const);
    const bound = ports.flatMap(({ port, protocol, host }) =>
      host === null ? [] : [[`${String(port)}/${protocol}`, String(host)]],
    );
    return {
      ...task,
      ExposedPorts: exposed.length === 0 ? null : Object.fromEntries(exposed),
      PortBindings: bound.length === 0 ? null : (Object.fromEntries(bound) as Record<string, string>),
      HealthCheck: ports.some(({ protocol }) => protocol === "tcp") ? check : "",
    };
  });

test("what Cube can say of a task comes back as it was said", () => {
  fc.assert(
    fc.property(cubeTask, (task) => {
      expect(classicTask(taskOf(documentOf(task)))).toMatchObject(task);
    }),
    { numRuns: 1000 },
  );
});

test("what /classic answers can be submitted again, in any case, and is the same task", () => {
  const spelling = fc.constantFrom("as it is", "lower", "upper");
  fc.assert(
    fc.property(cubeTask, spelling, (task, spelled) => {
      const document = documentOf(task);
      const answered = new Map<string, unknown>(Object.entries(classicTask(taskOf(document))));
      const again = [...answered].map(([key, value]): [string, unknown] => {
        if (spelled === "as it is") return [key, value];
        return [spelled === "lower" ? key.toLowerCase() : key.toUpperCase(), value];
      });
      expect(documentOf(Object.fromEntries(again))).toEqual(document);
    }),
    { numRuns: 1000 },
  );
});
