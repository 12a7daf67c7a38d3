import { describe, expect, it } from "vitest";
import { WorkerBench } from "../../../test/support/worker-bench.ts";
import { REPORTED } from "../../protocol/messages.ts";
import type { TaskId } from "../../task/id.ts";

const A = "00000000-0000-4000-8000-00000000000a" as TaskId;
const B = "00000000-0000-4000-8000-00000000000b" as TaskId;
const SICK = "the engine hangs";

function setSick(bench: WorkerBench, sick: string | undefined): void {
  bench.step({ kind: "engineChanged", runtime: "docker", sick });
}

describe("an engine that does not answer", () => {
  it("gets nothing new, from the manager or from here, and both are told why", () => {
    const bench = new WorkerBench();
    bench.connect();
    setSick(bench, SICK);
    expect(bench.submit({ id: A, image: "echo" })).toEqual({
      kind: "refused",
      reason: "task local: docker on w1 does not answer: the engine hangs",
    });
    bench.assign(B);
    expect(bench.speak()?.reports).toMatchObject([{ task: B, state: REPORTED.refused, reason: /the engine hangs/ }]);
  });

  it("is told of at once, in every frame while it lasts, and in the next hello", () => {
    const bench = new WorkerBench();
    bench.connect();
    bench.pass(100);
    const before = bench.frames.length;
    setSick(bench, SICK);
    expect(bench.frames).toHaveLength(before + 1);
    expect(bench.frames.at(-1)?.sick).toEqual({ docker: SICK });
    bench.pass(2000);
    expect(bench.frames.at(-1)?.sick).toEqual({ docker: SICK });
    const { messages } = bench.connect();
    expect(messages[0]?.message).toMatchObject({ kind: "hello", sick: { docker: SICK } });
    bench.pass(100);
    setSick(bench, undefined);
    bench.pass(25);
    expect(bench.frames.at(-1)?.sick).toBeUndefined();
  });

  it("leaves what runs as it is, and lets what is to start wait and say so", () => {
    const bench = new WorkerBench();
    bench.submit({ id: A, image: "echo" });
    bench.started(A);
    bench.submit({ id: B, image: "echo" });
    setSick(bench, SICK);
    expect(bench.entry(A)).toMatchObject({ phase: { kind: "running" }, reason: "running" });
    expect(bench.entry(B)?.reason).toBe("waiting: docker does not answer: the engine hangs");
    setSick(bench, undefined);
    expect(bench.entry(B)?.reason).toBe("starting");
  });

  it("says nothing of health: probes that fail meanwhile do not count", () => {
    const bench = new WorkerBench();
    bench.submit({ id: A, image: "echo", health: { command: ["true"], retries: 1, interval: "1s", startPeriod: 0 } });
    bench.started(A);
    setSick(bench, SICK);
    bench.pass(1000);
    const failed = { kind: "runProbed", run: { task: A, attempt: 1, restart: 0 }, ok: false, detail: "gone" } as const;
    bench.step(failed);
    expect(bench.entry(A)?.phase.kind).toBe("running");
    setSick(bench, undefined);
    bench.pass(1000);
    bench.step(failed);
    expect(bench.entry(A)?.phase.kind).toBe("stopping");
  });
});

describe("an engine whose disk is too full", () => {
  it("keeps fewer results while no manager is there to take them", () => {
    const bench = new WorkerBench({ mostResultsCrowded: 1 });
    for (const id of [A, B]) {
      bench.submit({ id, image: "echo" });
      bench.started(id);
      bench.exited(id, { exitCode: 0 });
    }
    bench.pass(1000);
    expect(bench.core.state.entries.size).toBe(2);
    bench.connect();
    bench.step({ kind: "diskChanged", runtime: "docker", isCrowded: true });
    bench.pass(1000);
    expect(bench.core.state.entries.size).toBe(2);
    bench.step({ kind: "sessionClosed", session: 1 });
    bench.pass(1000);
    expect(bench.core.state.entries.size).toBe(1);
    bench.step({ kind: "diskChanged", runtime: "docker", isCrowded: false });
    expect(bench.core.state.crowded.size).toBe(0);
  });
});
