import { expect, test } from "vitest";
import { CoreBench } from "../../../test/support/core-bench.ts";
import { REPORTED } from "../../protocol/messages.ts";
import type { TaskId } from "../../task/id.ts";
import { clusterSnapshot } from "./cluster-snapshot.ts";

const A = "00000000-0000-4000-8000-00000000000a" as TaskId;
const B = "00000000-0000-4000-8000-00000000000b" as TaskId;
const C = "00000000-0000-4000-8000-00000000000c" as TaskId;

const running = (task: TaskId, attempt = 1) =>
  ({ task, attempt, state: REPORTED.running, restarts: 0, reason: "running", startedAt: 5 }) as const;

test("says of each node what it offers, what is reserved, what it uses and when it was heard", () => {
  const bench = new CoreBench();
  const use = { node: { cpu: 1.5, memory: 1000, disk: 2000, load: [1, 1, 1] as const }, tasks: {} };
  bench.connect("w1", { use, sick: { docker: "no answer" } });
  bench.submit({ id: A, image: "echo", cpu: 2, memory: "1GiB" });
  const { nodes, connected } = clusterSnapshot(bench.core);
  expect(connected).toBe(1);
  expect(nodes).toMatchObject([
    {
      facts: { name: "w1", capacity: { cpu: 4 } },
      ...{ status: "ready", availability: "active", tasks: 0, sick: { docker: "no answer" } },
      ...{ reserved: { cpu: 0, memory: 0, disk: 0 }, used: use.node, lastSeenAt: bench.wall },
    },
  ]);
});

test("counts what waits by what it waits for, from the moment of its acceptance", () => {
  const bench = new CoreBench();
  bench.connect("w1");
  expect(clusterSnapshot(bench.core)).toMatchObject({
    pending: { queued: 0, unplaceable: 0, refused: 0, delayed: 0, entering: 0 },
    oldestPendingAt: undefined,
  });
  const acceptedAt = bench.wall;
  bench.submit({ id: A, image: "echo", cpu: 100 });
  bench.tick(1000);
  bench.submit({ id: B, image: "echo", cpu: 100 });
  expect(clusterSnapshot(bench.core)).toMatchObject({
    tasks: { pending: 2 },
    pending: { queued: 0, unplaceable: 2 },
    oldestPendingAt: acceptedAt,
  });
});

test("a task that waits for its next attempt is delayed, one that its only node refused is refused", () => {
  const bench = new CoreBench();
  const worker = bench.connect("w1");
  bench.submit({ id: A, image: "echo" });
  worker.report([{ ...running(A), state: REPORTED.failed, reason: "exit code 1", finishedAt: 9 }]);
  bench.submit({ id: B, image: "echo" });
  worker.report([{ ...running(B), state: REPORTED.refused, reason: "no room" }]);
  expect(clusterSnapshot(bench.core).pending).toMatchObject({ delayed: 1, refused: 1, unplaceable: 0 });
});

test("shows the use of the running tasks that were accepted first, and how many it leaves out", () => {
  const bench = new CoreBench();
  const worker = bench.connect("w1");
  for (const id of [A, B, C]) bench.submit({ id, image: "echo", name: `task-${id.slice(-1)}` });
  worker.report([running(C), running(A), running(B)]);
  const node = bench.core.state.nodeNamed("w1");
  const use = { cpu: 0.5, memory: 100 };
  if (node !== undefined) {
    node.taskUse = new Map([
      [A, use],
      [C, use],
    ]);
  }

  expect(clusterSnapshot(bench.core, 2)).toMatchObject({
    runningTasks: [{ id: A, name: "task-a", node: "w1", use }],
    tasksLeftOut: 1,
  });
  expect(clusterSnapshot(bench.core)).toMatchObject({ runningTasks: [{ id: A }, { id: C }], tasksLeftOut: 0 });
});
