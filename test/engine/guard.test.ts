/** A task that must not run twice ends with its lease, though worker and engine are both gone or stuck. */
import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestCluster, until } from "../support/birdman-process.ts";
import { BUSYBOX, startDockerd, type TestDockerd } from "../support/engines.ts";

const LEASE_MS = 4000;
/** Of lease, stop timeout, 2 s and 1 %: what the manager waits before it places the task again. */
const SURELY_MS = (LEASE_MS + 1000 + 2000) * 1.01;
const MANAGER = ["--heartbeat", "300ms", "--lease", "4s", "--unreachable-after", "1s", "--lost-after", "2s"];
const LEASED = {
  image: BUSYBOX,
  command: ["sleep", "1000"],
  stopTimeout: "1s",
  reschedule: { onDisconnect: "stop" },
};

let engine: TestDockerd;
let cluster: TestCluster;

beforeAll(async () => {
  engine = await startDockerd();
  cluster = await TestCluster.start({ manager: MANAGER });
  await cluster.startWorker("w1", [], { DOCKER_HOST: engine.dockerHost });
});

afterAll(async () => {
  engine.resume();
  await cluster.close();
  await engine.stop();
});

/** True while a process of the container is there, whatever its engine says. */
function hasProcesses(containerId: string): boolean {
  return readdirSync("/proc").some((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cgroup`, "utf8").includes(containerId);
    } catch {
      return false;
    }
  });
}

test("the guard kills the container's processes itself when the engine hangs, in time", async () => {
  const response = await cluster.post("/tasks", LEASED);
  const { id } = (await response.json()) as { id: string };
  const task = await until("it to run", async () => {
    const found = await cluster.json(`/tasks/${id}`);
    return found["state"] === "running" && found;
  });
  const containerId = String(task["containerId"]);
  expect(hasProcesses(containerId)).toBe(true);

  engine.suspend();
  await cluster.workers.get("w1")?.process.end("SIGKILL");
  const gone = performance.now();
  await until("its processes to be gone", () => !hasProcesses(containerId));
  const tookMs = performance.now() - gone;
  expect(tookMs).toBeGreaterThan(LEASE_MS - 1000);
  expect(tookMs).toBeLessThan(SURELY_MS);

  engine.resume();
  await cluster.restartWorker("w1");
  await until("it to run again", async () => {
    const found = await cluster.json(`/tasks/${id}`);
    return found["state"] === "running" && Number(found["attempt"]) > 1;
  });
});
