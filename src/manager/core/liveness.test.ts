import { describe, expect, it } from "vitest";
import { CoreBench, type BenchWorker } from "../../../test/support/core-bench.ts";
import { REPORTED, type Item, type Report } from "../../protocol/messages.ts";
import { roundrobin } from "../../scheduler/roundrobin.ts";
import type { TaskId } from "../../task/id.ts";

const A = "00000000-0000-4000-8000-00000000000a" as TaskId;
const B = "00000000-0000-4000-8000-00000000000b" as TaskId;
const LEASED = { image: "echo", stopTimeout: 0, reschedule: { onDisconnect: "stop" } } as const;

function running(task: TaskId, attempt = 1): Report {
  return { task, attempt, state: REPORTED.running, restarts: 0, reason: "running" };
}

function itemOf(report: Report): Item {
  return { ...report, name: "echo", spec: 0, createdAt: 1 };
}

/** Time passes, and these workers are heard all the while. */
function passWith(bench: CoreBench, ms: number, workers: readonly BenchWorker[]): void {
  for (let left = ms; left > 0; left -= 1000) {
    bench.tick(Math.min(1000, left));
    for (const worker of workers) worker.report([]);
  }
}

function statusOf(bench: CoreBench, name: string): string | undefined {
  return bench.core.state.nodes.get(`id-${name}`)?.status;
}

describe("a node that falls silent", () => {
  it("is unreachable after 6 s, when its tasks are left as they are, and lost after 15 s, when they go elsewhere", () => {
    const bench = new CoreBench({ algorithm: roundrobin });
    const silent = bench.connect("w1");
    bench.submit({ id: A, image: "echo" });
    silent.report([running(A)]);
    const other = bench.connect("w2");
    passWith(bench, 6000, [other]);
    expect(statusOf(bench, "w1")).toBe("unreachable");
    expect(bench.task(A)).toMatchObject({ state: "running", attempt: 1 });
    passWith(bench, 8000, [other]);
    expect(statusOf(bench, "w1")).toBe("unreachable");
    passWith(bench, 1000, [other]);
    expect(statusOf(bench, "w1")).toBe("lost");
    expect(bench.task(A)).toMatchObject({ state: "scheduled", attempt: 2, nodeId: "id-w2", reschedules: 0 });
  });

  it("has its connection closed when it is lost, so that it says everything again", () => {
    const bench = new CoreBench();
    const worker = bench.connect("w1");
    for (let second = 0; second < 15; second += 1) worker.take(bench.tick(1000));
    expect(worker.isClosed).toBe(true);
    expect(bench.core.state.nodes.get("id-w1")?.session).toBeUndefined();
  });

  it("is told to stop what was given to another meanwhile, before anything else", () => {
    const bench = new CoreBench({ algorithm: roundrobin });
    bench.connect("w1").report([]);
    bench.submit({ id: A, image: "echo" });
    const other = bench.connect("w2");
    passWith(bench, 16_000, [other]);
    const back = bench.connect("w1", { items: [itemOf(running(A))], specs: [{ image: "echo" }] });
    expect(back.last?.verdicts).toMatchObject([{ task: A, attempt: 1, verdict: "stop" }]);
    expect(bench.task(A)).toMatchObject({ nodeId: "id-w2", attempt: 2 });
  });

  it("gives up its name when it is lost", () => {
    const bench = new CoreBench();
    bench.connect("w1");
    bench.pass(10_000);
    expect(bench.connect("w1", { nodeId: "another" }).answer).toMatchObject({ kind: "refusal", code: "name_taken" });
    bench.pass(6000);
    expect(bench.connect("w1", { nodeId: "another" }).answer?.kind).toBe("welcome");
    expect(bench.core.state.nodes.size).toBe(1);
  });

  it("counts as stopped what was to stop", () => {
    const bench = new CoreBench();
    bench.connect("w1").report([]);
    bench.submit({ id: A, image: "echo" });
    bench.ask({ kind: "stopRequested", task: A, cause: "requested" });
    bench.pass(16_000);
    expect(bench.task(A)).toBeUndefined();
    expect(bench.core.state.counts.completed).toBe(1);
  });

  it("is given time when it said goodbye, and lost when it does not come back", () => {
    const bench = new CoreBench();
    bench.connect("w1").report([], { leaving: true });
    bench.submit({ id: A, image: "echo" });
    bench.pass(299_000);
    expect(statusOf(bench, "w1")).toBe("left");
    bench.pass(2000);
    expect(statusOf(bench, "w1")).toBe("lost");
  });
});

describe("what must not run twice", () => {
  it("waits, on a lost node, until its worker has stopped it for certain", () => {
    const bench = new CoreBench({ algorithm: roundrobin });
    const silent = bench.connect("w1");
    bench.submit({ id: A, ...LEASED, stopTimeout: "10s" });
    silent.report([running(A)]);
    const other = bench.connect("w2");
    passWith(bench, 22_000, [other]); // lease 10 s, stop timeout 10 s, 2 s, and 1 %
    expect(statusOf(bench, "w1")).toBe("lost");
    expect(bench.task(A)).toMatchObject({ state: "running", attempt: 1 });
    expect(bench.task(A)?.reason).toContain("lost");
    passWith(bench, 1000, [other]);
    expect(bench.task(A)).toMatchObject({ state: "scheduled", attempt: 2, nodeId: "id-w2" });
  });

  it("is placed again, at no cost, when its worker has released it", () => {
    const bench = new CoreBench();
    const worker = bench.connect("w1");
    bench.submit({ id: A, ...LEASED });
    worker.report([running(A)]);
    const report = { ...running(A), state: REPORTED.released, reason: "its lease ran out", finishedAt: 5 };
    worker.report([report]);
    expect(worker.last?.verdicts).toMatchObject([{ task: A, attempt: 1, verdict: "discard" }]);
    expect(bench.task(A)).toMatchObject({ state: "scheduled", attempt: 2, reschedules: 0 });
  });

  it("keeps its node from being removed while it may run there", () => {
    const bench = new CoreBench();
    bench.connect("w1").report([]);
    bench.submit({ id: A, ...LEASED });
    bench.pass(7000);
    expect(bench.ask({ kind: "nodeRemovalRequested", node: "w1" })).toMatchObject({ kind: "nodeUp" });
    bench.pass(6000);
    expect(bench.ask({ kind: "nodeRemovalRequested", node: "w1" })).toEqual({ kind: "done" });
  });
});

describe("silence", () => {
  it("counts only while the manager listened: what it was late itself is credited", () => {
    const bench = new CoreBench();
    bench.connect("w1");
    bench.tick(1000);
    bench.tick(30_000);
    expect(statusOf(bench, "w1")).toBe("ready");
    bench.pass(5000);
    expect(statusOf(bench, "w1")).toBe("unreachable");
  });

  it("is not what was said in the same batch as the tick", () => {
    const bench = new CoreBench();
    const worker = bench.connect("w1");
    bench.pass(5500);
    bench.mono += 900;
    const frame = { kind: "frame", rev: 1, ack: 0, reports: [] } as const;
    bench.step({ kind: "ticked" }, { kind: "frameReceived", session: worker.session, frame, endedIds: new Set() });
    expect(statusOf(bench, "w1")).toBe("ready");
  });

  it("begins anew when the manager starts", () => {
    const bench = new CoreBench();
    const worker = bench.connect("w1");
    bench.submit({ id: A, image: "echo" });
    worker.report([running(A)]);
    bench.restart();
    bench.mono += 60_000;
    bench.pass(14_000);
    expect(statusOf(bench, "w1")).toBe("unreachable");
    bench.pass(2000);
    expect(statusOf(bench, "w1")).toBe("lost");
  });
});

describe("the brake", () => {
  const five = ["w1", "w2", "w3", "w4", "w5"];

  it("keeps the manager from giving up most of its nodes at once, for a minute", () => {
    const bench = new CoreBench();
    const workers = five.map((name) => bench.connect(name));
    passWith(bench, 20_000, workers.slice(3));
    expect(bench.core.state.brake?.reason).toContain("3 of 5 nodes");
    expect(statusOf(bench, "w1")).toBe("unreachable");
    passWith(bench, 41_000, workers.slice(3));
    expect(statusOf(bench, "w1")).toBe("lost");
  });

  it("is not put on for half of the nodes, nor for two", () => {
    const bench = new CoreBench();
    const workers = five.slice(0, 4).map((name) => bench.connect(name));
    passWith(bench, 20_000, workers.slice(2));
    expect(bench.core.state.brake).toBeUndefined();
    expect(statusOf(bench, "w1")).toBe("lost");
  });

  it("goes off when half of the silent nodes are back, or when an operator says so", () => {
    const bench = new CoreBench();
    const workers = five.map((name) => bench.connect(name));
    passWith(bench, 10_000, workers.slice(4));
    expect(bench.core.state.brake).toBeDefined();
    bench.connect("w1");
    passWith(bench, 1000, []);
    expect(bench.core.state.brake).toBeDefined();
    bench.connect("w2");
    passWith(bench, 1000, []);
    expect(bench.core.state.brake).toBeUndefined();

    const again = new CoreBench();
    const others = five.map((name) => again.connect(name));
    passWith(again, 16_000, others.slice(4));
    again.ask({ kind: "brakeReleaseRequested" });
    passWith(again, 2000, others.slice(4));
    expect(again.core.state.brake).toBeUndefined();
    expect(statusOf(again, "w1")).toBe("lost");
  });

  it("is on as well when the manager comes back to silence", () => {
    const bench = new CoreBench();
    for (const name of five) bench.connect(name);
    bench.restart();
    bench.pass(30_000);
    expect(bench.core.state.brake).toBeDefined();
    expect(statusOf(bench, "w1")).toBe("unreachable");
  });
});

describe("a node that keeps coming and going", () => {
  it("gets new tasks only after a calm time that doubles, unless there is no other", () => {
    const bench = new CoreBench({ algorithm: roundrobin });
    const steady = bench.connect("w2");
    bench.connect("w1");
    passWith(bench, 7000, [steady]);
    const back = bench.connect("w1");
    bench.submit({ id: A, image: "echo" });
    expect(bench.task(A)?.nodeId).toBe("id-w2");
    passWith(bench, 7000, [steady]);
    const again = bench.connect("w1");
    expect(bench.core.state.nodes.get("id-w1")).toMatchObject({ flaps: 2, isDamped: true });
    passWith(bench, 9000, [steady, again]);
    expect(bench.core.state.nodes.get("id-w1")?.isDamped).toBe(true);
    passWith(bench, 2000, [steady, again]);
    expect(bench.core.state.nodes.get("id-w1")?.isDamped).toBe(false);
    expect(back.isClosed).toBe(false);
  });

  it("is taken when it is the last one eligible", () => {
    const bench = new CoreBench();
    bench.connect("w1");
    bench.pass(7000);
    bench.connect("w1");
    expect(bench.core.state.nodes.get("id-w1")?.isDamped).toBe(true);
    bench.submit({ id: A, image: "echo" });
    expect(bench.task(A)?.nodeId).toBe("id-w1");
  });

  it("is not one whose manager was restarted", () => {
    const bench = new CoreBench();
    bench.connect("w1");
    bench.restart();
    bench.connect("w1");
    expect(bench.core.state.nodes.get("id-w1")).toMatchObject({ status: "ready", isDamped: false });
  });
});

describe("a store that was rolled back", () => {
  it("goes on with the higher attempt that a worker reports, and stops the lower one", () => {
    const bench = new CoreBench({ algorithm: roundrobin });
    const first = bench.connect("w1");
    bench.submit({ id: A, image: "echo" });
    first.report([running(A)]);
    bench.connect("w2", { items: [itemOf(running(A, 3))], specs: [{ image: "echo" }] });
    expect(bench.task(A)).toMatchObject({ state: "running", attempt: 3, nodeId: "id-w2" });
    expect(bench.core.state.nodes.get("id-w1")?.ledger.count).toBe(1);
    const told = bench.last?.messages.find(({ session }) => session === first.session)?.message;
    expect(told).toMatchObject({ stop: [{ task: A, attempt: 1 }] });
    first.report([{ ...running(A), state: REPORTED.released, exitCode: 143 }]);
    expect(bench.core.state.nodes.get("id-w1")?.ledger.count).toBe(0);
    expect(bench.task(A)).toMatchObject({ state: "running", attempt: 3 });
  });

  it("takes the end of a higher attempt for the end of the task", () => {
    const bench = new CoreBench();
    bench.connect("w1");
    bench.submit({ id: B, image: "echo" });
    const end = { ...running(B, 2), state: REPORTED.completed, exitCode: 0, finishedAt: 5 };
    bench.connect("w2", { items: [itemOf(end)], specs: [{ image: "echo" }] });
    expect(bench.task(B)).toBeUndefined();
    expect(bench.core.state.counts.completed).toBe(1);
  });

  it("does not assign again what it learns of and sees ended in one message", () => {
    const bench = new CoreBench();
    const end = { ...running(B), state: REPORTED.completed, exitCode: 0, finishedAt: 5 };
    const worker = bench.connect("w1", { items: [itemOf(end)], specs: [{ image: "echo" }] });
    expect(worker.last).toMatchObject({ verdicts: [{ task: B, verdict: "discard" }], assign: [] });
  });
});
