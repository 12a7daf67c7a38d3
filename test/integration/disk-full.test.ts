/** A manager whose disk runs full: nothing that was accepted is lost, nothing is accepted that cannot be kept, and it goes on by itself. */
import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { TestCluster, until } from "../support/birdman-process.ts";

let disk: string;

beforeEach(async () => {
  disk = await mkdtemp(join(tmpdir(), "birdman-disk-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", disk]);
});

afterEach(async () => {
  execFileSync("umount", [disk]);
  await rm(disk, { recursive: true });
});

it("answers 507, serves reads, loses nothing, and accepts again when there is room", async () => {
  await writeFile(join(disk, "ballast"), Buffer.alloc(1_000_000));
  const cluster = await TestCluster.start({ manager: ["--data-dir", join(disk, "manager")] });
  try {
    const accepted: string[] = [];
    const submit = async (): Promise<number> => {
      const response = await cluster.post("/tasks", { image: "echo", env: { BALLAST: "x".repeat(20_000) } });
      const body = (await response.json()) as Record<string, unknown>;
      if (response.status === 201) accepted.push(String(body["id"]));
      else expect(body).toMatchObject({ code: "store_full", status: 507 });
      return response.status;
    };
    let status = 201;
    for (let count = 0; status === 201 && count < 500; count += 1) status = await submit();
    expect(status).toBe(507);
    expect(accepted.length).toBeGreaterThan(3);

    const listed = async (): Promise<unknown[]> => (await cluster.list("/tasks")).map(({ id }) => id);
    expect((await listed()).toSorted()).toEqual(accepted.toSorted());
    expect((await cluster.get("/healthz")).status).toBe(200);

    await rm(join(disk, "ballast"));
    await until("a submission to be accepted again", async () => (await submit()) === 201);
    await cluster.manager?.end("SIGKILL");
    await cluster.startManager();
    expect((await listed()).toSorted()).toEqual(accepted.toSorted());
  } finally {
    await cluster.close();
  }
});

it("keeps the leases of its workers meanwhile: a full disk of the manager is no reason to stop a task", async () => {
  const timings = ["--heartbeat", "200ms", "--lease", "2s", "--unreachable-after", "1s", "--lost-after", "2s"];
  const cluster = await TestCluster.start({ manager: ["--data-dir", join(disk, "manager"), ...timings] });
  try {
    await cluster.startWorker("w1", ["--runtime", "process"]);
    const task = { runtime: "process", command: ["sleep", "1000"], reschedule: { onDisconnect: "stop" } };
    const { id } = (await (await cluster.post("/tasks", task)).json()) as { id: string };
    await until("it to run", async () => (await cluster.json(`/tasks/${id}`))["state"] === "running");
    await writeFile(join(disk, "ballast"), Buffer.alloc(4_000_000)).catch(() => undefined); // until it is full
    const submit = async (): Promise<number> =>
      (await cluster.post("/tasks", { image: "echo", env: { BALLAST: "x".repeat(100_000) } })).status;
    await until("a submission to be refused", async () => (await submit()) === 507);
    await delay(6000); // three leases
    expect(await submit()).toBe(507);
    await rm(join(disk, "ballast"));
    await until("a submission to be accepted again", async () => (await submit()) === 201);
    await cluster.untilReady("w1");
    await delay(1000);
    expect(await cluster.json(`/tasks/${id}`)).toMatchObject({ state: "running", attempt: 1, restarts: 0 });
    expect(cluster.workers.get("w1")?.process.output()).not.toContain("lease");
  } finally {
    await cluster.close();
  }
});
