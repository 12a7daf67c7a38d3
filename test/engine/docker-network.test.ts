/** An engine without a default network: the worker makes one of its own. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createDockerRuntime } from "../../src/worker/runtimes/docker/docker-runtime.ts";
import { requestOf, start } from "../support/instances.ts";
import type { Runtime, StartRequest } from "../../src/worker/runtimes/runtime.ts";
import { BUSYBOX, startDockerd, type TestDockerd } from "../support/engines.ts";

let engine: TestDockerd;

beforeAll(async () => {
  engine = await startDockerd({ network: "none" });
});

afterAll(async () => {
  await engine.stop();
});

function open(workerId: string): Runtime {
  return createDockerRuntime({ workerId, dockerHost: engine.dockerHost });
}

function listener(host: number): StartRequest {
  const script = "while true; do echo hello | nc -l -p 7777; done";
  const ports = [{ container: 7777, host, protocol: "tcp", address: "127.0.0.1" }] as const;
  return { ...requestOf({ image: BUSYBOX, command: ["sh", "-c", script], ports: [{ container: 7777, host }] }), ports };
}

async function ownNetworks(): Promise<(string | undefined)[]> {
  const networks = await engine.docker.listNetworks({ filters: { type: ["custom"] } });
  return networks.map(({ Labels: labels }) => labels?.["birdman.worker"]);
}

test("it is made with the first task, serves published ports, and goes with the last one", async () => {
  const workerId = randomUUID();
  const runtime = open(workerId);
  const requests = [listener(20_001), listener(20_002), listener(20_003)];
  expect(await ownNetworks()).toEqual([]);
  await Promise.all(requests.map((request) => start(runtime, request)));
  expect(await ownNetworks()).toEqual([workerId]);
  for (const port of ["20001", "20002", "20003"]) {
    await vi.waitFor(
      async () => {
        expect(await engine.inNetwork(["busybox", "nc", "127.0.0.1", port])).toBe("hello\n");
      },
      { timeout: 15_000, interval: 100 },
    );
  }
  expect(await runtime.addressOf(requests[0]?.ref ?? listener(0).ref)).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
  await Promise.all(requests.map(({ ref }) => runtime.remove(ref)));
  expect(await ownNetworks()).toEqual([]);
  await runtime.close();
});

test("a start that fails does not leave it behind", async () => {
  const runtime = open(randomUUID());
  const request = {
    ...listener(20_004),
    ports: [{ container: 7777, host: 20_004, protocol: "tcp", address: "10.99.99.99" }] as const,
  };
  await expect(start(runtime, request)).rejects.toMatchObject({
    code: "ports",
    message: expect.stringContaining("10.99.99.99"),
  });
  expect(await ownNetworks()).toEqual([]);
  await runtime.close();
});

test("each worker has its own; closing a runtime removes it only when nothing is in it", async () => {
  const ids = [randomUUID(), randomUUID()];
  const [first, second] = ids.map(open);
  if (first === undefined || second === undefined) throw new Error("two runtimes were made");
  const [a, b] = [listener(20_005), listener(20_006)];
  await Promise.all([start(first, a), start(second, b)]);
  expect(new Set(await ownNetworks())).toEqual(new Set(ids));
  await first.close();
  expect(new Set(await ownNetworks())).toEqual(new Set(ids));
  const again = open(ids[0] ?? "");
  await again.stop(a.ref, 0);
  await again.close();
  expect(await ownNetworks()).toEqual([ids[1]]);
  const last = open(ids[0] ?? "");
  await Promise.all([last.remove(a.ref), second.remove(b.ref)]);
  expect(await ownNetworks()).toEqual([]);
  await Promise.all([last.close(), second.close()]);
});

test("starts and removals at the same time do not take it from each other", async () => {
  const runtime = open(randomUUID());
  const once = async (port: number): Promise<void> => {
    const request = listener(port);
    await start(runtime, request);
    await runtime.remove(request.ref);
  };
  await Promise.all(Array.from({ length: 12 }, (_, index) => once(20_100 + index)));
  expect(await ownNetworks()).toEqual([]);
  await runtime.close();
});
