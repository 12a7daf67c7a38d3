/** Tasks that are stopped before they run: while their image is pulled, from a registry that stalls, and while they queue. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { TaskDocument } from "../../src/task/document.ts";
import type { TaskId } from "../../src/task/id.ts";
import { freePort } from "../support/sockets.ts";
import { DockerWorker } from "../support/docker-worker.ts";
import { BUSYBOX, startDockerd, startRegistry, type TestDockerd, type TestRegistry } from "../support/engines.ts";
import { TcpProxy } from "../support/tcp-proxy.ts";

const ANN = { username: "ann", password: "correct horse" };
const WAIT = { timeout: 30_000, interval: 10 };

let engine: TestDockerd;
let registry: TestRegistry;
let proxy: TcpProxy;
let worker: DockerWorker;
let image = "";

beforeAll(async () => {
  registry = await startRegistry({ ...ANN, port: await freePort() });
  proxy = await TcpProxy.open(Number(registry.address.split(":")[1]));
  engine = await startDockerd();
  image = `127.0.0.1:${String(proxy.port)}/shop:1`;
  await engine.docker.getImage(BUSYBOX).tag({ repo: image.replace(/:1$/, ""), tag: "1" });
  const pushed = await engine.docker.getImage(image).push({ authconfig: { ...ANN, serveraddress: registry.address } });
  for await (const line of pushed) if (String(line).includes("error")) throw new Error(String(line));
  await engine.docker.getImage(image).remove();
});

afterAll(async () => {
  await proxy.close();
  await registry.stop();
  await engine.stop();
});

beforeEach(async () => {
  proxy.line = { kind: "stalled", up: true, down: true };
  worker = await DockerWorker.start(engine, { mostStarts: 1 });
});

afterEach(async () => {
  proxy.line = { kind: "whole" };
  await worker[Symbol.asyncDispose]();
});

const task = (): TaskDocument => ({ image, command: ["sleep", "1000"], registryAuth: ANN });

async function pulling(): Promise<TaskId> {
  const id = await worker.submit(task());
  await vi.waitFor(async () => expect((await worker.task(id)).reason).toBe(`pulling ${image}`), WAIT);
  return id;
}

async function stopsAtOnce(id: TaskId): Promise<void> {
  const before = performance.now();
  await worker.host.stop(id);
  expect(await worker.until(id, "completed")).toMatchObject({ reason: "stopped before it was started" });
  expect(performance.now() - before).toBeLessThan(500);
}

async function expectNothingLeft(): Promise<void> {
  expect(await engine.docker.listContainers({ all: true })).toEqual([]);
  expect((await engine.docker.listImages()).flatMap(({ RepoTags }) => RepoTags ?? [])).toEqual([BUSYBOX]);
  const networks = (await engine.docker.listNetworks()).map(({ Name }) => Name);
  expect(networks.toSorted()).toEqual(["bridge", "host", "none"]);
}

test("one that is stopped while its image is pulled ends at once, and nothing is left", async () => {
  await stopsAtOnce(await pulling());
  proxy.line = { kind: "whole" };
  // What the engine still did would be done before another pull of the same image is.
  await expectNothingLeft();
});

test("one that waits for its turn is stopped without waiting for it, and the others have theirs", async () => {
  const first = await pulling();
  const second = await worker.submit(task());
  const third = await worker.submit({ ...task(), image: BUSYBOX });
  await stopsAtOnce(second);
  expect((await worker.task(first)).reason).toBe(`pulling ${image}`);
  await stopsAtOnce(first);
  await worker.untilUp(third);
  const containers = await engine.docker.listContainers({ all: true });
  expect(containers.map(({ Image }) => Image)).toEqual([BUSYBOX]);
  await worker.host.stop(third);
  await worker.until(third, "completed");
  await worker.container(third).remove();
  await expectNothingLeft();
});
