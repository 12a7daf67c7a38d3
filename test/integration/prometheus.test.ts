/** A real Prometheus with the files of `deploy/monitoring/` beside a real manager and worker: what it finds, scrapes and calls for. */
import { execFile, spawnSync } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort, TestCluster, until } from "../support/birdman-process.ts";
import { dashboardQueries } from "../support/dashboard.ts";
import { ensurePrograms } from "../support/packages.ts";
import { startPrometheus, type TestPrometheus } from "../support/prometheus.ts";

const run = promisify(execFile);
const MONITORING = join(import.meta.dirname, "../../deploy/monitoring");

/** So that a node is lost within seconds. */
const LIVENESS = ["--heartbeat", "300ms", "--lease", "1s", "--unreachable-after", "1500ms", "--lost-after", "3s"];

let directory: string;

beforeAll(async () => {
  await ensurePrograms({ prometheus: "prometheus", promtool: "prometheus" });
  directory = await mkdtemp(join(tmpdir(), "birdman-prometheus-"));
  await cp(MONITORING, directory, { recursive: true });
}, 300_000);

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

describe("promtool", () => {
  const promtool = async (...args: string[]): Promise<string> => {
    const { stdout } = await run("promtool", args, { cwd: directory });
    return stdout;
  };

  test("finds the configuration and the rules right", async () => {
    expect(await promtool("check", "config", "prometheus.yml")).toContain("SUCCESS");
    expect(await promtool("check", "rules", "alerts.yml")).toMatch(/SUCCESS: \d+ rules found/);
  });

  test("finds what the documentation shows right", async () => {
    const page = await readFile(join(import.meta.dirname, "../../docs/monitoring.md"), "utf8");
    const blocks = Array.from(page.matchAll(/^```yaml\n(.*?)^```$/gms), ([, block = ""]) => block);
    expect(blocks.length).toBeGreaterThan(2);
    for (const block of blocks) {
      const job = `scrape_configs:\n  - job_name: birdman\n${block.replaceAll(/^/gm, "    ")}`;
      await writeFile(join(directory, "shown.yml"), block.startsWith("scrape_configs:") ? block : job);
      expect(await promtool("check", "config", "--syntax-only", "shown.yml")).toContain("SUCCESS");
    }
  });

  test("sees each rule fire on what it is for, and none on a healthy cluster", async () => {
    expect(await promtool("test", "rules", "alerts.test.yml")).toContain("SUCCESS");
    const rules = await readFile(join(directory, "alerts.yml"), "utf8");
    const tests = await readFile(join(directory, "alerts.test.yml"), "utf8");
    for (const [, alert] of rules.matchAll(/- alert: (\w+)/g)) {
      expect(tests).toMatch(new RegExp(`- alertname: ${alert ?? ""}\\n`));
      expect(tests).toContain(`{ alertname: ${alert ?? ""}, eval_time: 20m }`);
    }
  });
});

describe("Prometheus", () => {
  const parts = new AsyncDisposableStack();
  let cluster: TestCluster;
  let prometheus: TestPrometheus;

  beforeAll(async () => {
    cluster = parts.adopt(await TestCluster.start({ manager: LIVENESS }), async (started) => started.close());
    await cluster.startWorker("worker1", ["--runtime", "process", "--label", "zone=west"]);
    const port = await freePort();
    const example = await readFile(join(directory, "prometheus.yml"), "utf8");
    const config = example
      .replaceAll("localhost:8080", `127.0.0.1:${String(cluster.port)}`)
      .replaceAll(/\b(15|30)s/g, "1s");
    await writeFile(join(directory, "running.yml"), config);
    const files = { port, config: join(directory, "running.yml"), data: join(directory, "data") };
    prometheus = parts.adopt(await startPrometheus(files), async (started) => started.end());
  }, 120_000);

  afterAll(async () => {
    await parts.disposeAsync();
  });

  test("finds the manager and the worker by itself, and scrapes both", async () => {
    const up = await until("both targets to be up", async () => {
      const targets = await prometheus.targets();
      return targets.length === 2 && targets.every(({ health }) => health === "up") && targets;
    });
    expect(up.map(({ labels: { job, component, node } }) => ({ job, component, node }))).toEqual(
      expect.arrayContaining([
        { job: "birdman", component: "manager", node: undefined },
        { job: "birdman", component: "worker", node: "worker1" },
      ]),
    );
    expect(up.map(({ discoveredLabels }) => discoveredLabels["__meta_birdman_label_zone"])).toContain("west");
  });

  test("has nothing to say against the names and the units", async () => {
    const urls = (await prometheus.targets()).map(({ scrapeUrl }) => scrapeUrl);
    for (const url of urls) {
      const input = await (await fetch(url)).text();
      const { stderr, status } = spawnSync("promtool", ["check", "metrics"], { input, encoding: "utf8" });
      // 3: it would have names otherwise; some of Node's own end in _total and are none.
      expect([0, 3]).toContain(status);
      expect(stderr.split("\n").filter((line) => line.startsWith("birdman"))).toEqual([]);
    }
  });

  test("loads the rules", async () => {
    expect(await prometheus.rules()).toContain("BirdmanNodeLost");
  });

  test("sees what happens, and answers every question of the dashboard", async () => {
    await cluster.post("/tasks", { name: "sleeper", runtime: "process", command: ["sleep", "600"] });
    await until("the running task", async () => (await prometheus.value('birdman_tasks{state="running"}')) === 1);
    await until("its use, from its worker", async () =>
      prometheus.value('birdman_worker_task_memory_used_bytes{name="sleeper",node="worker1"}'),
    );
    expect(await prometheus.value("birdman_scheduling_duration_seconds_count")).toBe(1);
    expect(await prometheus.value('birdman_worker_start_duration_seconds_count{runtime="process"}')).toBe(1);
    expect(await prometheus.value("birdman_worker_manager_connected")).toBe(1);
    const lag = "time() - birdman_node_last_message_timestamp_seconds";
    expect(Math.abs((await prometheus.value(lag)) ?? Number.NaN)).toBeLessThan(30);

    // One that is no expression is refused.
    await expect(prometheus.value("sum(")).rejects.toThrow("parse error");
    const dashboard = await readFile(join(directory, "grafana-dashboard.json"), "utf8");
    for (const query of dashboardQueries(dashboard)) await prometheus.value(query);
  });

  test("calls for the node that is lost", async () => {
    const { process: worker } = cluster.workers.get("worker1") ?? {};
    await worker?.end("SIGKILL");
    const lost = 'ALERTS{alertname="BirdmanNodeLost",alertstate="firing",node="worker1"}';
    await until("the alert", async () => (await prometheus.value(lost)) === 1);
    expect((await prometheus.targets()).find(({ labels }) => labels["node"] === "worker1")?.health).toBe("down");
  });
});
