/** What the labels of a task make of its hollow instance; what all runtimes share is in `hollow.test.ts`. */
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { SpecDocument } from "../../../task/document.ts";
import { requestOf, start, watch } from "../../../../test/support/instances.ts";
import { instanceName, type Runtime, type StartRequest } from "../runtime.ts";
import { createHollowRuntime } from "./hollow-runtime.ts";

let runtime: Runtime;

beforeEach(() => {
  vi.useFakeTimers();
  runtime = createHollowRuntime({ workerId: randomUUID() });
});

afterEach(async () => {
  vi.useRealTimers();
  for (const { ref } of await runtime.list()) await runtime.remove(ref);
  await runtime.close();
});

function hollow(labels: SpecDocument["labels"] = {}): StartRequest {
  return requestOf({ runtime: "hollow", labels });
}

test("without labels it runs until it is stopped", async () => {
  const { ref } = await started({});
  await vi.advanceTimersByTimeAsync(86_400_000);
  expect(await runtime.list()).toMatchObject([{ running: true }]);
  expect(await runtime.stop(ref, 1000)).toMatchObject({ exitCode: 143 });
});

test("a duration and an exit code end it so", async () => {
  const notices = await watch(runtime);
  const { ref } = await started({ "hollow.duration": "2s", "hollow.exit": "3" });
  await vi.advanceTimersByTimeAsync(1999);
  expect(notices).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  const exit = { exitCode: 3, oomKilled: false, finishedAt: Date.now() };
  expect(notices).toEqual([{ kind: "exited", ref, exit }]);
  expect(await runtime.list()).toMatchObject([{ running: false, exit }]);
});

test("a removed instance ends no more", async () => {
  const notices = await watch(runtime);
  const { ref } = await started({ "hollow.duration": "2s" });
  await runtime.remove(ref);
  await vi.advanceTimersByTimeAsync(3000);
  expect(notices.map(({ kind }) => kind)).toEqual(["exited", "removed"]);
});

test.each([
  { takes: "1s", exitCode: 143, afterMs: 1000 },
  { takes: "10s", exitCode: 137, afterMs: 5000 },
])("that takes $takes to stop ends with $exitCode after $afterMs ms of 5000", async ({ takes, exitCode, afterMs }) => {
  const { ref } = await started({ "hollow.stop": takes });
  const stopping = runtime.stop(ref, 5000);
  await vi.advanceTimersByTimeAsync(afterMs - 1);
  expect(await runtime.list()).toMatchObject([{ running: true }]);
  await vi.advanceTimersByTimeAsync(1);
  expect(await stopping).toMatchObject({ exitCode });
});

test("can take its time to start, and be called off meanwhile", async () => {
  const slow = hollow({ "hollow.start": "200ms" });
  const starting = start(runtime, slow);
  await vi.advanceTimersByTimeAsync(199);
  expect(await runtime.list()).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  await starting;
  const controller = new AbortController();
  const unwanted = runtime.start(hollow({ "hollow.start": "200ms" }), () => undefined, controller.signal);
  controller.abort();
  await expect(unwanted).rejects.toMatchObject({ name: "StartError", code: "engine" });
  expect(await runtime.list()).toHaveLength(1);
});

test.each(["image", "command", "ports", "spec", "engine"])("can fail to start for want of %s", async (code) => {
  await expect(start(runtime, hollow({ "hollow.fail": code }))).rejects.toMatchObject({ name: "StartError", code });
  expect(await runtime.list()).toEqual([]);
});

test.each([
  ["hollow.duration", "soon"],
  ["hollow.exit", "256"],
  ["hollow.fail", "bad luck"],
  ["hollow.memory", "much"],
  ["hollow.cpu", "-1"],
])("a label %s that is %s is refused by name", async (label, value) => {
  await expect(start(runtime, hollow({ [label]: value }))).rejects.toMatchObject({
    code: "spec",
    message: expect.stringContaining(label),
  });
});

test("uses what it is told to while it runs, and answers commands as it is told to", async () => {
  const { ref } = await started({ "hollow.cpu": "0.5", "hollow.memory": "20MiB", "hollow.exec": "1" });
  expect(await runtime.use()).toEqual(new Map([[instanceName(ref), { cpu: 0.5, memory: 20 * 2 ** 20 }]]));
  expect(await runtime.exec(ref, ["true"], 1000)).toEqual({ exitCode: 1, output: "" });
  await runtime.stop(ref, 0);
  expect(await runtime.use()).toEqual(new Map());
  await expect(runtime.exec(ref, ["true"], 1000)).rejects.toThrow("does not run");
});

async function started(labels: SpecDocument["labels"]): Promise<StartRequest> {
  const request = hollow(labels);
  await start(runtime, request);
  return request;
}
