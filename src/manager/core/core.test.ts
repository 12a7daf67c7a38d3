import { describe, expect, it } from "vitest";
import { CoreBench } from "../../../test/support/core-bench.ts";
import { PROTOCOL_VERSION, REPORTED, type Hello, type Item, type Report } from "../../protocol/messages.ts";
import type { Filter } from "../../scheduler/filter.ts";
import { roundrobin } from "../../scheduler/roundrobin.ts";
import type { TaskId } from "../../task/id.ts";

const A = "00000000-0000-4000-8000-00000000000a" as TaskId;
const B = "00000000-0000-4000-8000-00000000000b" as TaskId;

const running = (task: TaskId, attempt = 1, more: Partial<Report> = {}): Report => ({
  task,
  attempt,
  state: REPORTED.running,
  restarts: 0,
  reason: "running",
  startedAt: 5,
  ...more,
});
const ended = (task: TaskId, state: Report["state"], more: Partial<Report> = {}): Report => ({
  ...running(task, 1, more),
  state,
  finishedAt: 9,
});

describe("submission", () => {
  it("accepts a task and places it in the same commit: one row", () => {
    const bench = new CoreBench();
    bench.connect("w1");
    expect(bench.submit({ id: A, image: "echo" })).toEqual({ kind: "accepted", ids: [A] });
    expect(bench.task(A)).toMatchObject({ state: "scheduled", nodeId: "id-w1", attempt: 1 });
    expect(bench.tables.get("tasks")?.size).toBe(1);
  });

  it("keeps a task that fits nowhere pending, says why, and places it when a node joins", () => {
    const bench = new CoreBench();
    bench.submit({ id: A, image: "echo", memory: "4GiB" });
    expect(bench.task(A)?.state).toBe("pending");
    const spec = bench.task(A)?.spec;
    expect(spec && bench.core.state.pending.blockedBecause(spec)).toContain("no node");
    bench.connect("w1");
    expect(bench.task(A)?.state).toBe("scheduled");
  });

  it("refuses an id that a live or an ended task bears", () => {
    const bench = new CoreBench();
    bench.submit({ id: A, image: "echo" });
    expect(bench.submit({ id: A, image: "echo" })).toEqual({ kind: "idTaken", ids: [A] });
    bench.ask({ kind: "stopRequested", task: A, cause: "stopped" });
    expect(bench.task(A)).toBeUndefined();
    expect(bench.submit({ id: A, image: "echo" })).toEqual({ kind: "idTaken", ids: [A] });
    bench.restart();
    expect(bench.submit({ id: A, image: "echo" })).toEqual({ kind: "idTaken", ids: [A] });
  });

  it("answers the same key with the same tasks, another body with a mismatch, also after a restart", () => {
    const bench = new CoreBench();
    const key = { key: "k", digest: "d" };
    expect(bench.submit({ id: A, image: "echo" }, key)).toEqual({ kind: "accepted", ids: [A] });
    bench.restart();
    expect(bench.submit({ id: B, image: "echo" }, key)).toEqual({ kind: "accepted", ids: [A] });
    expect(bench.submit({ id: B, image: "echo" }, { key: "k", digest: "other" })).toEqual({
      kind: "idempotencyMismatch",
    });
    bench.pass(25 * 3_600_000);
    expect(bench.submit({ id: B, image: "echo" }, { key: "k", digest: "other" })).toEqual({
      kind: "accepted",
      ids: [B],
    });
  });
});

describe("a task's way", () => {
  it("goes from scheduled over running to completed, and its result is discarded only then", () => {
    const bench = new CoreBench();
    const worker = bench.connect("w1");
    worker.take(bench.step({ kind: "ticked" }));
    bench.submit({ id: A, image: "echo" });
    worker.report([
      running(A, 1, {
        containerId: "c1",
        ports: [{ container: 80, host: 20_001, protocol: "tcp", address: "127.0.0.1" }],
      }),
    ]);
    expect(bench.task(A)).toMatchObject({ state: "running", containerId: "c1" });
    worker.report([ended(A, REPORTED.completed, { exitCode: 0, reason: "ended with exit code 0" })]);
    expect(bench.task(A)).toBeUndefined();
    expect(worker.last?.verdicts).toEqual([{ task: A, attempt: 1, verdict: "discard" }]);
    expect(bench.core.state.counts).toMatchObject({ completed: 1, running: 0 });
    expect(bench.core.state.nodes.get("id-w1")?.ledger.reserved.cpu).toBe(0);
    worker.report([ended(A, REPORTED.completed)]);
    expect(worker.last?.verdicts).toEqual([{ task: A, attempt: 1, verdict: "discard" }]);
  });

  it("is placed again after a failed attempt until the reschedules are used up", () => {
    const bench = new CoreBench();
    const worker = bench.connect("w1");
    bench.submit({ id: A, image: "echo", reschedule: { attempts: 1, delay: "5s" } });
    worker.report([ended(A, REPORTED.failed, { exitCode: 3, reason: "ended with exit code 3" })]);
    expect(bench.task(A)).toMatchObject({ state: "pending", reschedules: 1, exitCode: 3 });
    bench.pass(4000);
    expect(bench.task(A)?.state).toBe("pending");
    worker.report([]);
    bench.pass(4000);
    expect(bench.task(A)).toMatchObject({ state: "scheduled", attempt: 2 });
    worker.report([{ ...ended(A, REPORTED.failed, { exitCode: 3 }), attempt: 2 }]);
    expect(bench.task(A)).toBeUndefined();
    expect(bench.core.state.counts.failed).toBe(1);
  });

  it("is not placed again when no other node would do better", () => {
    const bench = new CoreBench();
    const worker = bench.connect("w1");
    bench.submit({ id: A, image: "echo" });
    worker.report([ended(A, REPORTED.failed, { fatal: true, reason: "no such command" })]);
    expect(bench.core.state.counts.failed).toBe(1);
  });

  it("goes to another node when one refuses it", () => {
    const bench = new CoreBench({ algorithm: roundrobin });
    const first = bench.connect("w1");
    bench.connect("w2");
    bench.submit({ id: A, image: "echo" });
    expect(bench.task(A)?.nodeId).toBe("id-w1");
    first.report([ended(A, REPORTED.refused, { reason: "port 80/tcp is taken" })]);
    expect(bench.task(A)).toMatchObject({ state: "scheduled", nodeId: "id-w2", attempt: 2, reschedules: 0 });
  });

  it("is tried again on the only node that refused it, after a while", () => {
    const bench = new CoreBench();
    const worker = bench.connect("w1");
    bench.submit({ id: A, image: "echo" });
    worker.report([ended(A, REPORTED.refused, { reason: "no" })]);
    expect(bench.task(A)?.state).toBe("pending");
    bench.pass(1100);
    expect(bench.task(A)).toMatchObject({ state: "scheduled", attempt: 2 });
  });

  it("is ordered to stop, and completed when its worker has stopped it", () => {
    const bench = new CoreBench();
    const worker = bench.connect("w1");
    bench.submit({ id: A, image: "echo" });
    worker.report([running(A)]);
    expect(bench.ask({ kind: "stopRequested", task: A, cause: "stopped on request" })).toEqual({ kind: "done" });
    expect(bench.task(A)).toMatchObject({ state: "running", desired: "stop" });
    worker.report([running(A)]);
    expect(worker.last?.verdicts[0]?.verdict).toBe("stop");
    worker.report([ended(A, REPORTED.completed, { exitCode: 143 })]);
    expect(bench.core.state.counts.completed).toBe(1);
  });

  it("is restarted once by a request that is repeated", () => {
    const bench = new CoreBench();
    const worker = bench.connect("w1");
    bench.submit({ id: A, image: "echo" });
    const restart = { kind: "restartRequested", task: A, idempotency: { key: "r", digest: "/tasks/a/restart" } };
    expect(bench.ask(restart)).toEqual({ kind: "done" });
    worker.report([ended(A, REPORTED.completed)]);
    expect(bench.task(A)).toMatchObject({ state: "scheduled", attempt: 2 });
    expect(bench.ask(restart)).toEqual({ kind: "accepted", ids: [A] });
    expect(bench.task(A)?.moving).toBeUndefined();
  });

  it("is restarted as a new attempt", () => {
    const bench = new CoreBench();
    const worker = bench.connect("w1");
    bench.submit({ id: A, image: "echo" });
    worker.report([running(A)]);
    expect(bench.ask({ kind: "restartRequested", task: A, idempotency: undefined })).toEqual({ kind: "done" });
    worker.report([ended(A, REPORTED.completed, { exitCode: 143 })]);
    expect(bench.task(A)).toMatchObject({ state: "scheduled", attempt: 2, reschedules: 0 });
  });
});

describe("a restart of the manager", () => {
  it("finds everything again, and takes the workers' word for what runs", () => {
    const bench = new CoreBench();
    const worker = bench.connect("w1");
    bench.submit({ id: A, image: "echo", cpu: 1 });
    bench.submit({ id: B, image: "echo", memory: "64GiB" });
    worker.report([running(A, 1, { containerId: "c1" })]);
    const before = bench.task(A);
    bench.restart();
    expect(bench.task(A)).toEqual(before);
    expect(bench.task(B)?.state).toBe("pending");
    expect(bench.core.state.nodes.get("id-w1")).toMatchObject({ status: "unreachable" });
    expect(bench.core.state.nodes.get("id-w1")?.ledger.reserved.cpu).toBe(1);
    const item: Item = { ...running(A, 1, { containerId: "c1" }), name: "task", spec: 0, createdAt: 1 };
    const again = bench.connect("w1", { items: [item], specs: [{ image: "echo", cpu: 1 }] });
    expect(again.last?.verdicts).toEqual([{ task: A, attempt: 1, verdict: "keep" }]);
    expect(again.last?.assign).toEqual([]);
    expect(bench.core.state.nodes.get("id-w1")?.ledger.reserved.cpu).toBe(1);
  });

  it("begins a new epoch and goes on with the numbers of the history", () => {
    const bench = new CoreBench();
    bench.connect("w1");
    bench.submit({ id: A, image: "echo" });
    const lastSeq = bench.core.state.lastEventSeq;
    bench.restart();
    const { events } = bench.step({ kind: "ticked" });
    expect(bench.core.state.cluster).toEqual({ clusterId: "cluster-1", epoch: 2 });
    expect(events[0]?.seq).toBe(lastSeq + 1);
  });

  it("assigns again what the worker does not have", () => {
    const bench = new CoreBench();
    bench.connect("w1");
    bench.submit({ id: A, image: "echo" });
    const again = bench.connect("w1");
    expect(again.last?.assign.map(({ task }) => task)).toEqual([A]);
  });
});

describe("verdicts", () => {
  const item = (task: TaskId, more: Partial<Item> = {}): Item => ({
    ...running(task),
    name: "local",
    spec: 0,
    createdAt: 1,
    ...more,
  });

  it("adopts what was started on a worker directly, and what a lost store has forgotten", () => {
    const bench = new CoreBench();
    const worker = bench.connect("w1", { items: [item(A, { local: true }), item(B)], specs: [{ image: "echo" }] });
    expect(worker.last?.verdicts.map(({ verdict }) => verdict)).toEqual(["adopt", "adopt"]);
    expect(bench.task(A)).toMatchObject({ state: "running", origin: "local" });
    expect(bench.task(B)).toMatchObject({ state: "running", origin: "recovered" });
  });

  it("takes the result of what it adopts already ended", () => {
    const bench = new CoreBench();
    const done = item(A, { local: true, state: REPORTED.completed, exitCode: 0, finishedAt: 7 });
    const worker = bench.connect("w1", { items: [done], specs: [{ image: "echo" }] });
    expect(worker.last?.verdicts[0]?.verdict).toBe("discard");
    expect(bench.core.state.counts.completed).toBe(1);
  });

  it("stops what was replaced, and counts it until it is gone", () => {
    const bench = new CoreBench({ algorithm: roundrobin });
    const worker = bench.connect("w1");
    bench.connect("w2");
    bench.submit({ id: A, image: "echo", cpu: 1 });
    worker.report([ended(A, REPORTED.refused)]);
    expect(bench.task(A)).toMatchObject({ nodeId: "id-w2", attempt: 2 });
    const again = bench.connect("w1", { items: [item(A)], specs: [{ image: "echo", cpu: 1 }] });
    expect(again.last?.verdicts[0]).toMatchObject({ verdict: "stop", attempt: 1 });
    expect(bench.core.state.nodes.get("id-w1")?.ledger.reserved.cpu).toBe(1);
    again.report([ended(A, REPORTED.completed)]);
    expect(bench.core.state.nodes.get("id-w1")?.ledger.reserved.cpu).toBe(0);
  });

  it("says nothing of what it cannot judge: an attempt newer than its own", () => {
    const bench = new CoreBench();
    bench.connect("w1");
    bench.submit({ id: A, image: "echo" });
    const other = bench.connect("w2", { items: [item(A, { attempt: 7 })], specs: [{ image: "echo" }] });
    expect(other.last?.verdicts).toEqual([]);
  });

  it("stops a local task whose id the cluster has given to another", () => {
    const bench = new CoreBench();
    bench.submit({ id: A, image: "echo" });
    const worker = bench.connect("w1", { items: [item(A, { local: true })], specs: [{ image: "echo" }] });
    expect(worker.last?.verdicts[0]?.verdict).toBe("stop");
  });
});

describe("nodes", () => {
  it("are unreachable after silence, get nothing new, and are ready when heard again", () => {
    const bench = new CoreBench();
    const worker = bench.connect("w1");
    bench.pass(6100);
    expect(bench.core.state.nodes.get("id-w1")?.status).toBe("unreachable");
    bench.submit({ id: A, image: "echo" });
    expect(bench.task(A)?.state).toBe("pending");
    worker.report([]);
    expect(bench.task(A)?.state).toBe("scheduled");
  });

  it("refuses another node of the same name, and says what to do", () => {
    const bench = new CoreBench();
    bench.connect("w1");
    const other = bench.connect("w1", { nodeId: "id-other" });
    expect(other.answer).toMatchObject({ kind: "refusal", code: "name_taken" });
    expect(other.isClosed).toBe(true);
    expect(bench.core.state.nodes.has("id-other")).toBe(false);
  });

  it("gives the name to another once the first has left without tasks", () => {
    const bench = new CoreBench();
    bench.connect("w1").report([], { leaving: true });
    const other = bench.connect("w1", { nodeId: "id-other" });
    expect(other.answer?.kind).toBe("welcome");
    expect(bench.core.state.nodes.size).toBe(1);
  });

  it("lets a new process supersede the old, and refuses both when the old comes back", () => {
    const bench = new CoreBench();
    bench.connect("w1", { instanceId: "i1" });
    const second = bench.connect("w1", { instanceId: "i2" });
    expect(second.answer?.kind).toBe("welcome");
    const first = bench.connect("w1", { instanceId: "i1" });
    expect(first.answer).toMatchObject({ kind: "refusal", code: "superseded" });
    expect(bench.core.state.nodes.get("id-w1")?.session).toBeUndefined();
    expect(bench.connect("w1", { instanceId: "i2" }).answer).toMatchObject({ kind: "refusal", code: "superseded" });
    expect(bench.connect("w1", { instanceId: "i3" }).answer?.kind).toBe("welcome");
  });

  it("closes a session whose frames have a gap", () => {
    const bench = new CoreBench();
    const worker = bench.connect("w1");
    worker.report([], { rev: 5 });
    expect(worker.isClosed).toBe(true);
  });

  it("moves past the epoch that a worker has seen: the store was rolled back", () => {
    const bench = new CoreBench();
    const worker = bench.connect("w1", { clusterId: "cluster-1", epoch: 9 });
    expect(worker.answer).toMatchObject({ kind: "welcome", epoch: 10 });
  });

  it("drains one task at a time, and none that has nowhere to go", () => {
    const bench = new CoreBench({ algorithm: roundrobin });
    const worker = bench.connect("w1");
    bench.submit({ id: A, image: "echo" });
    bench.submit({ id: B, image: "echo", cpu: 3 });
    worker.report([running(A), running(B)]);
    bench.ask({ kind: "availabilityRequested", node: "w1", availability: "drain" });
    expect(bench.task(A)?.moving).toBeUndefined();
    const other = bench.connect("w2");
    expect([bench.task(A)?.moving, bench.task(B)?.moving].filter((moving) => moving !== undefined)).toHaveLength(1);
    worker.report([ended(A, REPORTED.completed)]);
    expect(bench.task(A)).toMatchObject({ state: "scheduled", nodeId: "id-w2" });
    expect(bench.task(B)?.moving).toBeUndefined();
    other.report([running(A, 2)]);
    expect(bench.task(B)?.moving).toContain("drained");
  });

  it("removes only a node that is down, and places its tasks again", () => {
    const bench = new CoreBench();
    bench.connect("w1");
    bench.submit({ id: A, image: "echo" });
    expect(bench.ask({ kind: "nodeRemovalRequested", node: "w1" })).toEqual({ kind: "nodeUp", leasedMs: 0 });
    bench.pass(7000);
    expect(bench.ask({ kind: "nodeRemovalRequested", node: "w1" })).toEqual({ kind: "done" });
    expect(bench.task(A)?.state).toBe("pending");
    bench.connect("w2");
    expect(bench.task(A)).toMatchObject({ nodeId: "id-w2", attempt: 2 });
  });
});

describe("what waits", () => {
  it("goes to a node that joins, though the one that refused it is still left out", () => {
    const bench = new CoreBench();
    const worker = bench.connect("w1");
    bench.submit({ id: A, image: "echo" });
    worker.report([ended(A, REPORTED.refused, { reason: "no" })]);
    expect(bench.task(A)?.state).toBe("pending");
    bench.connect("w2");
    expect(bench.task(A)).toMatchObject({ state: "scheduled", nodeId: "id-w2" });
  });

  it("is woken once for the end of an exclusion, however often it was tried meanwhile", () => {
    const bench = new CoreBench();
    const worker = bench.connect("w1");
    bench.submit({ id: A, image: "echo", constraints: ["node == w1"] });
    worker.report([ended(A, REPORTED.refused, { reason: "no" })]);
    for (let index = 0; index < 20; index += 1) bench.connect("w2");
    expect(bench.task(A)?.state).toBe("pending");
    expect(bench.core.state.wakes.size).toBe(1);
    bench.pass(1100);
    expect(bench.task(A)).toMatchObject({ state: "scheduled", attempt: 2 });
  });

  it("keeps no explanation of a decision that found no node: who asks gets the answer of that moment", () => {
    const bench = new CoreBench();
    bench.connect("w1");
    bench.submit({ id: A, image: "echo", cpu: 64 });
    bench.submit({ id: B, image: "echo" });
    expect(bench.core.state.placement(A)).toBeUndefined();
    expect(bench.core.state.placement(B)?.decision.chosen).toBe("id-w1");
  });

  it("is not looked at again by every event, and neither is what a drain cannot move", () => {
    let looks = 0;
    const counting: Filter = {
      name: "counting",
      asks: "unknown",
      concerns: () => (looks += 1) > 0,
      passes: () => true,
      explain: () => ({ filter: "counting", needs: 0, has: 0, message: "" }),
      remedy: () => undefined,
    };
    const bench = new CoreBench({ algorithm: { ...roundrobin, filters: [counting] } });
    const worker = bench.connect("w1");
    bench.submit({ id: A, image: "echo", constraints: ["node == w1"] });
    bench.submit({ id: B, image: "echo", cpu: 64 });
    worker.report([running(A)]);
    bench.ask({ kind: "availabilityRequested", node: "w1", availability: "drain" });
    looks = 0;
    for (let index = 0; index < 50; index += 1) worker.report([]);
    expect(looks).toBe(0);
    bench.connect("w2");
    expect(looks).toBeGreaterThan(0);
  });
});

describe("what a node no longer should run", () => {
  it("is freed when the node, saying everything it has, says it no more", () => {
    const bench = new CoreBench({ algorithm: roundrobin });
    const worker = bench.connect("w1");
    bench.connect("w2");
    bench.submit({ id: A, image: "echo", cpu: 1 });
    worker.report([ended(A, REPORTED.refused)]);
    const stray: Item = { ...running(A), name: "echo", spec: 0, createdAt: 1 };
    bench.connect("w1", { items: [stray], specs: [{ image: "echo", cpu: 1 }] });
    expect(bench.core.state.nodes.get("id-w1")?.ledger.reserved.cpu).toBe(1);
    bench.connect("w1");
    expect(bench.core.state.nodes.get("id-w1")?.ledger.reserved.cpu).toBe(0);
  });

  it("is not assigned in the frame that orders its stop", () => {
    const bench = new CoreBench();
    bench.connect("w1");
    bench.submit({ id: A, image: "echo" });
    const node = bench.core.state.nodes.get("id-w1")?.facts;
    if (node === undefined) throw new Error("w1 has not joined");
    const hello: Hello = { kind: "hello", version: PROTOCOL_VERSION, instanceId: "w1-1", node, specs: [], items: [] };
    const { messages } = bench.step(
      { kind: "helloReceived", session: 7, hello, endedIds: new Set() },
      { kind: "stopRequested", request: 99, task: A, cause: "stopped" },
    );
    const frames = messages.flatMap(({ message }) => (message.kind === "frame" ? [message] : []));
    expect(frames.flatMap(({ stop }) => stop)).toMatchObject([{ task: A, attempt: 1 }]);
    expect(frames.flatMap(({ assign }) => assign)).toEqual([]);
  });
});

describe("a new epoch", () => {
  it("begins when the first step is taken, however long after the records were read", () => {
    const bench = new CoreBench();
    bench.step({ kind: "ticked" });
    bench.restart();
    bench.mono += 3_600_000;
    bench.wall += 3_600_000;
    const worker = bench.connect("w1");
    expect(bench.core.state.nodes.get("id-w1")?.heardMono).toBe(bench.mono);
    bench.pass(1000);
    expect(bench.core.state.nodes.get("id-w1")?.status).toBe("ready");
    expect(worker.answer).toMatchObject({ kind: "welcome", epoch: 2 });
  });
});

describe("a drain that was called off", () => {
  it("is no longer the node's reason", () => {
    const bench = new CoreBench();
    bench.connect("w1");
    bench.ask({ kind: "availabilityRequested", node: "w1", availability: "drain" });
    expect(bench.core.state.nodes.get("id-w1")?.reason).toBe("drained");
    bench.ask({ kind: "availabilityRequested", node: "w1", availability: "active" });
    expect(bench.core.state.nodes.get("id-w1")?.reason).toBe("");
  });
});
