/** What people do to the worker's containers behind its back, with the engine's own means, and how it is undone. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { TaskDocument } from "../../src/task/document.ts";
import { DockerWorker } from "../support/docker-worker.ts";
import { BUSYBOX, startDockerd, startPodman, type TestEngine } from "../support/engines.ts";

const WAIT = { timeout: 30_000, interval: 20 };
const SOON = { policy: "always", delay: "100ms", delayMax: "100ms" } as const;

function shell(script: string, more: TaskDocument = {}): TaskDocument {
  return { image: BUSYBOX, command: ["sh", "-c", script], stopTimeout: "1s", ...more };
}

const SLEEPER = shell("echo up; sleep 1000");

describe.each([
  ["docker", startDockerd],
  ["podman", startPodman],
] as const)("on %s", (_name, startEngine) => {
  let engine: TestEngine;
  let worker: DockerWorker;

  beforeAll(async () => {
    engine = await startEngine();
  });

  afterAll(async () => {
    await engine.stop();
  });

  beforeEach(async () => {
    worker = await DockerWorker.start(engine);
  });

  afterEach(async () => {
    await worker[Symbol.asyncDispose]();
    const left = await engine.docker.listContainers({ all: true });
    await Promise.all(left.map(async ({ Id }) => engine.docker.getContainer(Id).remove({ force: true, v: true })));
  });

  async function running(): Promise<number> {
    return (await engine.docker.listContainers()).length;
  }

  test("one that is paused goes on, without a restart", async () => {
    const id = await worker.run(SLEEPER);
    await worker.container(id).pause();
    await vi.waitFor(async () => {
      const { State: state } = await worker.container(id).inspect();
      expect(state).toMatchObject({ Running: true, Paused: false });
    }, WAIT);
    expect(await worker.task(id)).toMatchObject({ state: "running", restarts: 0 });
    expect(await worker.task(id)).toMatchObject({ reason: "resumed: somebody had paused its container" });
  });

  test("one that was paused while the worker was away goes on when it is back", async () => {
    const workerId = "00000000-0000-4000-8000-000000000001";
    const before = await DockerWorker.start(engine, { workerId });
    const id = await before.run(SLEEPER);
    await before.host.close();
    await before.container(id).pause();
    await using after = await DockerWorker.start(engine, { workerId });
    await vi.waitFor(async () => {
      const { State: state } = await after.container(id).inspect();
      expect(state).toMatchObject({ Running: true, Paused: false });
    }, WAIT);
    expect(await after.task(id)).toMatchObject({ state: "running", restarts: 0 });
  });

  test("one that is paused can be stopped at once", async () => {
    const id = await worker.run(shell("trap 'exit 3' TERM; sleep 1000 & wait"));
    await worker.container(id).pause();
    await worker.host.stop(id);
    expect(await worker.until(id, "completed")).toMatchObject({ exitCode: 3 });
  });

  test("one that has ended and is started again is stopped, and does not count", async () => {
    const id = await worker.submit(shell("[ -e /seen ] && sleep 1000; touch /seen"));
    const ended = await worker.until(id, "completed");
    await worker.container(id).start();
    await vi.waitFor(() => expect(worker.said.join()).toContain("somebody else started"), WAIT);
    await vi.waitFor(async () => expect(await running()).toBe(0), WAIT);
    expect(await worker.task(id)).toEqual(ended);
  });

  test("one that is started between two runs is stopped, and the next run comes in its time", async () => {
    const restart = { policy: "always", delay: "3s", delayMax: "3s" } as const;
    const id = await worker.submit(shell("[ -e /seen ] && sleep 1000; touch /seen; exit 1", { restart }));
    await vi.waitFor(async () => expect((await worker.task(id)).reason).toContain("starting again in"), WAIT);
    await worker.container(id).start();
    await worker.untilUp(id, 1);
    await expect(worker.container(id).inspect()).rejects.toMatchObject({ statusCode: 404 });
  });

  test("one that is restarted by hand is one run that ended and another under the policy, on the same port", async () => {
    const restart = { policy: "always", delay: "500ms", delayMax: "500ms" } as const;
    const id = await worker.run(shell("sleep 1000", { restart, ports: [{ container: 80, host: 29_417 }] }));
    await worker.container(id).restart({ t: 0 });
    const again = await worker.untilUp(id, 1);
    expect(again).toMatchObject({ restarts: 1, ports: [{ host: 29_417 }] });
    await vi.waitFor(async () => {
      const { State: state } = await worker.container(id, 1).inspect();
      expect(state.Running).toBe(true);
    }, WAIT);
    expect(await running()).toBe(1);
    await expect(worker.container(id).inspect()).rejects.toMatchObject({ statusCode: 404 });
    expect((await worker.task(id)).restarts).toBe(1);
  });

  test("one that is restarted by hand and is not to be restarted has failed, and is stopped", async () => {
    const id = await worker.run(shell("echo up; sleep 1000", { restart: { policy: "never" } }));
    await worker.container(id).restart({ t: 0 });
    expect(await worker.until(id, "failed")).toMatchObject({ exitCode: 137, restarts: 0 });
    await vi.waitFor(async () => expect(await running()).toBe(0), WAIT);
  });

  test("one that is killed is started again; with the restarts used up, code and last lines are kept", async () => {
    const id = await worker.run({ ...SLEEPER, restart: { policy: "on-failure", attempts: 1, delay: "100ms" } });
    await worker.container(id).kill();
    await worker.untilUp(id, 1);
    await worker.container(id, 1).kill();
    const failed = await worker.until(id, "failed");
    expect(failed).toMatchObject({ exitCode: 137, reason: expect.stringContaining("exit code 137 (signal 9)") });
    const output: string[] = [];
    const options = { follow: false, timestamps: false, stdout: true, stderr: true };
    for await (const { data } of worker.host.logs(id, options, AbortSignal.timeout(5000)) ?? [])
      output.push(Buffer.from(data).toString());
    expect(output.join("")).toBe("up\n");
  });

  test("one that is removed is started again", async () => {
    const id = await worker.run({ ...SLEEPER, restart: SOON });
    await worker.container(id).remove({ force: true });
    await worker.untilUp(id, 1);
    expect(await running()).toBe(1);
  });

  test("a container made of an image that was committed from one of ours is none of ours", async () => {
    const id = await worker.run(SLEEPER);
    const { Id: image } = (await worker.container(id).commit()) as { Id: string };
    const copy = await engine.docker.createContainer({ Image: image, Cmd: ["sleep", "1000"] });
    await copy.start();
    await copy.kill();
    await copy.remove();
    await worker.container(id).kill();
    await worker.untilUp(id, 1);
    expect(await worker.task(id)).toMatchObject({ restarts: 1 });
    await engine.docker.getImage(image).remove({ force: true });
  });
});
