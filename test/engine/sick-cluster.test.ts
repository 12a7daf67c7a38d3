/** What a cluster makes of a node whose engine hangs: real processes, an engine for each worker. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestCluster, until } from "../support/birdman-process.ts";
import { BUSYBOX, startDockerd, type TestDockerd } from "../support/engines.ts";

const SLEEPER = { image: BUSYBOX, command: ["sleep", "1000"] };

let engines: TestDockerd[] = [];
let cluster: TestCluster;

beforeAll(async () => {
  engines = await Promise.all([startDockerd(), startDockerd()]);
  cluster = await TestCluster.start({ manager: ["--scheduler", "roundrobin"] });
  for (const [index, engine] of engines.entries()) {
    await cluster.startWorker(`worker${String(index + 1)}`, [], { DOCKER_HOST: engine.dockerHost });
  }
});

afterAll(async () => {
  engines[0]?.resume();
  await cluster.close();
  await Promise.all(engines.map((engine) => engine.stop()));
});

async function submit(document: object): Promise<string> {
  const response = await cluster.post("/tasks", document);
  expect(response.status).toBe(201);
  return ((await response.json()) as { id: string }).id;
}

async function untilRunning(id: string): Promise<Record<string, unknown>> {
  return until(`task ${id} to run`, async () => {
    const task = await cluster.json(`/tasks/${id}`);
    return task["state"] === "running" && task;
  });
}

test("it gets no new tasks and says why, what runs there stays, and what waits for it runs when it answers again", async () => {
  const kept = await submit({ ...SLEEPER, constraints: ["node == worker1"] });
  await untilRunning(kept);
  engines[0]?.suspend();
  await until("worker1 to say so", async () =>
    String((await cluster.json("/nodes/worker1"))["reason"]).includes("answer"),
  );
  expect(await cluster.json("/nodes/worker1")).toMatchObject({
    status: "ready",
    reason: expect.stringMatching(/^docker does not answer: the container engine at .* did not answer within 3 s/),
  });

  const free = await Promise.all([submit(SLEEPER), submit(SLEEPER)]);
  for (const id of free) expect(await untilRunning(id)).toMatchObject({ node: "worker2" });
  const bound = await submit({ ...SLEEPER, constraints: ["node == worker1"] });
  expect(await cluster.json(`/tasks/${bound}`)).toMatchObject({ state: "pending" });
  const { rejected } = (await cluster.json(`/tasks/${bound}/placement`)) as {
    rejected: { node: string; filters: { filter: string; message: string }[] }[];
  };
  const filters = rejected.find(({ node }) => node === "worker1")?.filters ?? [];
  expect(filters).toMatchObject([
    { filter: "runtime", message: expect.stringMatching(/^docker on worker1 does not answer: /) },
  ]);

  engines[0]?.resume();
  expect(await untilRunning(bound)).toMatchObject({ node: "worker1" });
  expect(await cluster.json("/nodes/worker1")).toMatchObject({ reason: "" });
  expect(await cluster.json(`/tasks/${kept}`)).toMatchObject({ state: "running", restarts: 0, attempt: 1 });
});
