/** A manager and workers as real processes, with tasks that are plain processes: what happens when either is away. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { freePort, runBirdman, startBirdman, TestCluster, until } from "../support/birdman-process.ts";

const PROCESS = ["--runtime", "process"];

let cluster: TestCluster;

beforeEach(async () => {
  cluster = await TestCluster.start();
});

afterEach(async () => {
  for (const state of ["pending", "scheduled", "running"]) {
    for (const { id } of await cluster.list(`/tasks?state=${state}`)) await remove(String(id));
  }
  try {
    await until("every task to end", async () => live(await cluster.json("/stats")) === 0);
  } finally {
    await cluster.close();
  }
});

async function remove(id: string): Promise<void> {
  await fetch(`${cluster.url}/tasks/${id}`, { method: "DELETE" });
}

function live(stats: Record<string, unknown>): number {
  const { scheduled, running } = stats["tasks"] as { scheduled: number; running: number };
  return scheduled + running;
}

/** Submits a process task and waits until it is in the state. */
async function run(document: object, state = "running"): Promise<Record<string, unknown>> {
  const response = await cluster.post("/tasks", { runtime: "process", ...document });
  const { id } = (await response.json()) as { id: string };
  return until(`task ${id} to be ${state}`, async () => is(id, state));
}

async function is(id: string, state: string): Promise<Record<string, unknown> | undefined> {
  const task = await cluster.json(`/tasks/${id}`);
  return task["state"] === state ? task : undefined;
}

it("adopts what was started on a worker while no manager was there, and what was stopped there stays stopped", async () => {
  await cluster.manager?.end();
  const port = await freePort();
  const directory = join(cluster.directory, "lone");
  const args = ["worker", "--name", "lone", "--port", String(port), "--manager", `127.0.0.1:${String(cluster.port)}`];
  const worker = startBirdman([...args, "--data-dir", directory, ...PROCESS]);
  try {
    const url = `http://127.0.0.1:${String(port)}`;
    await until("the worker to answer", async () => (await fetch(`${url}/healthz`).catch(() => undefined))?.ok);
    const submit = (name: string): Promise<Response> =>
      fetch(`${url}/tasks`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ name, runtime: "process", command: ["sleep", "1000"], stopTimeout: 0 }),
      });
    const kept = (await (await submit("kept")).json()) as { id: string };
    const stopped = (await (await submit("stopped")).json()) as { id: string };
    await fetch(`${url}/tasks/${stopped.id}`, { method: "DELETE" });

    await cluster.startManager();
    const task = await until("the adoption", () => is(kept.id, "running").catch(() => undefined));
    expect(task).toMatchObject({ name: "kept", node: "lone", attempt: 1, restarts: 0 });
    expect(await until("the result", () => is(stopped.id, "completed").catch(() => undefined))).toBeDefined();
    const history = await cluster.list(`/tasks/${kept.id}/events`);
    expect(history[0]).toMatchObject({ to: "scheduled", reason: "started on lone directly" });

    await fetch(`${url}/tasks/${kept.id}`, { method: "DELETE" });
    await until("a stop that was asked for at the worker", () => is(kept.id, "completed"));
  } finally {
    await worker.end();
  }
});

it("restarts what crashes while the manager is away, and tells it afterwards", async () => {
  await cluster.startWorker("w1", PROCESS);
  const task = await run({ command: ["sleep", "1000"], restart: { policy: "always", delay: "100ms" } });
  await cluster.manager?.end("SIGKILL");
  process.kill(-Number(task["containerId"]), "SIGKILL");
  await cluster.startManager();
  const after = await until("the news of the restart", async () => {
    const now = await is(String(task["id"]), "running");
    return now?.["restarts"] === 1 && now["containerId"] !== task["containerId"] ? now : undefined;
  });
  expect(after).toMatchObject({ attempt: 1, node: "w1" });
});

it("keeps the result of what ends while the manager is away", async () => {
  await cluster.startWorker("w1", PROCESS);
  const { id } = await run({ command: ["sh", "-c", "echo last words; sleep 2; exit 7"], restart: { policy: "never" } });
  await cluster.manager?.end("SIGKILL");
  await until("the task to have ended", async () => {
    const worker = cluster.workers.get("w1");
    const port = worker?.args[worker.args.indexOf("--port") + 1] ?? "";
    const tasks = (await (await fetch(`http://127.0.0.1:${port}/tasks`)).json()) as { state: string }[];
    return tasks[0]?.state === "failed";
  });
  await cluster.startManager();
  const task = await until("its result", () => is(String(id), "failed"));
  expect(task).toMatchObject({ exitCode: 7, restarts: 0 });
  expect(await (await cluster.get(`/tasks/${String(id)}/logs`)).text()).toBe("last words\n");
});

it("refuses a second worker of the same name, and says what to do", async () => {
  await cluster.startWorker("w1", PROCESS);
  const directory = await mkdtemp(join(tmpdir(), "birdman-second-"));
  const args = ["worker", "--name", "w1", "--port", "0", "--manager", `127.0.0.1:${String(cluster.port)}`];
  const second = startBirdman([...args, "--data-dir", directory, ...PROCESS]);
  try {
    await until("the second worker to end", () => second.child.exitCode !== null);
    expect(second.child.exitCode).toBe(1);
    expect(second.output()).toContain("--name");
    expect(await cluster.json("/nodes/w1")).toMatchObject({ status: "ready" });
  } finally {
    await second.end();
    await rm(directory, { recursive: true, force: true });
  }
});

it("places nothing on a node that is away, keeps what it runs, and goes on when it is back", async () => {
  await cluster.startWorker("w1", PROCESS);
  const kept = await run({ command: ["sleep", "1000"], stopTimeout: 0 });
  await cluster.workers.get("w1")?.process.end("SIGKILL");
  await until("the node to be unreachable", async () => (await cluster.json("/nodes/w1"))["status"] === "unreachable");
  const waiting = await run({ command: ["sleep", "1000"], stopTimeout: 0 }, "pending");
  expect(waiting["reason"]).toContain("status");
  expect(await is(String(kept["id"]), "running")).toBeDefined();
  await cluster.restartWorker("w1");
  await until("the waiting task to run", () => is(String(waiting["id"]), "running"));
  expect(await is(String(kept["id"]), "running")).toMatchObject({ containerId: kept["containerId"], restarts: 0 });
});

async function patch(node: string, change: object): Promise<void> {
  const response = await fetch(`${cluster.url}/nodes/${node}`, {
    method: "PATCH",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(change),
  });
  expect(response.status).toBe(200);
}

it("moves tasks off a drained node, one at a time", async () => {
  await cluster.startWorker("w1", PROCESS);
  const tasks = [];
  for (const name of ["a", "b", "c"]) tasks.push(await run({ name, command: ["sleep", "1000"], stopTimeout: 0 }));
  await cluster.startWorker("w2", PROCESS);
  await patch("w1", { availability: "drain" });
  await until(
    "all to run on w2",
    async () => (await cluster.list("/tasks?node=w2&state=running")).length === tasks.length,
  );
  expect(await cluster.json("/nodes/w1")).toMatchObject({ reason: "drained", tasks: { running: 0, scheduled: 0 } });
});

it("drains from the command line: waits until it is done, or says what is in the way", async () => {
  const drain = async (name: string): ReturnType<typeof runBirdman> =>
    runBirdman(["node", "drain", name, "--parallel", "2", "--manager", `127.0.0.1:${String(cluster.port)}`]);
  await cluster.startWorker("w1", PROCESS);
  for (const name of ["a", "b", "c"]) await run({ name, command: ["sleep", "1000"], stopTimeout: 0 });
  await run({ name: "bound", command: ["sleep", "1000"], constraints: ["node == w1"], stopTimeout: 0 });
  await cluster.startWorker("w2", PROCESS);
  const stuck = await drain("w1");
  expect(stuck).toMatchObject({ exitCode: 1 });
  expect(stuck.output).toContain("node w1 is not drained: 1 task left that would have nowhere to go; bound is waiting");
  expect(await cluster.list("/tasks?node=w2&state=running")).toHaveLength(3);

  const done = await drain("w2");
  expect(done.output).toContain("nowhere to go"); // w1 is being drained itself
  await patch("w1", { availability: "active" });
  const again = await drain("w2");
  expect(again).toMatchObject({ exitCode: 0 });
  expect(again.output).toContain("w2");
  expect(await cluster.list("/tasks?node=w1&state=running")).toHaveLength(4);
});

it("accepts a submission that is repeated under its key once", async () => {
  const submit = (): Promise<Response> =>
    fetch(`${cluster.url}/tasks`, {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": "once" },
      body: JSON.stringify({ image: "echo" }),
    });
  const first = (await (await submit()).json()) as { id: string };
  await cluster.manager?.end("SIGKILL");
  await cluster.startManager();
  const second = (await (await submit()).json()) as { id: string };
  expect(second.id).toBe(first.id);
  expect((await cluster.list("/tasks")).length).toBe(1);
});
