/** A worker whose engine hangs, is killed, or comes back with its containers dead. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { TaskDocument } from "../../src/task/document.ts";
import { DockerWorker } from "../support/docker-worker.ts";
import { BUSYBOX, startDockerd, type TestDockerd } from "../support/engines.ts";

const WAIT = { timeout: 40_000, interval: 20 };
const restart = { policy: "always", delay: "100ms", delayMax: "100ms" } as const;
const SLEEPER: TaskDocument = { image: BUSYBOX, command: ["sleep", "1000"], stopTimeout: "1s", restart };

let engine: TestDockerd;
let worker: DockerWorker;

async function begin(liveRestore: boolean): Promise<void> {
  engine = await startDockerd({ liveRestore });
  worker = await DockerWorker.start(engine, { callTimeoutMs: 3000 });
}

afterEach(async () => {
  await worker[Symbol.asyncDispose]();
  await engine.stop();
});

/** Waits until the worker says so of its engine. */
async function until(sentence: "does not answer" | "answers again"): Promise<void> {
  await vi.waitFor(() => expect(worker.said.some((each) => each.startsWith(`docker ${sentence}`))).toBe(true), WAIT);
}

async function names(): Promise<string[]> {
  return (await engine.docker.listContainers({ all: true })).flatMap(({ Names }) => Names);
}

describe("an engine that hangs", () => {
  beforeEach(async () => begin(true));

  test("is told within 10 s, gets nothing new, costs no restarts, and goes on where it was", async () => {
    const [kept, killed] = [await worker.run(SLEEPER), await worker.run({ ...SLEEPER, restart: { policy: "never" } })];
    const { State: state } = await worker.container(killed).inspect();
    const before = performance.now();
    engine.suspend();
    // Begun before anybody knows: it waits for the engine, and does not fail.
    const early = await worker.submit({ ...SLEEPER, restart: { policy: "never" } });
    process.kill(state.Pid, "SIGKILL");
    await until("does not answer");
    expect(performance.now() - before).toBeLessThan(10_000);
    await expect(worker.submit(SLEEPER)).rejects.toThrow(
      /^task .*: docker on worker1 does not answer: the container engine/,
    );
    await vi.waitFor(async () => {
      expect((await worker.task(early)).reason).toMatch(/^waiting: docker does not answer/);
    }, WAIT);

    engine.resume();
    await until("answers again");
    await worker.untilUp(early);
    await worker.until(killed, "failed");
    expect(await worker.task(kept)).toMatchObject({ state: "running", restarts: 0 });
    expect(await names()).toHaveLength(3);
    await worker.run(SLEEPER);
  });

  test("does not hold up the stop of what waits to be started, and of the rest none is forgotten", async () => {
    const running = await worker.run(SLEEPER);
    engine.suspend();
    await until("does not answer");
    await worker.host.stop(running);
    engine.resume();
    await worker.until(running, "completed");
    expect((await worker.container(running).inspect()).State.Running).toBe(false);
  });

  test("says nothing of the health of what it runs", async () => {
    const health = { command: ["true"], interval: "200ms", timeout: "2s", retries: 1 };
    const id = await worker.run({ ...SLEEPER, health });
    await vi.waitFor(async () => expect((await worker.task(id)).health).toBe("healthy"), WAIT);
    engine.suspend();
    await until("does not answer");
    engine.resume();
    await until("answers again");
    await vi.waitFor(async () => expect(await worker.task(id)).toMatchObject({ health: "healthy", restarts: 0 }), WAIT);
  });
});

describe("an engine that is killed and started again", () => {
  test("with its containers dead: they are collected with their exit code, and run again under their policy", async () => {
    await begin(false);
    const always = await worker.run(SLEEPER);
    const never = await worker.run({ ...SLEEPER, restart: { policy: "never" } });
    await engine.kill();
    await until("does not answer");
    expect(await worker.task(always)).toMatchObject({ state: "running", restarts: 0 });
    await engine.startAgain();
    await worker.untilUp(always, 1);
    expect(await worker.until(never, "failed")).toMatchObject({ exitCode: 137, restarts: 0 });
    expect(await names()).toHaveLength(2);
  });

  test("with its containers alive: they run on", async () => {
    await begin(true);
    const id = await worker.run(SLEEPER);
    const { State: before } = await worker.container(id).inspect();
    await engine.kill();
    await until("does not answer");
    await engine.startAgain();
    await until("answers again");
    expect(await worker.task(id)).toMatchObject({ state: "running", restarts: 0 });
    const { State: after } = await worker.container(id).inspect();
    expect(after).toMatchObject({ Running: true, Pid: before.Pid });
  });

  test("while a crashed one waits to be started again: it comes back, and has lost one restart, not all", async () => {
    await begin(true);
    const id = await worker.run({
      ...SLEEPER,
      restart: { policy: "on-failure", attempts: 1, delay: "2s", delayMax: "2s" },
    });
    await worker.container(id).kill();
    await vi.waitFor(async () => expect((await worker.task(id)).reason).toContain("starting again in"), WAIT);
    await engine.kill();
    await until("does not answer");
    await vi.waitFor(async () => expect((await worker.task(id)).reason).toMatch(/^waiting: docker/), WAIT);
    await engine.startAgain();
    await worker.untilUp(id, 1);
  });
});
