import { describe, expect, test } from "vitest";
import type { NodeJson } from "../api/node-json.ts";
import type { TaskJson } from "../api/task-json.ts";
import { renderNode, renderNodes } from "./node-table.ts";
import { renderTask } from "./task-details.ts";
import { renderTasks, type View } from "./task-table.ts";

const NOW = Date.parse("2026-11-23T08:00:00.000Z");
const plain: View = { now: NOW, width: undefined, paint: (_style, text) => text };

const echo: TaskJson = {
  id: "01930000-0000-7000-8000-00000000000a",
  name: "echo",
  spec: {
    image: "birdman/echo:latest",
    cpu: 0.1,
    memory: "64MiB",
    disk: 0,
    restart: { policy: "always" },
    env: { A: "1" },
  },
  state: "running",
  desired: "run",
  node: "worker1",
  attempt: 2,
  restarts: 1,
  containerId: "c0ffee",
  ports: [
    { container: 7777, host: 20_001, protocol: "tcp", address: "127.0.0.1" },
    { container: 53, host: 20_002, protocol: "udp", address: "::1" },
  ],
  health: "healthy",
  exitCode: null,
  reason: "up",
  used: { cpu: 0.014, memory: 1_048_576 },
  createdAt: "2026-11-23T07:55:00.000Z",
  scheduledAt: "2026-11-23T07:55:01.000Z",
  startedAt: "2026-11-23T07:55:02.000Z",
  finishedAt: null,
};

const sleeper: TaskJson = {
  ...echo,
  id: "01930000-0000-7000-8000-00000000000b",
  name: "sleeper",
  spec: { runtime: "process", command: ["sleep", "60"] },
  state: "pending",
  node: null,
  ports: [],
  health: "none",
  restarts: 0,
  reason: "fits no node",
};

describe("the table of tasks", () => {
  test("has the contract's columns", () => {
    expect(
      renderTasks([sleeper, echo], plain)
        .split("\n")
        .map((line) => line.split(/  +/)),
    ).toEqual([
      ["ID", "NAME", "STATE", "HEALTH", "NODE", "PORTS", "RESTARTS", "AGE", "IMAGE"],
      [sleeper.id, "sleeper", "pending", "-", "-", "-", "0", "5m", "sleep 60"],
      [
        ...[echo.id, "echo", "running", "healthy", "worker1"],
        ...["127.0.0.1:20001->7777, [::1]:20002->53/udp", "1", "5m", "birdman/echo:latest"],
      ],
      [""],
    ]);
  });

  test("fits the terminal, and abbreviates ids only as far as they stay apart", () => {
    const lines = renderTasks([sleeper, echo], { ...plain, width: 120 })
      .trimEnd()
      .split("\n");
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(120);
    const ids = lines.slice(1).map((line) => line.split(" ")[0] ?? "");
    expect(new Set(ids).size).toBe(2);
    expect(echo.id.startsWith(ids[1] ?? "-")).toBe(true);
  });

  test("lets no name reach the terminal with an escape", () => {
    expect(renderTasks([{ ...echo, name: "x\u001b[2J" }], plain)).not.toContain("\u001b");
  });
});

test("the view of one task says everything that there is, and its history", () => {
  const event = {
    seq: 1,
    at: echo.createdAt,
    kind: "task",
    task: echo.id,
    attempt: 2,
    node: "worker1",
    from: "scheduled",
  } as const;
  const text = renderTask(echo, [{ ...event, to: "running", reason: "the worker reports it running" }], plain);
  for (const line of [
    /^ID: +01930000-0000-7000-8000-00000000000a$/m,
    /^State: +running$/m,
    /^Ports: +127\.0\.0\.1:20001->7777\n +\[::1\]:20002->53\/udp$/m,
    /^Attempt: +2$/m,
    /^Reserves: +0\.1 cores, 64MiB of memory, 0B of disk$/m,
    /^Uses: +0\.01 cores, 1MiB of memory$/m,
    /^Env: +A=1$/m,
    /^Created: +2026-11-23T07:55:00\.000Z \(5m ago\)$/m,
    /^5m +2 +worker1 +running +the worker reports it running$/m,
  ]) {
    expect(text).toMatch(line);
  }
  expect(text).not.toMatch(/^Exit code/m);
  expect(text).not.toContain("undefined");
  expect(text).not.toContain("null");
  expect(renderTask({ ...echo, desired: "stop" }, [], plain)).toMatch(/^State: +running, to be stopped$/m);
});

const worker: NodeJson = {
  name: "worker1",
  status: "ready",
  availability: "active",
  address: "127.0.0.1",
  labels: { disk: "ssd", zone: "a" },
  runtimes: ["docker"],
  version: "0.1.0",
  capacity: { cpu: 2, memory: 2 ** 32, disk: 10 * 2 ** 30 },
  reserved: { cpu: 0.5, memory: 2 ** 26, disk: 0 },
  used: { cpu: 0.1, memory: 2 ** 30, disk: 2 ** 30 },
  tasks: { scheduled: 1, running: 2 },
  reason: "",
  joinedAt: "2026-11-23T07:00:00.000Z",
  lastSeenAt: "2026-11-23T08:00:00.000Z",
};

describe("the table of nodes", () => {
  test("has the contract's columns, resources as reserved/capacity (used %)", () => {
    const lost: NodeJson = {
      ...worker,
      name: "worker2",
      status: "lost",
      availability: "drain",
      labels: {},
      used: null,
    };
    expect(
      renderNodes([worker, lost], plain)
        .split("\n")
        .map((line) => line.split(/  +/)),
    ).toEqual([
      ["NAME", "STATUS", "TASKS", "CPU", "MEMORY", "DISK", "LABELS", "AGE"],
      ["worker1", "ready", "3", "0.5/2 (5%)", "64MiB/4GiB (25%)", "0B/10GiB (10%)", "disk=ssd,zone=a", "60m"],
      ["worker2", "lost (drain)", "3", "0.5/2 (-)", "64MiB/4GiB (-)", "0B/10GiB (-)", "-", "60m"],
      [""],
    ]);
  });

  test("the view of one node says everything", () => {
    const text = renderNode({ ...worker, reason: "said so" }, plain);
    expect(text).toMatch(/^Labels: +disk=ssd\n +zone=a$/m);
    expect(text).toMatch(/^Reason: +said so$/m);
    expect(text).toMatch(/^Tasks: +2 running, 1 starting$/m);
  });
});
