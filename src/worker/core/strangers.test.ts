import { describe, expect, it } from "vitest";
import { WorkerBench } from "../../../test/support/worker-bench.ts";
import type { TaskId } from "../../task/id.ts";
import type { FoundRun, Run } from "./events.ts";

const A = "00000000-0000-4000-8000-00000000000a" as TaskId;
const B = "00000000-0000-4000-8000-00000000000b" as TaskId;
const ALWAYS = { policy: "always", delay: "1s", delayMax: "1s" } as const;

/** A worker that knows what its engine had when it was started: nothing. */
function begun(): WorkerBench {
  const bench = new WorkerBench();
  list(bench, []);
  return bench;
}

function list(bench: WorkerBench, runs: readonly FoundRun[]): void {
  bench.step({ kind: "runsListed", runtime: "docker", runs, askedMono: bench.mono });
}

function run(task: TaskId, restart = 0): Run {
  return { task, attempt: 1, restart };
}

function up(task: TaskId, more: Partial<FoundRun> = {}): FoundRun {
  const label = { name: "echo", local: true, createdAt: 1, spec: { image: "echo" } };
  return { ref: run(task), containerId: "c0", ports: [], startedAt: 5, running: true, exit: undefined, label, ...more };
}

function appear(bench: WorkerBench, which: Run): void {
  bench.commands = [];
  bench.step({ kind: "runAppeared", run: which, runtime: "docker" });
}

describe("a run that somebody paused", () => {
  it("is resumed and goes on as the same run", () => {
    const bench = begun();
    bench.submit({ id: A, image: "echo" });
    bench.started(A);
    bench.step({ kind: "runPaused", run: run(A) });
    expect(bench.last("resume")).toEqual({ kind: "resume", run: run(A), runtime: "docker" });
    expect(bench.entry(A)).toMatchObject({ phase: { kind: "running" }, restarts: 0 });
    expect(bench.entry(A)?.reason).toContain("somebody had paused");
  });

  it.each([true, false])("is resumed when only a list tells, worker restarted: %s", (isRestarted) => {
    const bench = begun();
    bench.submit({ id: A, image: "echo" });
    bench.started(A);
    if (isRestarted) bench.restart();
    list(bench, [up(A, { paused: true })]);
    expect(bench.last("resume")?.run).toEqual(run(A));
    expect(bench.entry(A)?.phase.kind).toBe("running");
  });

  it("is resumed also before its start has been answered", () => {
    const bench = begun();
    bench.submit({ id: A, image: "echo" });
    bench.step({ kind: "runPaused", run: run(A) });
    expect(bench.last("resume")?.run).toEqual(run(A));
    bench.started(A);
    expect(bench.entry(A)?.phase.kind).toBe("running");
  });

  it("is left to its stop when it is being stopped, or was an earlier one", () => {
    const bench = begun();
    bench.submit({ id: A, image: "echo" });
    bench.started(A);
    bench.step({ kind: "runPaused", run: run(A, 7) });
    bench.step({ kind: "stopRequested", request: 2, task: A });
    bench.step({ kind: "runPaused", run: run(A) });
    expect(bench.last("resume")).toBeUndefined();
  });
});

describe("a run that somebody else started", () => {
  it("is no news while it is wanted", () => {
    const bench = begun();
    bench.submit({ id: A, image: "echo" });
    appear(bench, run(A));
    bench.started(A);
    appear(bench, run(A));
    expect(bench.commands).toEqual([]);
    expect(bench.entry(A)?.phase.kind).toBe("running");
  });

  it("is stopped when it has ended, and its result stays as it is", () => {
    const bench = begun();
    bench.submit({ id: A, image: "echo", stopTimeout: "3s" });
    bench.started(A);
    bench.exited(A, { exitCode: 0 });
    const result = bench.entry(A)?.phase;
    appear(bench, run(A));
    expect(bench.commands).toEqual([{ kind: "stop", run: run(A), runtime: "docker", timeoutMs: 3000 }]);
    bench.exited(A, { exitCode: 137 });
    expect(bench.entry(A)?.phase).toEqual(result);
    expect(bench.core.state.ledger.count).toBe(0);
  });

  it("is stopped between two runs, and the next run is started in its time", () => {
    const bench = begun();
    bench.submit({ id: A, image: "echo", restart: ALWAYS });
    bench.started(A);
    bench.exited(A);
    appear(bench, run(A));
    expect(bench.commands.map(({ kind }) => kind)).toEqual(["stop"]);
    bench.exited(A, { exitCode: 137 });
    expect(bench.entry(A)).toMatchObject({ phase: { kind: "waiting" }, restarts: 0 });
    bench.pass(2000);
    expect(bench.last("start")?.run).toEqual(run(A, 1));
    expect(bench.entry(A)?.restartTimes).toHaveLength(1);
  });

  it("is removed when it is an earlier run, or of an attempt that is forgotten here", () => {
    const bench = begun();
    bench.submit({ id: A, image: "echo", restart: ALWAYS });
    bench.started(A);
    bench.exited(A);
    bench.pass(2000);
    bench.started(A, 1);
    appear(bench, run(A));
    expect(bench.commands).toEqual([{ kind: "remove", run: run(A), runtime: "docker" }]);
    appear(bench, run(B));
    expect(bench.commands).toEqual([{ kind: "remove", run: run(B), runtime: "docker" }]);
    expect(bench.entry(B)).toBeUndefined();
  });

  it("waits for the first list, which tells what is there from before", () => {
    const bench = new WorkerBench();
    appear(bench, run(A));
    expect(bench.commands).toEqual([]);
    list(bench, [up(A)]);
    expect(bench.entry(A)?.phase.kind).toBe("running");
  });

  it.each(["ended", "waiting"])(
    "is stopped when only a list tells, of one that is %s, also by the next worker",
    (phase) => {
      for (const isRestarted of [false, true]) {
        const bench = begun();
        bench.submit({ id: A, image: "echo", ...(phase === "waiting" ? { restart: ALWAYS } : {}) });
        bench.started(A);
        bench.exited(A, { exitCode: 0 });
        if (isRestarted) bench.restart();
        list(bench, [up(A)]);
        expect(bench.last("stop")?.run).toEqual(run(A));
        expect(bench.entry(A)?.phase.kind).toBe(phase);
      }
    },
  );

  it("is never taken for a lost record's when a later list names it", () => {
    const bench = begun();
    list(bench, [up(B)]);
    expect(bench.entry(B)).toBeUndefined();
    expect(bench.last("remove")?.run).toEqual(run(B));
  });
});
