/** An engine that dies, comes back, or hangs, under a worker that has containers on it. */
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createDockerRuntime } from "../../src/worker/runtimes/docker/docker-runtime.ts";
import { requestOf, start, watch } from "../support/instances.ts";
import { instanceName, type Runtime } from "../../src/worker/runtimes/runtime.ts";
import { BUSYBOX, startDockerd, type TestDockerd } from "../support/engines.ts";

const WAIT = { timeout: 20_000, interval: 20 };
const SLEEPER = { image: BUSYBOX, command: ["sleep", "1000"] };

/** An engine's socket beside the real one, which loses its first answer to a request for the path. */
async function loseAnswer(socketPath: string, path: string) {
  let lost = 0;
  const server = createServer((client) => {
    const upstream = connect(socketPath);
    let isLosing = false;
    client.on("data", (bytes) => {
      isLosing = lost === 0 && bytes.toString("latin1").includes(path);
      upstream.write(bytes);
    });
    upstream.on("data", (bytes) => {
      if (isLosing && lost === 0) {
        lost = 1;
        client.destroy();
      } else client.write(bytes);
    });
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
  });
  const own = `${socketPath}.losing`;
  await new Promise<void>((resolve) => server.listen(own, resolve));
  return { dockerHost: `unix://${own}`, lost: () => lost, close: () => server.close() };
}

/** The record of a killed engine, as it is when the container was created and the start not written down yet. */
async function forgetStart({ dockerHost }: TestDockerd, containerId: string): Promise<void> {
  const socket = dockerHost.replace("unix://", "");
  const file = join(dirname(socket), "data/containers", containerId, "config.v2.json");
  const record = JSON.parse(await readFile(file, "utf8")) as { State: object };
  record.State = { ...record.State, Running: false, Pid: 0, StartedAt: "0001-01-01T00:00:00Z" };
  await writeFile(file, JSON.stringify(record));
}

let engine: TestDockerd;
let runtime: Runtime;

beforeEach(async () => {
  engine = await startDockerd({ liveRestore: true });
  runtime = createDockerRuntime({ workerId: randomUUID(), dockerHost: engine.dockerHost, callTimeoutMs: 3000 });
});

afterEach(async () => {
  await runtime.close();
  await engine.stop();
});

describe("an engine that is killed and comes back", () => {
  test("has the containers still, and tells of those that ended afterwards", async () => {
    const notices = await watch(runtime);
    const [kept, lost] = [requestOf(SLEEPER), requestOf(SLEEPER)];
    const started = await start(runtime, kept);
    await start(runtime, lost);
    const pidOf = async (name: string) => (await engine.docker.getContainer(name).inspect()).State.Pid;
    const [keptPid, lostPid] = [await pidOf(instanceName(kept.ref)), await pidOf(instanceName(lost.ref))];

    await engine.kill();
    await expect(runtime.check()).rejects.toThrow(/engine\.sock.*is not running/);
    await expect(start(runtime, requestOf(SLEEPER))).rejects.toMatchObject({ code: "engine" });
    process.kill(lostPid, "SIGKILL");
    await engine.startAgain();

    await vi.waitFor(() => expect(notices).toContainEqual(expect.objectContaining({ kind: "uncertain" })), WAIT);
    await vi.waitFor(async () => {
      const instances = await runtime.list();
      expect(instances.find(({ ref }) => ref.task === lost.ref.task)).toMatchObject({ running: false });
      expect(instances.find(({ ref }) => ref.task === kept.ref.task)).toMatchObject({
        running: true,
        containerId: started.containerId,
      });
    }, WAIT);
    expect(await pidOf(instanceName(kept.ref))).toBe(keptPid);

    process.kill(keptPid, "SIGKILL");
    await vi.waitFor(() => {
      expect(notices).toContainEqual(expect.objectContaining({ kind: "exited", ref: kept.ref }));
    }, WAIT);
  });

  describe("and does not know what it was starting", () => {
    const request = requestOf(SLEEPER);
    let pid = 0;

    beforeEach(async () => {
      const { containerId } = await start(runtime, request);
      pid = (await engine.docker.getContainer(containerId).inspect()).State.Pid;
      await engine.kill();
      await forgetStart(engine, containerId);
      await engine.startAgain();
    });

    const expectItGone = async (): Promise<void> => {
      await vi.waitFor(() => expect(existsSync(`/proc/${String(pid)}`)).toBe(false), WAIT);
      expect(await runtime.list()).toEqual([]);
    };

    test("lets a start fail for that, which ends what runs", async () => {
      await expect(start(runtime, request)).rejects.toMatchObject({ name: "StartError", code: "engine" });
      await expectItGone();
    });

    test("is no reason for a stop to find nothing", async () => {
      expect(await runtime.stop(request.ref, 1000)).toBeUndefined();
      await expectItGone();
    });
  });
});

describe("an engine that hangs", () => {
  test("is given up in time by every call, and serves again afterwards", async () => {
    const request = requestOf(SLEEPER);
    await start(runtime, request);
    engine.suspend();
    const before = performance.now();
    const silent = /did not answer within/;
    const other = requestOf(SLEEPER);
    await Promise.all([
      expect(runtime.check()).rejects.toThrow(silent),
      expect(runtime.list()).rejects.toThrow(silent),
      expect(start(runtime, other)).rejects.toMatchObject({ code: "engine", message: expect.stringMatching(silent) }),
      expect(runtime.stop(request.ref, 100)).rejects.toThrow(silent),
      expect(runtime.remove(request.ref)).rejects.toThrow(silent),
      expect(runtime.exec(request.ref, ["true"], 100)).rejects.toThrow(silent),
    ]);
    expect(performance.now() - before).toBeLessThan(12_000);

    engine.resume();
    await vi.waitFor(async () => expect(await runtime.check()).toMatch(/^\d+\./), WAIT);
    // Whatever became of the start that nobody heard of: the same start again brings the one container up.
    await start(runtime, other);
    const running = (await runtime.list()).filter((instance) => instance.running).map(({ ref }) => ref.task);
    expect(running.toSorted()).toEqual([request.ref.task, other.ref.task].toSorted());
  });
});

describe("an answer that is lost on the way", () => {
  test.each(["/containers/create", "/start"])("of %s: the start goes on with what is there", async (path) => {
    const losing = await loseAnswer(engine.dockerHost.replace("unix://", ""), path);
    const behind = createDockerRuntime({ workerId: randomUUID(), dockerHost: losing.dockerHost, callTimeoutMs: 3000 });
    const request = requestOf(SLEEPER);
    const { containerId } = await start(behind, request);
    expect(losing.lost()).toBe(1);
    expect(await behind.list()).toMatchObject([{ ref: request.ref, containerId, running: true }]);
    expect(await engine.docker.listContainers({ all: true })).toHaveLength(1);
    await behind.close();
    losing.close();
  });
});

test("watching an engine that is not there fails and names it", async () => {
  const nowhere = createDockerRuntime({ workerId: randomUUID(), dockerHost: "unix:///nowhere/engine.sock" });
  await expect(nowhere.watch(() => undefined)).rejects.toThrow(
    /no container engine at unix:\/\/\/nowhere\/engine\.sock/,
  );
  await nowhere.close();
});
