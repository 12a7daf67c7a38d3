import { PassThrough } from "node:stream";
import { describe, expect, test, vi } from "vitest";
import { injectedClient } from "../../test/support/injected-client.ts";
import { ManagerApi } from "../../test/support/manager-api.ts";
import { ClientError } from "../client/client-error.ts";
import { REPORTED } from "../protocol/messages.ts";
import type { Context, Output } from "./context.ts";
import { hasEnded, isSteadyOrEnded, isUpOrEnded, waitForTasks } from "./wait.ts";

/** Standard error that is a terminal, and what was written to it. */
function terminal(): { context: Context; shown: () => string } {
  const stderr: Output = Object.assign(new PassThrough(), { isTTY: true, columns: 70 });
  let shown = "";
  stderr.on("data", (chunk: Buffer) => (shown += chunk.toString()));
  const context = {
    env: { NO_COLOR: "1" },
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr,
    now: Date.now,
  };
  return { context, shown: () => shown };
}

const image = { image: "echo", restart: { policy: "never" as const }, reschedule: { attempts: 0 } };

describe("waitForTasks", () => {
  test("returns when a task without a health check runs, showing how it comes there", async () => {
    await using manager = await ManagerApi.open();
    const client = injectedClient(manager.app);
    const { id } = await client.submit({ ...image, name: "echo" });
    const { context, shown } = terminal();
    const waiting = waitForTasks(client, context, { ids: [id], isSettled: isUpOrEnded });
    await expect.poll(shown).toMatch(/echo {2}pending {2}- {2}0s/);
    const worker = await manager.join("worker1");
    await worker.report(id, { state: REPORTED.starting, reason: "pulling echo" });
    await expect.poll(shown).toMatch(/echo {2}scheduled {2}worker1 {2}\d+s {2}pulling echo/);
    await worker.report(id, { state: REPORTED.running, reason: "up", health: "none" });
    expect(await waiting).toMatchObject([{ id, state: "running" }]);
    expect(shown()).toMatch(/echo {2}running {2}worker1 {2}\d+s {2}up\r\n$/);
  });

  test("goes on until a task with a health check is healthy", async () => {
    await using manager = await ManagerApi.open();
    const client = injectedClient(manager.app);
    const worker = await manager.join("worker1");
    const { id } = await client.submit({ ...image, name: "echo", ports: [{ container: 80 }], health: { http: {} } });
    const { context, shown } = terminal();
    const waiting = waitForTasks(client, context, { ids: [id], isSettled: isUpOrEnded });
    await worker.report(id, { state: REPORTED.running, reason: "starting up", health: "starting" });
    await expect.poll(shown).toMatch(/echo {2}running, starting {2}worker1 {2}\d+s {2}starting up/);
    await worker.report(id, { state: REPORTED.running, reason: "up", health: "healthy" });
    expect(await waiting).toMatchObject([{ id, health: "healthy" }]);
  });

  test("returns all of several once each is there or has ended, a line for each", async () => {
    await using manager = await ManagerApi.open();
    const client = injectedClient(manager.app);
    const worker = await manager.join("worker1");
    const tasks = await Promise.all(["a", "b", "c"].map(async (name) => client.submit({ ...image, name })));
    const [a, b, c] = tasks.map(({ id }) => id);
    const { context, shown } = terminal();
    const waiting = waitForTasks(client, context, { ids: tasks.map(({ id }) => id), isSettled: isUpOrEnded });
    await expect.poll(shown).toMatch(/a {2}scheduled .*\r\nb {2}scheduled .*\r\nc {2}scheduled /);
    await worker.report(a ?? "", { state: REPORTED.running, reason: "up", health: "none" });
    await expect.poll(shown).toMatch(/a {2}running .*\r\nb {2}scheduled /);
    await worker.report(b ?? "", { state: REPORTED.completed, reason: "done", exitCode: 0 });
    await worker.report(c ?? "", { state: REPORTED.failed, reason: "gave up", exitCode: 1 });
    expect((await waiting).map(({ state }) => state)).toEqual(["running", "completed", "failed"]);
  });

  test("sums many up, and finds them in the list of all", async () => {
    await using manager = await ManagerApi.open();
    const client = injectedClient(manager.app);
    const worker = await manager.join("worker1");
    const names = Array.from({ length: 40 }, (_, index) => `t${String(index)}`);
    const tasks = await Promise.all(
      names.map(async (name) => client.submit({ ...image, name, cpu: 0.01, memory: "6MiB" })),
    );
    const oneByOne = vi.spyOn(client, "task");
    const { context, shown } = terminal();
    const waiting = waitForTasks(client, context, { ids: tasks.map(({ id }) => id), isSettled: isUpOrEnded });
    await expect.poll(shown).toMatch(/0 of 40 are there: 40 scheduled\r\nt0 is scheduled on worker1/);
    for (const { id } of tasks.slice(0, 5))
      await worker.report(id, { state: REPORTED.running, reason: "up", health: "none" });
    await expect.poll(shown).toContain("5 of 40 are there: 35 scheduled, 5 running");
    expect(oneByOne).not.toHaveBeenCalled();
    for (const { id } of tasks) await worker.report(id, { state: REPORTED.running, reason: "up", health: "none" });
    expect(await waiting).toHaveLength(40);
  });

  test("bears with a manager that is away for a while", async () => {
    await using manager = await ManagerApi.open();
    const client = injectedClient(manager.app);
    const worker = await manager.join("worker1");
    const { id } = await client.submit({ ...image, name: "echo" });
    const away = vi
      .spyOn(client, "task")
      .mockRejectedValue(new ClientError("refused", "http://gone: connection refused"));
    const { context, shown } = terminal();
    const waiting = waitForTasks(client, context, { ids: [id], isSettled: isUpOrEnded });
    await expect.poll(shown).toContain("http://gone: connection refused; trying again");
    away.mockRestore();
    await worker.report(id, { state: REPORTED.running, reason: "up", health: "none" });
    expect(await waiting).toMatchObject([{ id, state: "running" }]);
  });

  test("does not take a check that was not heard of yet for passed", () => {
    const task = { state: "running", health: "none", spec: { image: "x", health: { tcp: { port: 1 } } } };
    expect(isUpOrEnded(task as Parameters<typeof isUpOrEnded>[0])).toBe(false);
    expect(isUpOrEnded({ ...task, spec: { image: "x" } } as Parameters<typeof isUpOrEnded>[0])).toBe(true);
  });

  test("gives up when the time is up, and says how things stand", async () => {
    await using manager = await ManagerApi.open();
    const client = injectedClient(manager.app);
    const { id } = await client.submit({ ...image, name: "echo" });
    const { context } = terminal();
    const waiting = waitForTasks(client, context, { ids: [id], isSettled: hasEnded, timeoutMs: 0 });
    await expect(waiting).rejects.toThrow(/the time is up: echo is pending: /);
  });
});

test("what nothing checks is up once it has run for a second, in one run and not between two", () => {
  let now = 0;
  const isSettled = isSteadyOrEnded(() => now);
  const running = { id: "a", state: "running", health: "none", spec: { image: "x" }, attempt: 1, restarts: 0 };
  const at = (ms: number, more: object): boolean => {
    now = ms;
    return isSettled({ ...running, reason: "running", ...more } as Parameters<typeof isSettled>[0]);
  };
  expect(at(0, {})).toBe(false);
  expect(at(900, {})).toBe(false);
  expect(at(950, { reason: "ended with exit code 4; starting again in 60 s (1 of 3)" })).toBe(false);
  expect(at(9000, { reason: "ended with exit code 4; starting again in 60 s (1 of 3)" })).toBe(false);
  expect(at(9100, { restarts: 1 })).toBe(false);
  expect(at(10_100, { restarts: 1 })).toBe(true);
  expect(at(0, { id: "b", health: "healthy" })).toBe(true);
  expect(at(0, { id: "c", state: "failed" })).toBe(true);
});
