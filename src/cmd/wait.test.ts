import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { injectedClient } from "../../test/support/injected-client.ts";
import { ManagerApi } from "../../test/support/manager-api.ts";
import { REPORTED } from "../protocol/messages.ts";
import type { Context, Output } from "./context.ts";
import { hasEnded, isUpOrEnded, waitForTasks } from "./wait.ts";

/** Standard error that is a terminal, and what was written to it. */
function terminal(): { context: Context; shown: () => string } {
  const stderr: Output = Object.assign(new PassThrough(), { isTTY: true, columns: 60 });
  let shown = "";
  stderr.on("data", (chunk: Buffer) => (shown += chunk.toString()));
  const context = { env: {}, stdin: new PassThrough(), stdout: new PassThrough(), stderr, now: Date.now };
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
    await expect.poll(shown).toContain("echo is pending: ");
    const worker = await manager.join("worker1");
    await worker.report(id, { state: REPORTED.starting, reason: "pulling echo" });
    await expect.poll(shown).toContain("echo is scheduled on worker1: pulling echo");
    await worker.report(id, { state: REPORTED.running, reason: "up", health: "none" });
    expect(await waiting).toMatchObject([{ id, state: "running" }]);
    expect(shown()).toMatch(/\r\u001b\[2K$/);
  });

  test("goes on until a task with a health check is healthy", async () => {
    await using manager = await ManagerApi.open();
    const client = injectedClient(manager.app);
    const worker = await manager.join("worker1");
    const { id } = await client.submit({ ...image, name: "echo", ports: [{ container: 80 }], health: { http: {} } });
    const { context, shown } = terminal();
    const waiting = waitForTasks(client, context, { ids: [id], isSettled: isUpOrEnded });
    await worker.report(id, { state: REPORTED.running, reason: "starting up", health: "starting" });
    await expect.poll(shown).toContain("echo is running on worker1: starting up");
    await worker.report(id, { state: REPORTED.running, reason: "up", health: "healthy" });
    expect(await waiting).toMatchObject([{ id, health: "healthy" }]);
  });

  test("returns all of several once each is there or has ended, counting them", async () => {
    await using manager = await ManagerApi.open();
    const client = injectedClient(manager.app);
    const worker = await manager.join("worker1");
    const tasks = await Promise.all(["a", "b", "c"].map(async (name) => client.submit({ ...image, name })));
    const [a, b, c] = tasks.map(({ id }) => id);
    const { context, shown } = terminal();
    const waiting = waitForTasks(client, context, { ids: tasks.map(({ id }) => id), isSettled: isUpOrEnded });
    await worker.report(a ?? "", { state: REPORTED.running, reason: "up", health: "none" });
    await expect.poll(shown).toContain("1 of 3 are there; b is scheduled on worker1");
    await worker.report(b ?? "", { state: REPORTED.completed, reason: "done", exitCode: 0 });
    await worker.report(c ?? "", { state: REPORTED.failed, reason: "gave up", exitCode: 1 });
    expect((await waiting).map(({ state }) => state)).toEqual(["running", "completed", "failed"]);
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
