import { describe, expect, it } from "vitest";
import { WorkerBench } from "../../../test/support/worker-bench.ts";
import { REPORTED } from "../../protocol/messages.ts";
import type { TaskDocument } from "../../task/document.ts";
import type { TaskId } from "../../task/id.ts";
import type { FoundRun } from "./events.ts";

const A = "00000000-0000-4000-8000-00000000000a" as TaskId;
const B = "00000000-0000-4000-8000-00000000000b" as TaskId;
const LEASED: TaskDocument = { image: "echo", reschedule: { onDisconnect: "stop" } };

/** A worker under whose lease a task runs. */
function benchWithLease(document = LEASED): WorkerBench {
  const bench = new WorkerBench();
  bench.connect();
  bench.frame({ ack: 0 });
  bench.assign(A, document);
  bench.started(A);
  return bench;
}

function foundRunning(task: TaskId): FoundRun {
  const ref = { task, attempt: 1, restart: 0 };
  const common = { containerId: "c0", ports: [], startedAt: 1, exit: undefined, label: undefined };
  return { ref, running: true, paused: false, ...common };
}

function list(bench: WorkerBench, ...runs: FoundRun[]): void {
  bench.step({ kind: "runsListed", runtime: "docker", runs, askedMono: bench.mono });
}

describe("a lease", () => {
  it("ends ten seconds after the sending of the newest message that the manager acknowledged", () => {
    const bench = benchWithLease();
    bench.pass(4000);
    const acknowledged = bench.frames.at(-1)?.rev ?? 0; // sent now, at 4 s
    bench.pass(4000);
    bench.frame({ ack: acknowledged }); // received at 8 s
    bench.pass(5900);
    expect(bench.last("stop")).toBeUndefined();
    bench.pass(200);
    expect(bench.last("stop")?.run).toEqual({ task: A, attempt: 1, restart: 0 });
  });

  it("ends the task, which is reported as released and not as ended", () => {
    const bench = benchWithLease();
    bench.pass(10_100);
    bench.exited(A, { exitCode: 143 });
    expect(bench.speak()?.reports).toMatchObject([{ task: A, state: REPORTED.released, exitCode: 143 }]);
    expect(bench.guard?.runs).toEqual([]);
  });

  it("does not concern what may run twice, nor a worker's own tasks", () => {
    const bench = benchWithLease({ image: "echo" });
    bench.submit({ id: B, ...LEASED });
    bench.pass(60_000);
    expect(bench.last("stop")).toBeUndefined();
    expect(bench.guard).toBeUndefined();
  });

  it("is needed to start: an assignment that comes too late is refused, and a crashed task does not come back", () => {
    const late = new WorkerBench();
    late.connect();
    late.pass(11_000);
    late.assign(A, LEASED);
    expect(late.last("start")).toBeUndefined();
    expect(late.speak()?.reports).toMatchObject([{ task: A, state: REPORTED.refused }]);

    const crashed = benchWithLease({ ...LEASED, restart: { policy: "always", delay: "8s" } });
    crashed.pass(9000);
    crashed.exited(A);
    crashed.pass(10_000);
    expect(crashed.commands.filter(({ kind }) => kind === "start")).toHaveLength(1);
    expect(crashed.speak()?.reports).toMatchObject([{ task: A, state: REPORTED.released }]);
  });

  it("has to be there still when a start's turn comes", () => {
    const bench = new WorkerBench();
    bench.connect();
    bench.frame({ ack: 0 });
    bench.assign(A, LEASED);
    const run = { task: A, attempt: 1, restart: 0 };
    expect(bench.core.mayStart(run, bench.mono + 9000)).toBe(true);
    expect(bench.core.mayStart(run, bench.mono + 11_000)).toBe(false);
    bench.mono += 11_000;
    bench.step({ kind: "startFailed", run, failure: "cancelled", message: "cancelled" });
    expect(bench.speak()?.reports).toMatchObject([{ task: A, state: REPORTED.released }]);
  });

  it("is known to the guard before the start, and with every prolongation", () => {
    const bench = new WorkerBench();
    bench.connect();
    bench.frame({ ack: 0 });
    const untilMono = bench.mono + 10_000;
    bench.assign(A, LEASED);
    const run = { task: A, attempt: 1, restart: 0 };
    expect(bench.guard).toEqual({
      untilMono,
      runs: [{ run, runtime: "docker", stopTimeoutMs: 10_000, containerId: undefined }],
    });
    bench.pass(2000);
    bench.frame({ ack: bench.frames.at(-1)?.rev ?? 0 });
    expect(bench.guard?.untilMono).toBe(bench.mono + 10_000);
  });
});

describe("a new worker process", () => {
  it("inherits what is left of the lease", () => {
    const bench = benchWithLease();
    bench.pass(6000);
    bench.restart();
    list(bench, foundRunning(A));
    expect(bench.last("stop")).toBeUndefined();
    bench.pass(4100);
    expect(bench.last("stop")?.run.task).toBe(A);
  });

  it("tells the guard which containers there are, before the runtime tells it itself", () => {
    const bench = benchWithLease();
    bench.assign(B, LEASED);
    bench.started(B);
    bench.restart();
    bench.exited(B);
    expect(bench.guard?.runs).toMatchObject([
      { run: { task: A }, containerId: "c0" },
      { run: { task: B }, containerId: "c0" },
    ]);
  });

  it("stops what it finds running after the lease, and starts nothing of it", () => {
    const bench = benchWithLease();
    bench.pass(5000);
    bench.assign(B, LEASED);
    bench.restart();
    bench.pass(20_000);
    list(bench, foundRunning(A));
    expect(bench.last("stop")?.run.task).toBe(A);
    expect(bench.last("start")).toBeUndefined();
    expect(bench.entry(B)?.phase).toMatchObject({ kind: "ended", result: { state: "released" } });
  });

  it("has no lease after a restart of the machine", () => {
    const bench = benchWithLease();
    bench.bootId = "boot2";
    bench.mono = 500;
    bench.restart();
    list(bench);
    expect(bench.last("start")).toBeUndefined();
    expect(bench.entry(A)?.phase).toMatchObject({ kind: "ended", result: { state: "released" } });
  });
});
