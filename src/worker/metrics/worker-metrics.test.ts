import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { samplesOf } from "../../../test/support/exposition.ts";
import { WorkerApi } from "../../../test/support/worker-api.ts";
import { resolveSpec } from "../../task/spec.ts";
import type { TaskId } from "../../task/id.ts";
import type { Command } from "../core/events.ts";
import { WorkerMetrics } from "./worker-metrics.ts";

const ID = "21b23589-5d2d-4731-b5c9-a97e9832d021" as TaskId;

let worker: WorkerApi;

beforeEach(async () => {
  worker = new WorkerApi();
  await worker.host.open();
});

afterEach(async () => {
  await worker[Symbol.asyncDispose]();
});

async function scrape(): Promise<ReadonlyMap<string, number>> {
  const { statusCode, payload } = await worker.app.inject({ url: "/metrics" });
  expect(statusCode).toBe(200);
  return samplesOf(payload);
}

test("shows the machine, its engines, its tasks and how they were started", async () => {
  const payload = { id: ID, name: "echo", image: "x", runtime: "hollow" };
  await worker.app.inject({ method: "POST", url: "/tasks", payload });
  await vi.waitFor(async () => expect((await scrape()).get('birdman_worker_tasks{state="running"}')).toBe(1));
  const samples = await scrape();
  expect(
    Object.fromEntries([...samples].filter(([name]) => /^birdman_worker_(cpu|memory|disk|load)/.test(name))),
  ).toEqual({
    birdman_worker_cpu_total_cores: 2,
    birdman_worker_cpu_used_cores: 0.25,
    'birdman_worker_load_average{minutes="1"}': 0.5,
    'birdman_worker_load_average{minutes="5"}': 0.25,
    'birdman_worker_load_average{minutes="15"}': 0.125,
    birdman_worker_memory_total_bytes: 1000,
    birdman_worker_memory_available_bytes: 600,
    birdman_worker_disk_total_bytes: 2000,
    birdman_worker_disk_available_bytes: 500,
  });
  expect(samples.get('birdman_worker_engine_up{runtime="hollow"}')).toBe(1);
  expect(samples.get('birdman_worker_engine_disk_crowded{runtime="hollow"}')).toBe(0);
  expect(samples.get("birdman_worker_manager_connected")).toBe(0);
  expect(samples.get('birdman_worker_start_duration_seconds_count{runtime="hollow"}')).toBe(1);
  expect(samples.get("birdman_store_commit_duration_seconds_count")).toBeGreaterThan(0);
  expect(samples.get('birdman_http_requests_total{route="/tasks",method="POST",status="201"}')).toBe(1);
});

test("a start that failed counts by its code, and one after an exit as a restart", async () => {
  const metrics = new WorkerMetrics("0.1.0");
  const start = (restart: number): Extract<Command, { kind: "start" }> => {
    const run = { task: ID, attempt: 1, restart };
    const spec = resolveSpec({ image: "x" });
    return { kind: "start", run, name: "echo", spec, ports: [], local: true, createdAt: 0 };
  };
  const failed = start(0);
  const restarted = start(1);
  metrics.commanded(failed);
  metrics.happened({ kind: "startFailed", run: failed.run, failure: "image", message: "no such image" });
  metrics.commanded(restarted);
  metrics.happened({ kind: "runStarted", run: restarted.run, containerId: "c", startedAt: 1 });
  // It was begun by the process before this one.
  metrics.happened({ kind: "runStarted", run: { ...restarted.run }, containerId: "c", startedAt: 1 });
  const samples = samplesOf(await metrics.registry.metrics());
  expect(samples.get('birdman_worker_start_failures_total{code="image"}')).toBe(1);
  expect(samples.get('birdman_worker_start_failures_total{code="ports"}')).toBe(0);
  expect(samples.get('birdman_worker_start_duration_seconds_count{runtime="docker"}')).toBe(1);
  expect(samples.get("birdman_worker_restarts_total")).toBe(1);
});
