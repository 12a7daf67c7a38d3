import { beforeEach, describe, expect, test } from "vitest";
import type { LiveFrame } from "../../../src/api/live-json.ts";
import { Cluster } from "../live/cluster.ts";
import { stepped } from "./cursor.ts";
import { describe as inWords } from "./describe.ts";
import { MapModel, shareOf } from "./map-model.ts";
import { LOOKS } from "./palette.ts";

const GIB = 2 ** 30;

/** Two nodes, and tasks on them: `[n, state, health, node]`. */
function snapshot(tasks: readonly (readonly [number, number, number, number])[]): LiveFrame[] {
  const head = { rev: 0, at: 1000 };
  return [
    { ...head, snapshot: "begin" },
    {
      ...head,
      snapshot: "part",
      words: [""],
      labels: [{}],
      specs: [{ n: 1, runs: "web:1", runtime: "docker", labels: {}, cpu: 1, memory: GIB, disk: 0 }],
      nodes: {
        ...{ n: [1, 2], name: ["n1", "n2"], status: 0, availability: 0, reason: 0, blocked: 0, labels: 0 },
        ...{ address: "", version: "", runtimes: "docker", cpu: 4, memory: 8 * GIB, disk: 0, joinedAt: 0 },
        ...{ reservedCpu: 0, reservedMemory: 0, reservedDisk: 0, usedCpu: -1, usedMemory: -1, usedDisk: -1 },
      },
      tasks: {
        ...rows(tasks),
        ...{
          id: tasks.map(([n]) => `id-${String(n)}`),
          name: tasks.map(([n]) => `task-${String(n)}`),
          spec: 1,
          age: 0,
        },
      },
    },
    { ...head, snapshot: "end" },
  ];
}

function rows(tasks: readonly (readonly [number, number, number, number])[]) {
  return {
    ...{
      n: tasks.map(([n]) => n),
      state: tasks.map(([, state]) => state),
      health: tasks.map(([, , health]) => health),
    },
    ...{ node: tasks.map(([, , , node]) => node), wish: 0, attempt: 1, restarts: 0, reason: 0, since: 0, notBefore: 0 },
    ...{ cpu: -1, memory: -1 },
  };
}

function changes(rev: number, ...tasks: (readonly [number, number, number, number])[]): LiveFrame {
  return { rev, at: 2000, words: [""], changes: rows(tasks) };
}

let cluster: Cluster;
let model: MapModel;
let seen: string[];

beforeEach(() => {
  cluster = new Cluster();
  for (const frame of snapshot([
    [1, 2, 2, 1],
    [2, 2, 0, 1],
    [3, 0, 0, 0],
  ])) {
    cluster.take(frame);
  }
  seen = [];
  model = new MapModel(cluster, () => 5000);
  model.happenings = {
    changed: (node) => seen.push(`changed on ${nameOf(node)}`),
    placed: (slot, from) => seen.push(`${nameOfTask(slot)} placed from ${nameOf(from)}`),
    ended: (slot, hasFailed) => seen.push(`${nameOfTask(slot)} ${hasFailed ? "failed" : "done"}`),
  };
  cluster.observe(model);
  model.arrange();
  model.touched.clear();
});

function nameOf(node: number): string {
  return cluster.nodeTable.rows[node]?.facts.name ?? "nowhere";
}

function nameOfTask(slot: number): string {
  return cluster.taskTable.name[slot] ?? "";
}

function slotOf(n: number): number {
  return cluster.taskTable.slot(n) ?? -1;
}

function lookOf(n: number): string | undefined {
  return LOOKS[model.look[slotOf(n)] ?? -1];
}

describe("what happens in the cluster", () => {
  test("is seen once: a placement, a move, a change of health, an end", () => {
    cluster.take(changes(1, [3, 1, 0, 2]));
    cluster.take(changes(2, [1, 0, 0, 1]));
    cluster.take(changes(3, [1, 1, 0, 2], [2, 2, 3, 1]));
    cluster.take(changes(4, [2, 4, 3, 1], [3, 3, 0, 2]));
    expect(seen).toEqual([
      "task-3 placed from nowhere",
      "changed on n2",
      "task-1 placed from n1",
      "changed on n2",
      "changed on n1",
      "task-2 failed",
      "task-3 done",
    ]);
    expect(lookOf(1)).toBe("scheduled");
  });

  test("touches the nodes whose boxes look otherwise, and no others", () => {
    cluster.take(changes(1, [2, 2, 0, 1]));
    expect([...model.touched].map(nameOf)).toEqual([]);
    cluster.take(changes(2, [2, 2, 2, 1]));
    expect([...model.touched].map(nameOf)).toEqual(["n1"]);
  });

  test("is no news when a snapshot tells of it again", () => {
    for (const frame of snapshot([
      [1, 2, 2, 1],
      [2, 2, 0, 1],
      [3, 0, 0, 0],
    ])) {
      cluster.take(frame);
    }
    expect(seen).toEqual([]);
  });
});

test("a tile is as large as the greatest share of its node that its task takes", () => {
  expect(shareOf({ cpu: 1, memory: GIB, disk: 0 }, { cpu: 4, memory: 8 * GIB, disk: 0 })).toBe(0.25);
  const node = cluster.nodeTable.named("n1");
  if (node === undefined) throw new Error("n1 is there");
  model.packNode(node, 1);
  const { width, height } = model.tiles;
  expect((width[slotOf(1)] ?? 0) * (height[slotOf(1)] ?? 0)).toBeCloseTo(0.25, 5);
});

test("what does not pass the filter is faint, whatever becomes of it", () => {
  model.setFilter(({ health }) => health === "healthy");
  expect([model.faint[slotOf(1)], model.faint[slotOf(2)]]).toEqual([0, 1]);
  cluster.take(changes(1, [1, 2, 3, 1], [2, 2, 2, 1]));
  expect([model.faint[slotOf(1)], model.faint[slotOf(2)]]).toEqual([1, 0]);
  model.setFilter(undefined);
  expect([model.faint[slotOf(1)], model.faint[slotOf(2)]]).toEqual([0, 0]);
});

test("the keyboard goes from node to node, and into one", () => {
  const at = { order: model.order, placeOf: model.placeOf, columns: 2 };
  const words = (target: ReturnType<typeof stepped>): string =>
    target === undefined ? "" : inWords(cluster, target).title;
  const first = stepped(undefined, "right", at);
  expect(words(first)).toBe("n1");
  const task = stepped(stepped(first, "next", at), "next", at);
  expect(words(task)).toBe("task-2");
  expect(words(stepped(task, "next", at))).toBe("task-2");
  expect(words(stepped(task, "right", at))).toBe("n2");
  expect(words(stepped(stepped(task, "right", at), "right", at))).toBe("n2");
});
