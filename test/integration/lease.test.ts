import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TestCluster, until } from "../support/birdman-process.ts";

/** Real processes under a real lease, a short one: what must not run twice ends when nobody can vouch for it. */
const LEASE_MS = 5000;
const MANAGER = ["--heartbeat", "200ms", "--lease", "5s", "--unreachable-after", "1s", "--lost-after", "2s"];

let cluster: TestCluster;

beforeEach(async () => {
  cluster = await TestCluster.start({ manager: MANAGER });
  await cluster.startWorker("w1", ["--runtime", "process"]);
});

afterEach(async () => {
  await cluster.close();
});

/** Starts a task that writes its pid to a file; that process. */
async function startTask(onDisconnect: "stop" | "replace"): Promise<{ id: string; pid: number }> {
  const file = join(cluster.directory, `pid-${onDisconnect}`);
  const response = await cluster.post("/tasks", {
    name: onDisconnect,
    runtime: "process",
    command: ["sh", "-c", `echo $$ > ${file}; exec sleep 1000`],
    stopTimeout: 0,
    reschedule: { onDisconnect },
  });
  const { id } = (await response.json()) as { id: string };
  await until("it to run", async () => (await cluster.json(`/tasks/${id}`))["state"] === "running");
  const pid = await until("its pid", () => {
    try {
      return Number(readFileSync(file, "utf8"));
    } catch {
      return undefined;
    }
  });
  return { id, pid };
}

function isAlive(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${String(pid)}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}

describe("a task that must not run twice", () => {
  it("is ended by the guard when its worker is gone, and no sooner; another task is left alone", async () => {
    const leased = await startTask("stop");
    const other = await startTask("replace");
    await cluster.workers.get("w1")?.process.end("SIGKILL");
    const killed = performance.now();
    await until("the guard to end it", () => !isAlive(leased.pid));
    const tookMs = performance.now() - killed;
    expect(tookMs).toBeGreaterThan(LEASE_MS - 500);
    expect(isAlive(other.pid)).toBe(true);
    await cluster.restartWorker("w1");
    await until("it to run again", async () => {
      const task = await cluster.json(`/tasks/${leased.id}`);
      return task["state"] === "running" && Number(task["attempt"]) > 1;
    });
  });

  it("is ended by its worker when the manager is gone, and runs again when it is back", async () => {
    const { id, pid } = await startTask("stop");
    await cluster.manager?.end("SIGKILL");
    await until("the worker to end it", () => !isAlive(pid));
    await cluster.startManager();
    await until("it to run again", async () => {
      const task = await cluster.json(`/tasks/${id}`);
      return task["state"] === "running" && Number(task["attempt"]) > 1;
    });
  });

  it("runs on when worker or manager are back before the lease is over", async () => {
    const { id, pid } = await startTask("stop");
    await cluster.restartWorker("w1");
    await cluster.manager?.end("SIGKILL");
    await cluster.startManager();
    await cluster.untilReady("w1");
    await new Promise((resolve) => setTimeout(resolve, LEASE_MS + 1000));
    expect(isAlive(pid)).toBe(true);
    expect(await cluster.json(`/tasks/${id}`)).toMatchObject({ state: "running", attempt: 1 });
  });
});
