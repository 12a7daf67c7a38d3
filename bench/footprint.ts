/** What an idle manager and an idle worker cost: resident memory and processor time of the bundled program. */
import { setTimeout as delay } from "node:timers/promises";
import { until, TestCluster } from "../test/support/birdman-process.ts";
import { startDockerd } from "../test/support/engines.ts";
import { atMost, type Benchmark } from "./bench.ts";
import { buildBundle } from "./bundle.ts";
import { startHollowNodes } from "./hollow-nodes.ts";
import { processorMs, residentBytes } from "./processes.ts";

const WORKERS = 100;
const SETTLE_MS = 5000;
const WATCH_MS = 20_000;
const SAMPLES = 5;
const MEBIBYTE = 2 ** 20;

export const footprint: Benchmark = {
  name: "footprint",
  what: `an idle manager with ${String(WORKERS)} nodes, and an idle worker`,
  async run(say) {
    await buildBundle();
    const dockerd = await startDockerd();
    const cluster = await TestCluster.start({ program: "bundle" });
    const nodes = await startHollowNodes(cluster.url, WORKERS);
    try {
      await cluster.startWorker("idle", [], { DOCKER_HOST: dockerd.dockerHost });
      await until("all nodes", async () => (await cluster.list("/nodes")).length === WORKERS + 1, {
        timeoutMs: 120_000,
      });
      say(`${String(WORKERS)} nodes have joined; watching for ${String(WATCH_MS / 1000)} s`);
      const managerPid = cluster.manager?.child.pid ?? 0;
      const workerPid = cluster.workers.get("idle")?.process.child.pid ?? 0;
      await delay(SETTLE_MS);
      const manager = await watch(managerPid);
      const worker = await watch(workerPid);
      return [
        atMost("idle manager, 100 nodes: resident", manager.memory, { unit: "MiB", limit: 120 }),
        atMost("idle manager, 100 nodes: processor", manager.cpu, { unit: "% of a core", limit: 1 }),
        atMost("idle worker: resident", worker.memory, { unit: "MiB", limit: 100 }),
        atMost("idle worker: processor", worker.cpu, { unit: "% of a core", limit: 1 }),
      ];
    } finally {
      await nodes.close();
      await cluster.close();
      await dockerd.stop();
    }
  },
};

async function watch(pid: number): Promise<{ memory: number[]; cpu: number[] }> {
  const memory: number[] = [];
  const cpu: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    const before = processorMs(pid);
    const start = performance.now();
    await delay(WATCH_MS / SAMPLES);
    cpu.push(((processorMs(pid) - before) / (performance.now() - start)) * 100);
    memory.push(residentBytes(pid) / MEBIBYTE);
  }
  return { memory, cpu };
}
