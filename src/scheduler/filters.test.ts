/** Every filter: what passes, how a rejection reads, and what would change it. Asked through a scheduler of one node. */
import { expect, test } from "vitest";
import { GIB, MIB, request, TestNode } from "../../test/support/test-node.ts";
import { createScheduler } from "./create-scheduler.ts";
import { greedy } from "./greedy.ts";
import type { PlacementRequest } from "./scheduler.ts";

function rejections(node: TestNode, asked: PlacementRequest) {
  const scheduler = createScheduler(greedy, { costUse: "reserved" });
  scheduler.update(node);
  const { rejected, wouldFitIf, costs } = scheduler.explain(asked);
  const { chosen } = scheduler.decide(asked);
  expect(chosen === undefined).toBe(rejected.length > 0);
  expect(costs.length + rejected.length).toBe(1);
  return { filters: rejected[0]?.filters ?? [], wouldFitIf };
}

const fits = { filters: [], wouldFitIf: undefined };
const worker = (change: Partial<TestNode> = {}): TestNode => Object.assign(new TestNode(1), change);

test("a node that has everything passes", () => {
  expect(rejections(worker(), request())).toEqual(fits);
});

test.each([
  ["pause", "needs an active node, this one is paused"],
  ["drain", "needs an active node, this one is being drained"],
] as const)("availability %s", (availability, message) => {
  expect(rejections(worker({ availability }), request())).toEqual({
    filters: [{ filter: "availability", needs: "active", has: availability, message }],
    wouldFitIf: "activate worker1",
  });
});

test.each([
  ["unreachable", "needs a ready node, this one is unreachable"],
  ["lost", "needs a ready node, this one is lost"],
  ["left", "needs a ready node, this one has left the cluster"],
] as const)("status %s", (status, message) => {
  expect(rejections(worker({ status }), request())).toEqual({
    filters: [{ filter: "status", needs: "ready", has: status, message }],
    wouldFitIf: "worker1 ready again",
  });
});

test("runtime", () => {
  const task = request({ runtime: "process", command: ["true"] });
  expect(rejections(worker({ runtimes: ["hollow", "process"] }), task)).toEqual(fits);
  expect(rejections(worker({ runtimes: ["docker", "hollow"] }), task)).toEqual({
    filters: [
      {
        filter: "runtime",
        needs: "process",
        has: "docker, hollow",
        message: "needs the process runtime, this node offers docker, hollow",
      },
    ],
    wouldFitIf: "the process runtime on worker1",
  });
  expect(rejections(worker({ runtimes: [] }), task).filters[0]?.message).toBe(
    "needs the process runtime, this node offers none",
  );
});

test("constraint", () => {
  const node = worker({ labels: { disk: "hdd" } });
  const constrained = (...constraints: string[]) => rejections(node, request({ constraints }));
  expect(constrained("label.disk == hdd", "node == worker1", "runtime == docker", "memory >= 8 GiB")).toEqual(fits);
  expect(constrained("label.disk == ssd", "label.disk exists", "label.zone in (a, b)")).toEqual({
    filters: [
      {
        filter: "constraint",
        needs: "label.disk == ssd and label.zone in (a, b)",
        has: "label.disk = hdd, no label zone",
        message: "needs label.disk == ssd and label.zone in (a, b), this node has label.disk = hdd, no label zone",
      },
    ],
    wouldFitIf: "label.disk == ssd and label.zone in (a, b) on worker1",
  });
  const message = (constraint: string) => constrained(constraint).filters[0]?.message;
  expect(message("node == worker2")).toBe("needs node == worker2, this node has the name worker1");
  expect(message("runtime == process")).toBe("needs runtime == process, this node has runtime docker");
  expect(message("cpu > 4")).toBe("needs cpu > 4, this node has 4 cores");
  expect(message("memory >= 16GiB")).toBe("needs memory >= 16GiB, this node has 8 GiB of memory");
  for (const beyondChange of ["node == worker2", "cpu > 4"])
    expect(constrained(beyondChange).wouldFitIf).toBeUndefined();
});

test("a constraint that nobody checked lets the task in nowhere, and says why", () => {
  const { filters } = rejections(worker(), request({ constraints: ["label.disk = ssd"] }));
  expect(filters[0]?.message).toContain('found "=", at character 12');
  expect(rejections(worker(), request({ antiAffinity: ["label.disk"] })).filters).toMatchObject([
    { filter: "constraint" },
  ]);
});

test("anti-affinity, by name and by label", () => {
  const node = worker();
  node.place("a/1", request({ labels: { tier: "front" } }, { name: "web" }));
  node.place("b/1", request({ labels: { tier: "front" } }, { name: "web" }));
  const apart = (...antiAffinity: string[]) => rejections(node, request({ antiAffinity }));
  expect(apart("db", "label.tier == back", "label.team == front")).toEqual(fits);
  expect(apart("web")).toEqual({
    filters: [
      {
        filter: "antiAffinity",
        needs: "no task named web",
        has: 2,
        message: "needs a node with no task named web, this one runs 2",
      },
    ],
    wouldFitIf: "no task named web on worker1",
  });
  expect(apart("label.tier == front", "db").filters[0]?.message).toBe(
    "needs a node with no task with label.tier == front, this one runs 2",
  );
  node.end("a/1").end("b/1");
  expect(apart("web")).toEqual(fits);
});

test.each([
  {
    document: { cpu: 1.5 },
    short: { filter: "cpu", needs: 1.5, has: 1, message: "needs 1.5 cores, 1 core is free" },
    wouldFitIf: "0.5 cores more on worker1",
  },
  {
    document: { memory: "2.5GiB" },
    short: {
      filter: "memory",
      needs: 2.5 * GIB,
      has: 2 * GIB,
      message: "needs 2.5 GiB of memory, 2 GiB are free",
    },
    wouldFitIf: "512 MiB more memory on worker1",
  },
  {
    document: { disk: "60GiB" },
    short: { filter: "disk", needs: 60 * GIB, has: 50 * GIB, message: "needs 60 GiB of disk, 50 GiB are free" },
    wouldFitIf: "10 GiB more disk on worker1",
  },
  {
    document: { memory: 2 * GIB + 1 },
    short: {
      filter: "memory",
      needs: 2 * GIB + 1,
      has: 2 * GIB,
      message: "needs 2147483649 B of memory, 2147483648 B are free",
    },
    wouldFitIf: "1 B more memory on worker1",
  },
  {
    document: { memory: 2 * GIB + 256 * MIB + 1 },
    short: {
      filter: "memory",
      needs: 2 * GIB + 256 * MIB + 1,
      has: 2 * GIB,
      message: "needs 2.3 GiB of memory, 2 GiB are free",
    },
    wouldFitIf: "256.1 MiB more memory on worker1",
  },
])("resources $document", ({ document, short, wouldFitIf }) => {
  const node = new TestNode(1).place("a/1", request({ cpu: 3, memory: "6GiB", disk: "50GiB" }));
  expect(rejections(node, request({ cpu: 1, memory: "2GiB", disk: "50GiB" }))).toEqual(fits);
  expect(rejections(node, request(document))).toEqual({ filters: [short], wouldFitIf });
});

test("a node that holds more than it has, has nothing left, and lacks all of the difference", () => {
  const node = new TestNode(1).place("a/1", request({ cpu: 6 }));
  expect(rejections(node, request({ cpu: 1 }))).toEqual({
    filters: [{ filter: "cpu", needs: 1, has: 0, message: "needs 1 core, 0 cores are free" }],
    wouldFitIf: "3 cores more on worker1",
  });
});

test("measured use rejects nothing", () => {
  expect(rejections(worker({ used: { cpu: 4, memory: 8 * GIB, disk: 100 * GIB } }), request())).toEqual(fits);
});

test("ports: only those that the task must have", () => {
  const node = new TestNode(1).place(
    "a/1",
    request({
      ports: [
        { container: 80, host: 8080 },
        { container: 81, host: 8081 },
      ],
    }),
  );
  const listening = (...ports: { host?: number; protocol?: "tcp" | "udp"; wish?: boolean }[]) =>
    rejections(node, request({ ports: ports.map((port) => ({ container: 80, ...port })) }));
  expect(
    listening({}, { host: 0 }, { host: 8082 }, { host: 8080, protocol: "udp" }, { host: 8080, wish: true }),
  ).toEqual(fits);
  expect(listening({ host: 8080 }, { host: 8082 })).toEqual({
    filters: [{ filter: "ports", needs: "8080/tcp", has: "taken", message: "needs port 8080/tcp, which is taken" }],
    wouldFitIf: "port 8080/tcp free on worker1",
  });
  expect(listening({ host: 8080 }, { host: 8081 })).toEqual({
    filters: [
      {
        filter: "ports",
        needs: "8080/tcp, 8081/tcp",
        has: "taken",
        message: "needs ports 8080/tcp, 8081/tcp, which are taken",
      },
    ],
    wouldFitIf: "ports 8080/tcp, 8081/tcp free on worker1",
  });
});

test("refusal", () => {
  const node = worker();
  const reason = "its engine could not pull the image";
  expect(rejections(node, request({}, { excluded: new Map([["id-of-worker2", reason]]) }))).toEqual(fits);
  expect(rejections(node, request({}, { excluded: new Map([[node.id, reason]]) }))).toEqual({
    filters: [
      {
        filter: "refusal",
        needs: "not turned away lately",
        has: reason,
        message: `needs a node that did not turn it away lately, this one did: ${reason}`,
      },
    ],
    wouldFitIf: "another try on worker1",
  });
});

test("every failing filter is named, not the first; and no single change would help then", () => {
  const node = worker({ status: "lost", availability: "drain", runtimes: [] });
  node.place(
    "a/1",
    request({ cpu: 4, memory: "8GiB", disk: "100GiB", ports: [{ container: 80, host: 80 }] }, { name: "web" }),
  );
  const everything = request(
    {
      cpu: 1,
      memory: 1,
      disk: 1,
      ports: [{ container: 80, host: 80 }],
      constraints: ["label.a exists"],
      antiAffinity: ["web"],
    },
    { excluded: new Map([[node.id, "no"]]) },
  );
  const { filters, wouldFitIf } = rejections(node, everything);
  expect(filters.map(({ filter }) => filter)).toEqual([
    "availability",
    "status",
    "runtime",
    "constraint",
    "antiAffinity",
    "cpu",
    "memory",
    "disk",
    "ports",
    "refusal",
  ]);
  expect(wouldFitIf).toBeUndefined();
});

test("a runtime whose engine does not answer", () => {
  const sick = { docker: "the engine hangs" };
  expect(rejections(worker({ sick }), request())).toEqual({
    filters: [
      {
        filter: "runtime",
        needs: "docker that answers",
        has: "the engine hangs",
        message: "docker on worker1 does not answer: the engine hangs",
      },
    ],
    wouldFitIf: "docker on worker1 answering again",
  });
  expect(rejections(worker({ sick: { process: "no" } }), request())).toEqual(fits);
});
