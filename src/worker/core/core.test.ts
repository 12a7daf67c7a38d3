import { describe, expect, it } from "vitest";
import { WorkerBench } from "../../../test/support/worker-bench.ts";
import { REPORTED } from "../../protocol/messages.ts";
import type { TaskDocument } from "../../task/document.ts";
import type { TaskId } from "../../task/id.ts";
import type { FoundRun } from "./events.ts";

const A = "00000000-0000-4000-8000-00000000000a" as TaskId;
const B = "00000000-0000-4000-8000-00000000000b" as TaskId;

describe("an assignment", () => {
  it("is durable before it is started, and reported as it goes", () => {
    const bench = new WorkerBench();
    bench.connect();
    bench.assign(A);
    expect(bench.tables.get("entries")?.has(`${A}/1`)).toBe(true);
    expect(bench.last("start")?.run).toEqual({ task: A, attempt: 1, restart: 0 });
    bench.started(A);
    expect(bench.speak()?.reports).toMatchObject([{ task: A, state: REPORTED.running, containerId: "c0" }]);
  });

  it("is refused where it does not fit, with the figures", () => {
    const bench = new WorkerBench();
    bench.connect();
    bench.assign(A, { image: "echo", memory: "2GiB" });
    expect(bench.speak()?.reports).toMatchObject([
      { task: A, state: REPORTED.refused, reason: expect.stringContaining("2 GiB") },
    ]);
    expect(bench.last("start")).toBeUndefined();
  });

  it("is refused when its fixed port is taken, or its path not allowed, or its runtime not here", () => {
    const bench = new WorkerBench({ allowedPaths: ["/srv/data"] });
    const refusal = (document: TaskDocument): string => {
      const reply = bench.submit({ id: crypto.randomUUID(), ...document });
      return reply?.kind === "refused" ? reply.reason : "";
    };
    expect(bench.submit({ id: A, image: "echo", ports: [{ container: 80, host: 8080 }] })?.kind).toBe("accepted");
    expect(refusal({ image: "echo", ports: [{ container: 81, host: 8080 }] })).toContain("8080/tcp is taken");
    for (const source of ["/srv/database", "/srv", "/srv/data/../secret", "/etc"]) {
      expect(refusal({ image: "echo", volumes: [{ source, target: "/x" }] })).toContain("--allow-path");
    }
    expect(refusal({ image: "echo", volumes: [{ source: "/srv/data/x", target: "/x" }] })).toBe("");
    expect(refusal({ command: ["true"], runtime: "process" })).toContain("process");
  });

  it("that is here already is not started twice", () => {
    const bench = new WorkerBench();
    bench.connect();
    bench.assign(A);
    bench.assign(A);
    expect(bench.commands.filter(({ kind }) => kind === "start")).toHaveLength(1);
  });

  it("chooses another port when a stranger holds the one it chose, but not for a fixed one", () => {
    const bench = new WorkerBench();
    bench.submit({ id: A, image: "echo", ports: [{ container: 80 }] });
    const first = bench.last("start")?.ports[0]?.host;
    const run = { task: A, attempt: 1, restart: 0 };
    bench.step({ kind: "startFailed", run, failure: "ports", message: "taken" });
    expect(bench.commands.filter(({ kind }) => kind === "start")).toHaveLength(2);
    expect(first).toBeGreaterThanOrEqual(20_000);
    bench.submit({ id: B, image: "echo", ports: [{ container: 80, host: 81 }], reschedule: { attempts: 0 } });
    bench.step({ kind: "startFailed", run: { ...run, task: B }, failure: "ports", message: "port 81 is taken" });
    expect(bench.entry(B)?.phase).toMatchObject({ kind: "ended", result: { state: "failed", fatal: false } });
  });
});

describe("the restart policy", () => {
  it("starts again after a growing wait, then gives up; the result keeps exit code and last words", () => {
    const bench = new WorkerBench();
    bench.submit({ id: A, image: "echo", restart: { attempts: 2, delay: "1s" } });
    bench.started(A);
    bench.exited(A, { exitCode: 3 });
    expect(bench.entry(A)).toMatchObject({
      phase: { kind: "waiting" },
      reason: expect.stringContaining("exit code 3"),
    });
    bench.pass(700);
    expect(bench.entry(A)?.restarts).toBe(0);
    bench.pass(100);
    expect(bench.last("start")?.run.restart).toBe(1);
    bench.started(A, 1);
    bench.exited(A, { exitCode: 3 }, 1);
    bench.pass(1600);
    bench.started(A, 2);
    bench.exited(A, { exitCode: 3 }, 2);
    expect(bench.entry(A)?.phase).toMatchObject({
      kind: "ended",
      result: { state: "failed", exitCode: 3, fatal: false, output: "last words\n" },
    });
  });

  it("counts only the restarts within the window", () => {
    const bench = new WorkerBench();
    bench.submit({ id: A, image: "echo", restart: { attempts: 1, delay: 0, window: "10s" } });
    bench.started(A);
    bench.exited(A);
    bench.pass(1);
    bench.started(A, 1);
    bench.pass(11_000);
    bench.exited(A, {}, 1);
    bench.pass(1);
    expect(bench.entry(A)).toMatchObject({ restarts: 2, phase: { kind: "starting" } });
  });

  it("never restarts what must not be, and says that no other node would do better", () => {
    const bench = new WorkerBench();
    bench.submit({ id: A, image: "echo", restart: { policy: "never" } });
    bench.started(A);
    bench.exited(A);
    expect(bench.entry(A)?.phase).toMatchObject({ kind: "ended", result: { state: "failed", fatal: true } });
  });

  it("completes on exit code 0, unless it is to run always", () => {
    const bench = new WorkerBench();
    bench.submit({ id: A, image: "echo" });
    bench.submit({ id: B, image: "echo", restart: { policy: "always" } });
    for (const task of [A, B]) {
      bench.started(task);
      bench.exited(task, { exitCode: 0 });
    }
    expect(bench.entry(A)?.phase).toMatchObject({ kind: "ended", result: { state: "completed" } });
    expect(bench.entry(B)?.phase.kind).toBe("waiting");
  });

  it("names an out-of-memory kill as such", () => {
    const bench = new WorkerBench();
    bench.submit({ id: A, image: "echo", memory: "64MiB", restart: { policy: "never" } });
    bench.started(A);
    bench.exited(A, { exitCode: 137, oomKilled: true });
    expect(bench.entry(A)?.reason).toContain("out of memory (limit 64 MiB)");
  });

  it("ignores what comes in about an earlier run", () => {
    const bench = new WorkerBench();
    bench.submit({ id: A, image: "echo", restart: { delay: 0 } });
    bench.started(A);
    bench.exited(A);
    bench.pass(1);
    bench.started(A, 1);
    bench.exited(A, {}, 0);
    expect(bench.entry(A)?.phase.kind).toBe("running");
  });
});

describe("a run that is to be removed", () => {
  it("is not adopted by the next process, whichever run of a forgotten attempt it was", () => {
    const bench = new WorkerBench();
    bench.connect();
    bench.assign(A, { image: "echo", restart: { policy: "always" } });
    bench.started(A);
    bench.exited(A);
    bench.pass(2000); // the next run begins, the one before is to be removed
    bench.started(A, 1);
    bench.frame({ stop: [{ task: A, attempt: 1, reason: "stopped" }] });
    bench.exited(A, { exitCode: 143 }, 1);
    bench.frame({ verdicts: [{ task: A, attempt: 1, verdict: "discard" }] });
    expect(bench.entry(A)).toBeUndefined();
    bench.restart();
    const exit = { exitCode: 1, oomKilled: false, finishedAt: 9 };
    const runs = [0, 1].map((restart) => found(A, { ref: { task: A, attempt: 1, restart }, running: false, exit }));
    bench.step({ kind: "runsListed", runtime: "docker", runs, askedMono: bench.mono });
    expect(bench.entry(A)).toBeUndefined();
    expect(bench.commands.map(({ kind, ...rest }) => [kind, "run" in rest ? rest.run.restart : -1])).toEqual([
      ["remove", 0],
      ["remove", 1],
    ]);
    for (const restart of [0, 1]) bench.step({ kind: "runRemoved", run: { task: A, attempt: 1, restart } });
    bench.connect();
    bench.assign(B);
    expect(bench.tables.get("removals")?.size).toBe(0);
  });
});

describe("a container that is gone when its worker comes back", () => {
  it("has run, if that is known, so that its policy decides", () => {
    const bench = new WorkerBench();
    bench.connect();
    bench.assign(A, { image: "echo", restart: { policy: "never" } });
    bench.started(A);
    bench.pass(1000);
    bench.restart();
    bench.step({ kind: "runsListed", runtime: "docker", runs: [], askedMono: bench.mono });
    expect(bench.last("start")).toBeUndefined();
    expect(bench.entry(A)?.phase).toMatchObject({ kind: "ended", result: { state: "failed" } });
  });

  it("is started if it was not", () => {
    const bench = new WorkerBench();
    bench.connect();
    bench.assign(A, { image: "echo", restart: { policy: "never" } });
    bench.restart();
    bench.step({ kind: "runsListed", runtime: "docker", runs: [], askedMono: bench.mono });
    expect(bench.last("start")?.run).toEqual({ task: A, attempt: 1, restart: 0 });
  });
});

describe("stopping", () => {
  it("cancels a start under way, and ends as ordered", () => {
    const bench = new WorkerBench();
    bench.connect();
    bench.assign(A);
    bench.frame({ stop: [{ task: A, attempt: 1, reason: "stopped" }] });
    expect(bench.last("cancel")?.run.task).toBe(A);
    bench.step({ kind: "startFailed", run: { task: A, attempt: 1, restart: 0 }, failure: "cancelled", message: "" });
    expect(bench.entry(A)?.phase).toMatchObject({ kind: "ended", result: { state: "released" } });
    expect(bench.core.state.ledger.count).toBe(0);
  });

  it("stops what came up too late to be cancelled", () => {
    const bench = new WorkerBench();
    bench.connect();
    bench.assign(A);
    bench.frame({ stop: [{ task: A, attempt: 1, reason: "stopped" }] });
    bench.started(A);
    expect(bench.last("stop")?.run.task).toBe(A);
  });

  it("frees and reports only once it has really ended, and is removed once the manager has taken the result", () => {
    const bench = new WorkerBench();
    bench.connect();
    bench.assign(A);
    bench.started(A);
    bench.frame({ stop: [{ task: A, attempt: 1, reason: "stopped" }] });
    expect(bench.core.state.ledger.count).toBe(1);
    bench.exited(A, { exitCode: 143 });
    expect(bench.core.state.ledger.count).toBe(0);
    expect(bench.speak()?.reports).toMatchObject([{ state: REPORTED.released, exitCode: 143 }]);
    expect(bench.last("remove")).toBeUndefined();
    bench.frame({ verdicts: [{ task: A, attempt: 1, verdict: "discard" }] });
    expect(bench.last("remove")?.run.task).toBe(A);
    expect(bench.tables.get("entries")?.size).toBe(0);
  });

  it("says of what it does not have that it is not here", () => {
    const bench = new WorkerBench();
    bench.connect();
    bench.frame({ stop: [{ task: A, attempt: 4, reason: "stopped" }] });
    expect(bench.speak()?.reports).toMatchObject([{ task: A, attempt: 4, state: REPORTED.released }]);
  });

  it("passes a stop of a manager's task on, until the manager orders it", () => {
    const bench = new WorkerBench();
    bench.connect();
    bench.assign(A);
    bench.started(A);
    bench.step({ kind: "stopRequested", request: 7, task: A });
    expect(bench.entry(A)?.phase.kind).toBe("running");
    expect(bench.speak()?.stopRequests).toEqual([{ task: A, attempt: 1 }]);
  });

  it("survives a restart of the worker: what was to stop is stopped", () => {
    const bench = new WorkerBench();
    bench.submit({ id: A, image: "echo" });
    bench.started(A);
    bench.step({ kind: "stopRequested", request: 7, task: A });
    bench.restart();
    bench.step({ kind: "runsListed", runtime: "docker", askedMono: bench.mono, runs: [found(A)] });
    expect(bench.last("stop")?.run.task).toBe(A);
  });
});

const found = (task: TaskId, more: Partial<FoundRun> = {}): FoundRun => ({
  ref: { task, attempt: 1, restart: 0 },
  containerId: "c0",
  ports: [],
  startedAt: 5,
  running: true,
  exit: undefined,
  label: { name: "local", local: true, createdAt: 1, spec: { image: "echo" } },
  ...more,
});

describe("a restart of the worker", () => {
  it("adopts what runs, starts what was to start, and collects what has ended meanwhile", () => {
    const C = "00000000-0000-4000-8000-00000000000c" as TaskId;
    const bench = new WorkerBench();
    for (const id of [A, B, C]) bench.submit({ id, image: "echo" });
    for (const id of [A, C]) bench.started(id);
    bench.restart();
    const exit = { exitCode: 0, oomKilled: false, finishedAt: 9 };
    bench.step({
      kind: "runsListed",
      runtime: "docker",
      askedMono: bench.mono,
      runs: [found(A), found(C, { running: false, exit })],
    });
    expect(bench.entry(A)?.phase.kind).toBe("running");
    expect(bench.commands.map(({ kind, ...rest }) => [kind, "run" in rest ? rest.run.task : ""])).toEqual([
      ["start", B],
      ["stop", C],
    ]);
    bench.exited(C, exit);
    expect(bench.entry(C)?.phase).toMatchObject({ kind: "ended", result: { state: "completed" } });
  });

  it("adopts from the label what its own record has lost, and never what has none", () => {
    const bench = new WorkerBench();
    bench.step({
      kind: "runsListed",
      runtime: "docker",
      askedMono: bench.mono,
      runs: [found(A), found(B, { label: undefined })],
    });
    expect(bench.entry(A)).toMatchObject({ phase: { kind: "running" }, local: true });
    expect(bench.entry(B)).toBeUndefined();
    expect(bench.commands).toEqual([]);
  });

  it("removes the leftovers of earlier runs", () => {
    const bench = new WorkerBench();
    bench.submit({ id: A, image: "echo", restart: { delay: 0 } });
    bench.started(A);
    bench.exited(A);
    bench.pass(1);
    bench.started(A, 1);
    bench.restart();
    bench.step({
      kind: "runsListed",
      runtime: "docker",
      askedMono: bench.mono,
      runs: [found(A), found(A, { ref: { task: A, attempt: 1, restart: 1 } })],
    });
    expect(bench.last("remove")?.run.restart).toBe(0);
    expect(bench.entry(A)).toMatchObject({ restarts: 1, phase: { kind: "running" } });
  });

  it("treats a run that somebody removed as ended", () => {
    const bench = new WorkerBench();
    bench.submit({ id: A, image: "echo" });
    bench.started(A);
    bench.step({ kind: "runsListed", runtime: "docker", askedMono: bench.mono, runs: [] });
    expect(bench.entry(A)).toMatchObject({ phase: { kind: "waiting" }, reason: expect.stringContaining("removed") });
  });
});

describe("health", () => {
  const document: TaskDocument = {
    image: "echo",
    ports: [{ container: 80 }],
    health: { http: { path: "/health" }, interval: "1s", retries: 2, startPeriod: "2s" },
  };
  const probed = (bench: WorkerBench, ok: boolean, restart = 0): void => {
    bench.step({ kind: "runProbed", run: { task: A, attempt: 1, restart }, ok, detail: ok ? "HTTP 200" : "HTTP 500" });
  };

  it("is starting, then healthy after the first success", () => {
    const bench = new WorkerBench();
    bench.submit({ id: A, ...document });
    bench.started(A);
    expect(bench.entry(A)?.health.health).toBe("starting");
    bench.pass(300);
    expect(bench.last("probe")?.probe).toEqual({ kind: "http", port: 80, path: "/health" });
    probed(bench, true);
    expect(bench.entry(A)?.health.health).toBe("healthy");
  });

  it("does not count failures while it starts, then restarts after so many in a row", () => {
    const bench = new WorkerBench();
    bench.submit({ id: A, ...document });
    bench.started(A);
    for (let passed = 0; passed < 1800; passed += 300) {
      bench.pass(300);
      probed(bench, false);
    }
    expect(bench.entry(A)).toMatchObject({ phase: { kind: "running" }, health: { failures: 0 } });
    bench.pass(300);
    probed(bench, false);
    bench.pass(1000);
    probed(bench, false);
    expect(bench.entry(A)).toMatchObject({
      phase: { kind: "stopping", next: "restart" },
      health: { health: "unhealthy" },
    });
    bench.exited(A, { exitCode: 143 });
    expect(bench.entry(A)).toMatchObject({ phase: { kind: "waiting" }, reason: expect.stringContaining("HTTP 500") });
  });

  it("forgives failures that a success comes between", () => {
    const bench = new WorkerBench();
    bench.submit({ id: A, ...document });
    bench.started(A);
    for (const ok of [true, false, true, false, true]) {
      bench.pass(1000);
      probed(bench, ok);
    }
    expect(bench.entry(A)).toMatchObject({ phase: { kind: "running" }, health: { health: "healthy" } });
  });
});

describe("the conversation", () => {
  it("begins with everything there is", () => {
    const bench = new WorkerBench();
    bench.submit({ id: A, image: "echo" });
    bench.submit({ id: B, image: "echo" });
    bench.started(A);
    const [hello] = bench.connect().messages;
    expect(hello?.message).toMatchObject({
      kind: "hello",
      specs: [{ image: "echo" }],
      items: [
        { task: A, local: true, state: REPORTED.running, spec: 0 },
        { task: B, local: true, state: REPORTED.starting, spec: 0 },
      ],
    });
  });

  it("remembers the cluster and refuses an older epoch of it", () => {
    const bench = new WorkerBench();
    bench.connect();
    bench.restart();
    const effects = bench.step({ kind: "sessionOpened", session: 9 });
    expect(effects.messages[0]?.message).toMatchObject({ clusterId: "c", epoch: 3 });
    const message = {
      kind: "welcome",
      version: 1,
      clusterId: "c",
      epoch: 2,
      heartbeatMs: 2000,
      leaseMs: 10_000,
    } as const;
    bench.step({ kind: "messageReceived", session: 9, message });
    expect(bench.closes.at(-1)).toContain("epoch 2");
  });

  it("gives up when the manager refuses it", () => {
    const bench = new WorkerBench();
    bench.connect();
    bench.step({
      kind: "messageReceived",
      session: 1,
      message: { kind: "refusal", code: "name_taken", detail: "taken" },
    });
    expect(bench.fatal).toBe("taken");
  });

  it("closes on a gap in the manager's frames", () => {
    const bench = new WorkerBench();
    bench.connect();
    bench.step({
      kind: "messageReceived",
      session: 1,
      message: { kind: "frame", rev: 4, ack: 0, specs: [], stop: [], verdicts: [], assign: [] },
    });
    expect(bench.closes.at(-1)).toContain("missing");
  });

  it("stops before it admits, so that what is freed can be used", () => {
    const bench = new WorkerBench();
    bench.connect();
    bench.assign(A, { image: "echo", cpu: 2 });
    bench.step({
      kind: "startFailed",
      run: { task: A, attempt: 1, restart: 0 },
      failure: "image",
      message: "no such image",
    });
    bench.frame({
      verdicts: [{ task: A, attempt: 1, verdict: "discard" }],
      specs: [{ number: 1, document: { image: "echo", cpu: 2 } }],
      assign: [{ task: A, attempt: 2, name: "echo", spec: 1, createdAt: 1 }],
    });
    expect(bench.entry(A, 2)?.phase.kind).toBe("starting");
  });

  it("repeats a result until there is a verdict on it", () => {
    const bench = new WorkerBench();
    bench.connect();
    bench.assign(A);
    bench.started(A);
    bench.exited(A, { exitCode: 0 });
    bench.speak();
    bench.pass(1000);
    const sent = bench.frames.length;
    bench.pass(5000);
    expect(bench.frames.length).toBeGreaterThan(sent);
    expect(bench.frames.at(-1)?.reports).toMatchObject([{ task: A, state: REPORTED.completed }]);
  });

  it("keeps a lone worker's results for a day, and not without number", () => {
    const bench = new WorkerBench({ mostResults: 1 });
    for (const id of [A, B]) {
      bench.submit({ id, image: "echo" });
      bench.started(id);
      bench.pass(10);
      bench.exited(id, { exitCode: 0 });
    }
    bench.pass(1000);
    expect(bench.entry(A)).toBeUndefined();
    expect(bench.entry(B)?.phase.kind).toBe("ended");
    bench.pass(25 * 3_600_000);
    expect(bench.entry(B)).toBeUndefined();
  });
});

describe("what a list cannot know", () => {
  it("is what has begun since it was asked for: that is left alone", () => {
    const bench = new WorkerBench();
    bench.submit({ id: A, image: "echo" });
    const askedMono = bench.mono;
    bench.pass(10);
    bench.started(A);
    bench.commands = [];
    bench.step({ kind: "runsListed", runtime: "docker", runs: [], askedMono });
    expect(bench.entry(A)?.phase.kind).toBe("running");
    bench.step({ kind: "runsListed", runtime: "docker", runs: [], askedMono: bench.mono + 1 });
    expect(bench.entry(A)?.phase.kind).toBe("waiting");
  });

  it("stops what runs although its start counted as failed", () => {
    const bench = new WorkerBench();
    bench.submit({ id: A, image: "echo", restart: { policy: "never" } });
    const run = { task: A, attempt: 1, restart: 0 };
    bench.step({ kind: "startFailed", run, failure: "engine", message: "timed out" });
    expect(bench.entry(A)?.phase.kind).toBe("ended");
    const leftover: FoundRun = {
      ...{ ref: run, containerId: "c0", ports: [], startedAt: 5, running: true, exit: undefined, label: undefined },
    };
    bench.step({ kind: "runsListed", runtime: "docker", runs: [leftover], askedMono: bench.mono });
    expect(bench.last("stop")?.run).toEqual(run);
  });
});

describe("over weeks", () => {
  it("a task that restarts is probed no more often than before", () => {
    const bench = new WorkerBench();
    bench.submit({
      id: A,
      image: "echo",
      restart: { policy: "always", delay: "1s", delayMax: "1s" },
      health: { tcp: { port: 80 }, interval: "10s", startPeriod: "0s" },
    });
    for (let restart = 0; restart < 20; restart += 1) {
      bench.started(A, restart);
      bench.pass(250);
      bench.step({ kind: "runProbed", run: { task: A, attempt: 1, restart }, ok: true, detail: "" });
      bench.exited(A, {}, restart);
      bench.pass(1000);
    }
    bench.started(A, 20);
    bench.commands = [];
    for (let ms = 0; ms < 20_000; ms += 50) {
      bench.pass(50);
      if (bench.entry(A)?.health.isProbing === true)
        bench.step({ kind: "runProbed", run: { task: A, attempt: 1, restart: 20 }, ok: true, detail: "" });
    }
    expect(bench.commands.filter(({ kind }) => kind === "probe").length).toBeLessThan(4);
  });

  it("a task that never gives up remembers a bounded number of restarts", () => {
    const bench = new WorkerBench();
    const restart = { policy: "always", window: "365d", delay: "10ms", delayMax: "10ms" } as const;
    bench.submit({ id: A, image: "echo", restart });
    for (let index = 0; index < 200; index += 1) {
      bench.started(A, index);
      bench.exited(A, {}, index);
      bench.pass(10);
    }
    expect(bench.entry(A)?.restarts).toBe(200);
    expect(bench.entry(A)?.restartTimes.length).toBeLessThan(50);
  });
});

describe("a restart of the worker between two runs", () => {
  it("uses up no restart", () => {
    const bench = new WorkerBench();
    bench.submit({ id: A, image: "echo", restart: { attempts: 1, delay: "1s" } });
    bench.started(A);
    bench.exited(A);
    expect(bench.entry(A)?.phase.kind).toBe("waiting");
    bench.restart();
    const exit = { exitCode: 1, oomKilled: false, finishedAt: bench.wall };
    const run: FoundRun = {
      ...{ ref: { task: A, attempt: 1, restart: 0 }, containerId: "c0", ports: [], startedAt: 5, running: false, exit },
      label: undefined,
    };
    bench.step({ kind: "runsListed", runtime: "docker", runs: [run], askedMono: bench.mono });
    expect(bench.last("stop")).toBeUndefined();
    bench.pass(1000);
    expect(bench.last("start")?.run.restart).toBe(1);
  });
});

describe("results", () => {
  it("beyond their number are kept while a manager is there to take them", () => {
    const bench = new WorkerBench({ mostResults: 1 });
    for (const id of [A, B]) {
      bench.submit({ id, image: "echo" });
      bench.started(id);
      bench.exited(id, { exitCode: 0 });
    }
    bench.connect();
    bench.pass(1000);
    expect(bench.core.state.entries.size).toBe(2);
    bench.step({ kind: "sessionClosed", session: 1 });
    bench.pass(1000);
    expect(bench.core.state.entries.size).toBe(1);
  });
});

describe("the worker's own API", () => {
  it("is told with the hello, once it is there", () => {
    const bench = new WorkerBench();
    expect(bench.connect().messages[0]?.message).not.toHaveProperty("node.api");
    bench.step({ kind: "apiOpened", api: "http://10.0.0.7:8081" });
    expect(bench.connect().messages[0]?.message).toMatchObject({ node: { api: "http://10.0.0.7:8081" } });
  });
});
