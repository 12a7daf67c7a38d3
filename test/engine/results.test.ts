/** How a task's end is told by its worker, and what is left of it, on a real engine. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { DockerWorker } from "../support/docker-worker.ts";
import { BUSYBOX, startDockerd, type TestDockerd } from "../support/engines.ts";

const ONCE = { policy: "never" } as const;

let engine: TestDockerd;
let worker: DockerWorker;

beforeAll(async () => {
  engine = await startDockerd();
});

afterAll(async () => {
  await engine.stop();
});

beforeEach(async () => {
  worker = await DockerWorker.start(engine, { settings: { mostResults: 0 } });
});

afterEach(async () => {
  await worker[Symbol.asyncDispose]();
});

test("a task that is killed for want of memory is told as that, with its limit", async () => {
  await using keeping = await DockerWorker.start(engine);
  // tail keeps its input's last line in memory, and /dev/zero has no end of line.
  const command = ["tail", "/dev/zero"];
  const id = await keeping.submit({ image: BUSYBOX, command, memory: "16MiB", restart: ONCE });
  const failed = await keeping.until(id, "failed");
  expect(failed).toMatchObject({ exitCode: 137, reason: "killed: out of memory (limit 16 MiB)" });
  await keeping.container(id).remove();
});

test.each([
  ["a program that does not exist", { image: BUSYBOX, command: ["nosuch"] }],
  ["an image that may not be pulled", { image: "none:1", pull: "never" }],
  ["a user that does not exist", { image: BUSYBOX, command: ["true"], user: "nobody-at-all" }],
  ["an end with an error", { image: BUSYBOX, command: ["false"] }],
  ["an end", { image: BUSYBOX, command: ["true"] }],
] as const)("of %s nothing is left once its result need not be kept", async (_name, document) => {
  const id = await worker.submit({ ...structuredClone(document), restart: ONCE } as object);
  await vi.waitFor(async () => expect(await worker.host.task(id)).toBeUndefined(), { timeout: 20_000, interval: 20 });
  await vi.waitFor(async () => expect(await engine.docker.listContainers({ all: true })).toEqual([]), {
    timeout: 20_000,
    interval: 20,
  });
  const { Volumes: volumes } = await engine.docker.listVolumes();
  expect(volumes ?? []).toEqual([]);
});
