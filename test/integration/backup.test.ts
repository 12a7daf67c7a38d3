/** Backups of a cluster of real processes: taken while it runs, checked, and put back in place of a store that went on. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { runBirdman, TestCluster, until } from "../support/birdman-process.ts";

const PROGRAM = join(import.meta.dirname, "../../bin/birdman");

let cluster: TestCluster;
let dataDir: string;
let file: string;

beforeEach(async () => {
  cluster = await TestCluster.start();
  dataDir = join(cluster.directory, "manager");
  file = join(cluster.directory, "cluster.backup");
});

afterEach(async () => {
  await cluster.close();
});

const SLEEP = { runtime: "process", command: ["sleep", "1000"], stopTimeout: 0 };

async function run(name: string): Promise<Record<string, unknown>> {
  const response = await cluster.post("/tasks", { ...SLEEP, name, env: { KEY: { value: "hush", secret: true } } });
  const { id } = (await response.json()) as { id: string };
  return until(`${name} to run`, async () => {
    const task = await cluster.json(`/tasks/${id}`);
    return task["state"] === "running" ? task : undefined;
  });
}

async function backUp(...flags: readonly string[]): Promise<Record<string, unknown>> {
  const { exitCode, output } = await runBirdman(["backup", file, "--data-dir", dataDir, "-o", "json", ...flags]);
  expect(output).toMatch(/^\{/);
  expect(exitCode).toBe(0);
  return JSON.parse(output) as Record<string, unknown>;
}

it("goes back to a backup: what was started since is adopted, and nothing is stopped", async () => {
  await cluster.startWorker("w1", ["--runtime", "process"]);
  const before = await run("before");
  const report = await backUp();
  expect(report).toMatchObject({ epoch: 1, records: { nodes: 1, tasks: 1, ended: 0 } });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, "latin1")).toMatch(/^\{"kind":"birdman-backup".*\}\n\x1f\x8b/);
  expect(readdirSync(dataDir).filter((name) => name.startsWith("snapshot-"))).toEqual([]);

  const after = await run("after");
  const refused = await runBirdman(["restore", file, "--data-dir", dataDir, "--force"]);
  expect(refused).toMatchObject({ exitCode: 1 });
  expect(refused.output).toContain("in use by a manager");

  await cluster.manager?.end("SIGKILL");
  const kept = await runBirdman(["restore", file, "--data-dir", dataDir]);
  expect(kept).toMatchObject({ exitCode: 1 });
  expect(kept.output).toContain("has a store already");
  const restored = await runBirdman(["restore", file, "--data-dir", dataDir, "--force"]);
  expect(restored).toMatchObject({ exitCode: 0 });
  expect(restored.output).toContain("1 live, 0 ended");
  expect(readdirSync(dataDir).filter((name) => name.startsWith("replaced-"))).toHaveLength(1);

  await cluster.startManager();
  for (const task of [before, after]) {
    const now = await until(`${String(task["name"])} to be there`, async () => {
      const found = await cluster.json(`/tasks/${String(task["id"])}`).catch(() => undefined);
      return found?.["state"] === "running" ? found : undefined;
    });
    expect(now).toMatchObject({ name: task["name"], containerId: task["containerId"], restarts: 0, attempt: 1 });
    process.kill(Number(task["containerId"]), 0); // it is alive
  }
  for (const { id } of [before, after]) await fetch(`${cluster.url}/tasks/${String(id)}`, { method: "DELETE" });
  await until("both to end", async () => (await cluster.list("/tasks?state=completed")).length === 2);
});

it("backs up a manager that does not run, into a pipe as well, and says whether a backup is whole", async () => {
  await cluster.post("/tasks", { ...SLEEP, name: "waiting" });
  await cluster.manager?.end();
  const { stdout, status } = spawnSync(PROGRAM, ["backup", "-", "--data-dir", dataDir]);
  expect(status).toBe(0);
  writeFileSync(file, stdout);
  const whole = await runBirdman(["restore", "--verify", file]);
  expect(whole).toMatchObject({ exitCode: 0 });
  expect(whole.output).toContain("1 live, 0 ended");
  expect(whole.output).toContain("nothing was restored");

  const elsewhere = join(cluster.directory, "elsewhere");
  expect(await runBirdman(["restore", file, "--data-dir", elsewhere])).toMatchObject({ exitCode: 0 });
  expect(readdirSync(elsewhere).toSorted()).toEqual(["birdman.db", "birdman.lock"]);

  for (const [damage, what] of [
    [stdout.subarray(0, -100), "damaged"],
    [Buffer.from(stdout).fill(1, stdout.length - 500, stdout.length - 400), "damaged"],
    [Buffer.from("hello\n"), "no backup"],
    [Buffer.from(stdout.toString("latin1").replace('"format":1', '"format":9'), "latin1"), "newer Birdman"],
  ] as const) {
    writeFileSync(file, damage);
    const found = await runBirdman(["restore", "--verify", file]);
    expect(found).toMatchObject({ exitCode: 1 });
    expect(found.output).toContain(what);
    const empty = join(cluster.directory, "empty");
    expect(await runBirdman(["restore", file, "--data-dir", empty])).toMatchObject({ exitCode: 1 });
    expect(existsSync(join(empty, "birdman.db"))).toBe(false);
  }
});

it("writes over nothing, and says where there is no store", async () => {
  await backUp();
  const again = await runBirdman(["backup", file, "--data-dir", dataDir]);
  expect(again).toMatchObject({ exitCode: 1 });
  expect(again.output).toContain("--force");
  await backUp("--force");
  const nowhere = await runBirdman(["backup", join(cluster.directory, "x"), "--data-dir", cluster.directory]);
  expect(nowhere).toMatchObject({ exitCode: 1 });
  expect(nowhere.output).toContain("there is no store in");
});
