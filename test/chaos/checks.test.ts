/** The suite's own checks, held against clusters that are wrong in one respect: a check that cannot fail proves nothing. */
import { connect } from "node:net";
import { once } from "node:events";
import { createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { EventJson } from "../../src/api/event-json.ts";
import type { TaskJson } from "../../src/api/task-json.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { TcpProxy } from "../support/tcp-proxy.ts";
import type { ChaosNode } from "./chaos-cluster.ts";
import { planFaults } from "./faults.ts";
import { Injuries } from "./injuries.ts";
import { discrepancies, type FoundContainer } from "./reality.ts";
import { contradictions, type Testimony } from "./truth.ts";
import { type Accepted, User } from "./user.ts";
import type { Fate } from "./workload.ts";

const NOW = Date.now();
const CONTAINER = "0123456789abcdef";

describe("what is there", () => {
  const found: FoundContainer = { node: "worker1", id: CONTAINER, task: "a", attempt: 1, restart: 0, state: "running" };
  const look = (containers: readonly FoundContainer[], tasks = [shown("running")]): string[] => {
    const user = new User(undefined as never, []);
    user.accepted.set("a", accepted({ kind: "endless" }));
    const worker = { name: "worker1", status: "ready", availability: "active" };
    const reality = { tasks, nodes: [worker] as never, containers };
    return discrepancies(reality, user, [{ name: "worker1" } as ChaosNode]).map(({ what }) => what);
  };

  it("is right when one container runs where the manager says", () => {
    expect(look([found])).toEqual([]);
  });

  it.each([
    ["a task that is gone", [], []],
    ["a task that has no container", [], undefined],
    ["a task that runs twice", [found, { ...found, id: "other", node: "worker2" }], undefined],
    ["a task that runs elsewhere", [{ ...found, node: "worker2" }], undefined],
    ["a task whose container is of an older attempt", [{ ...found, attempt: 0 }], undefined],
    [
      "a task with a container beside it that has ended",
      [found, { ...found, id: "other", state: "exited" }],
      undefined,
    ],
    ["a container of nobody's", [found, { ...found, task: "b" }], undefined],
    ["a task of nobody's", [found], [shown("running"), { ...shown("running"), id: "b" }]],
    ["a task that should run and waits", [], [shown("pending")]],
  ])("is wrong with %s", (_, containers, tasks) => {
    expect(look(containers, tasks)).not.toEqual([]);
  });
});

describe("what is told", () => {
  const ran = (code?: number, attempt = 1) => ({
    attempt,
    container: CONTAINER.slice(0, 12),
    startedAt: NOW,
    end: code === undefined ? undefined : { code, at: NOW + 1000 },
  });
  const told = (task: Partial<TaskJson>, more: Partial<Testimony["journal"]>, injuries = new Injuries()): string[] => {
    const journal = { runs: [ran(3)], overlaps: [], text: "", ...more };
    const whole = { ...shown("failed"), exitCode: 3, ...task };
    return contradictions(accepted({ kind: "ends", code: 3 }), {
      task: whole,
      history: historyTo(whole),
      journal,
      injuries,
    });
  };

  it("is true when the exit code is the one that the task wrote", () => {
    expect(told({}, {})).toEqual([]);
  });

  it("is true of a run that the suite cut short", () => {
    const injuries = new Injuries();
    injuries.engineKilled("worker1", { endsAll: true });
    expect(told({ exitCode: 137 }, { runs: [ran()] }, injuries)).toEqual([]);
  });

  it("is true when the engine was killed before it wrote the exit code down, and says what it says then", () => {
    const injuries = new Injuries();
    injuries.engineKilled("worker1", { endsAll: false });
    injuries.engineBack("worker1");
    const at = { finishedAt: new Date().toISOString() };
    expect(told({ ...at, exitCode: 255 }, {}, injuries)).toEqual([]);
    expect(told({ ...at, exitCode: 4 }, {}, injuries)).not.toEqual([]);
    const later = { finishedAt: new Date(Date.now() + 60_000).toISOString() };
    expect(told({ ...later, exitCode: 255 }, {}, injuries)).not.toEqual([]);
  });

  it.each<[string, Partial<TaskJson>, Partial<Testimony["journal"]>]>([
    ["another exit code", { exitCode: 4 }, {}],
    ["an end that never came", {}, { runs: [ran()] }],
    ["success of a run that was cut short", { state: "completed", exitCode: 0 }, { runs: [ran()] }],
    ["a run that nobody cut short", { exitCode: 137 }, { runs: [ran()] }],
    ["an attempt that never ran", { attempt: 2 }, {}],
    ["more runs than allowed", {}, { runs: [ran(3), ran(3), ran(3)] }],
    ["two runs at once", {}, { overlaps: ["overlap 2 0123 1.0"] }],
  ])("is false with %s", (_, task, journal) => {
    expect(told(task, journal)).not.toEqual([]);
  });

  it.each([
    ["two ends", ["pending", "scheduled", "running", "failed", "failed"]],
    ["a way back from the end", ["pending", "scheduled", "running", "failed", "pending"]],
    ["a gap", ["pending", "running", "failed"]],
    ["another end than the task's", ["pending", "scheduled", "running", "completed"]],
  ])("is false with a history of %s", (_, states) => {
    const journal = { runs: [ran(3)], overlaps: [], text: "" };
    const task = { ...shown("failed"), exitCode: 3 };
    const history = moves(states).map((event, index) => (index === 4 ? { ...event, from: "running" } : event));
    const wrong = contradictions(accepted({ kind: "ends", code: 3 }), {
      task,
      history,
      journal,
      injuries: new Injuries(),
    });
    expect(wrong).not.toEqual([]);
  });
});

it("plans the same faults for the same seed, one at a time for each part, all over in time", () => {
  const plan = (seed: number) => planFaults({ random: new SeededRandom(seed), durationMs: 600_000, nodes: 5 });
  expect(plan(7)).toEqual(plan(7));
  expect(plan(7)).not.toEqual(plan(8));
  expect(plan(7).length).toBeGreaterThan(100);
  expect(Math.max(...plan(7).map(({ atMs, what }) => atMs + what.durationMs))).toBeLessThanOrEqual(600_000);
});

describe("the line to the manager", () => {
  // Whoever is cut off here is cut off there as well.
  const echo = createServer((socket) => socket.on("error", () => undefined).pipe(socket));
  let proxy: TcpProxy;

  beforeEach(async () => {
    echo.listen(0, "127.0.0.1");
    await once(echo, "listening");
    proxy = await TcpProxy.open((echo.address() as { port: number }).port);
  });

  afterEach(async () => {
    await proxy.close();
    echo.close();
  });

  it("delivers late what it held up", async () => {
    const client = connect(proxy.port, "127.0.0.1");
    proxy.line = { kind: "stalled", up: false, down: true };
    client.write("held");
    const answer = once(client, "data");
    const isHeld = await Promise.race([answer.then(() => false), once(echo, "connection").then(() => true)]);
    expect(isHeld).toBe(true);
    proxy.line = { kind: "whole" };
    expect(String((await answer)[0])).toBe("held");
    client.destroy();
  });

  it("resets what is cut, and what is dialled then", async () => {
    const client = connect(proxy.port, "127.0.0.1");
    client.write("before");
    await once(client, "data");
    const reset = once(client, "error");
    proxy.line = { kind: "cut" };
    expect(await reset).toMatchObject([{ code: "ECONNRESET" }]);
    const again = connect(proxy.port, "127.0.0.1");
    const closed = new Promise((resolve) => again.on("error", () => undefined).on("close", resolve));
    expect(await closed).toBe(true);
  });
});

function accepted(fate: Fate): Accepted {
  const document = { image: "busybox", restart: { policy: "on-failure", attempts: 1 } } as const;
  const planned = { name: "task", document, fate, isFenced: false, page: undefined };
  return { id: "a", planned, isStopped: false, seen: undefined };
}

function shown(state: TaskJson["state"]): TaskJson {
  const finishedAt = new Date(NOW + 1000).toISOString();
  const where = { node: "worker1", attempt: 1, containerId: CONTAINER };
  return { id: "a", name: "task", state, ...where, finishedAt, reason: "" } as TaskJson;
}

function historyTo({ state, attempt }: TaskJson): EventJson[] {
  return moves(["pending", "scheduled", "running", state], attempt);
}

function moves(states: readonly string[], attempt = 1): EventJson[] {
  return states.map((to, index) => {
    const from = states[index - 1] ?? null;
    const at = new Date(NOW).toISOString();
    return {
      seq: index,
      at,
      kind: "task",
      task: "a",
      attempt: index === 0 ? null : attempt,
      node: "worker1",
      from,
      to,
      reason: "",
    };
  });
}
