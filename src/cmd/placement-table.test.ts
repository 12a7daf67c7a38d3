/** What `birdman explain` says, for few nodes and for many. */
import { expect, test } from "vitest";
import type { PlacementJson, RejectionJson } from "../api/placement-json.ts";
import { countByFilter } from "../scheduler/nearest.ts";
import { groupAlike } from "./node-groups.ts";
import { renderPlacement, type PlacementView } from "./placement-table.ts";

const GIB = 2 ** 30;
const view: PlacementView = {
  now: Date.parse("2026-11-23T08:05:00.000Z"),
  width: undefined,
  paint: (_style, text) => text,
  showsAll: false,
  name: "web",
  reason: "to be placed again in 5 s",
};

const placed: PlacementJson = {
  taskId: "01930000-0000-7000-8000-00000000000a",
  attempt: 2,
  scheduler: "greedy",
  decidedAt: "2026-11-23T08:00:00.000Z",
  considered: 3,
  chosen: "worker2",
  costs: [
    { node: "worker2", cost: 0.25, terms: { cpu: 0.25, memory: 0.125, disk: 0 } },
    { node: "worker1", cost: 0.5, terms: { cpu: 0.5, memory: 0.1, disk: 0 } },
  ],
  rejected: [{ node: "worker3", filters: [short("memory", 2 * GIB, GIB)] }],
  rejectedBy: { memory: 1 },
  wouldFitIf: null,
};

function short(filter: string, needs: number, has: number): RejectionJson {
  return { filter, needs, has, message: `needs ${String(needs)} of ${filter}, ${String(has)} are free` };
}

function pending(rejected: PlacementJson["rejected"], wouldFitIf: string | null = null): PlacementJson {
  const rejectedBy = countByFilter(rejected) as Record<string, number>;
  return { ...placed, chosen: null, costs: [], considered: rejected.length, rejected, rejectedBy, wouldFitIf };
}

test("a placed task: where, why there, and why not elsewhere", () => {
  expect(renderPlacement(placed, view)).toBe(`\
Attempt 2 of web was placed on worker2 by greedy 5m ago.
It cost least there, of 3 nodes considered. Turned away by memory (1).

NODE     COST  MADE OF
worker2  0.25  cpu 0.25, memory 0.125
worker1  0.5   cpu 0.5, memory 0.1

NODE     WHY NOT
worker3  needs 2147483648 of memory, 1073741824 are free
`);
  expect(renderPlacement({ ...placed, considered: 0, costs: [], rejected: [] }, view)).toMatch(/not kept any more/);
  expect(renderPlacement({ ...placed, considered: 900 }, view)).toContain(
    "of 900 nodes considered. Turned away by memory (1). Shown are the best",
  );
});

test("a pending task on few nodes: each, the nearest first, all that fails, and what would help", () => {
  const far = { node: "worker1", filters: [short("cpu", 2, 1), short("memory", 2, 1.9)] };
  const near = { node: "worker2", filters: [short("memory", 2, 1.5)] };
  expect(renderPlacement(pending([far, near], "1 B more memory on worker2"), view)).toBe(`\
web fits on none of 2 nodes now: memory (2), cpu (1).
What would help: 1 B more memory on worker2.

NODE     WHY NOT
worker2  needs 2 of memory, 1.5 are free
worker1  needs 2 of cpu, 1 are free; needs 2 of memory, 1.9 are free
`);
});

test("a pending task that would fit now, or before any node has joined, says so", () => {
  expect(renderPlacement({ ...pending([]), considered: 3, costs: placed.costs }, view)).toMatch(
    /^web would fit on 2 of 3 nodes now, and waits all the same\.\nto be placed again in 5 s\n/,
  );
  expect(renderPlacement(pending([]), view)).toBe("web waits: no node has joined the cluster.\n");
});

test("on many nodes, those that fail alike are one line; --all shows each", () => {
  const rejected = Array.from({ length: 200 }, (_, index) => {
    const node = `w${String(index)}`;
    const label = index % 40 === 0 ? "no label disk" : "label.disk = hdd";
    const ssd = { filter: "constraint", needs: "label.disk == ssd", has: label, message: `this node has ${label}` };
    const memory = short("memory", 512 * 2 ** 20, index * 2 ** 20);
    return { node, filters: index % 4 === 0 ? [ssd, memory] : [memory] };
  });
  expect(renderPlacement(pending(rejected), view)).toBe(`\
web fits on none of 200 nodes now: memory (200), constraint (50).
No single change would let it in.

NODES  NEAREST              WHY NOT
150    w199, w198, w197, …  needs 512 MiB of memory, 1 MiB to 199 MiB are free
50     w196, w192, w188, …  needs label.disk == ssd: label.disk = hdd (45), no label disk (5); needs 512 MiB of memory, 0 B to 196 MiB are free
--all shows every node
`);
  expect(renderPlacement(pending(rejected), { ...view, showsAll: true }).split("\n")).toHaveLength(2 + 1 + 1 + 200 + 1);
});

test("of many different facts the commonest are named", () => {
  const nodes = ["a", "b", "c", "d", "e", "e"].map((zone, index) => ({
    node: `w${String(index)}`,
    filters: [{ filter: "constraint", needs: "label.zone == x", has: zone, message: `has ${zone}` }],
  }));
  expect(groupAlike(nodes)).toEqual([
    { nodes: ["w0", "w1", "w2", "w3", "w4", "w5"], why: "needs label.zone == x: e (2), a (1), b (1), others (2)" },
  ]);
});
