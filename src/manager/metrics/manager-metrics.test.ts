import { expect, test } from "vitest";
import { CoreBench } from "../../../test/support/core-bench.ts";
import { samplesOf } from "../../../test/support/exposition.ts";
import { REPORTED } from "../../protocol/messages.ts";
import type { TaskId } from "../../task/id.ts";
import type { Effects } from "../core/events.ts";
import { clusterSnapshot } from "./cluster-snapshot.ts";
import { ManagerMetrics } from "./manager-metrics.ts";

const A = "00000000-0000-4000-8000-00000000000a" as TaskId;
const running = { task: A, attempt: 1, state: REPORTED.running, restarts: 0, reason: "running", startedAt: 5 } as const;

test("the time from acceptance to the first placement is that until the placement is durable", async () => {
  const bench = new CoreBench();
  const metrics = new ManagerMetrics("0.1.0");
  const happened = (effects: Effects | undefined): void =>
    metrics.happened(effects?.events ?? [], bench.core.state.tasks, bench.wall);

  bench.submit({ id: A, image: "echo" });
  happened(bench.last);
  bench.pass(4000);
  const worker = bench.connect("w1");
  const placing = bench.last;
  bench.wall += 700; // what the commit takes
  happened(placing);
  happened(worker.report([running]));
  // A second attempt has been waiting since it was lost, not since it was accepted.
  happened(worker.report([{ ...running, state: REPORTED.refused }]));
  bench.tick(2000);
  happened(bench.last);

  const samples = samplesOf(await metrics.registry.metrics());
  expect(samples.get("birdman_scheduling_duration_seconds_count")).toBe(1);
  expect(samples.get("birdman_scheduling_duration_seconds_sum")).toBeCloseTo(4.7);
  expect(samples.get('birdman_scheduling_duration_seconds_bucket{le="2.5"}')).toBe(0);
  expect(samples.get('birdman_scheduling_duration_seconds_bucket{le="5"}')).toBe(1);
  expect(samples.get('birdman_task_transitions_total{from="new",to="pending"}')).toBe(1);
  expect(samples.get('birdman_task_transitions_total{from="scheduled",to="running"}')).toBe(1);
  expect(samples.get('birdman_task_transitions_total{from="running",to="failed"}')).toBe(0);
  expect(samples.get('birdman_history_events_total{kind="node"}')).toBeGreaterThan(0);
});

test("a wall clock that was set back makes no negative time", async () => {
  const bench = new CoreBench();
  const metrics = new ManagerMetrics("0.1.0");
  bench.connect("w1");
  bench.submit({ id: A, image: "echo" });
  metrics.happened(bench.last?.events ?? [], bench.core.state.tasks, bench.wall - 3_600_000);
  const samples = samplesOf(await metrics.registry.metrics());
  expect(samples.get("birdman_scheduling_duration_seconds_sum")).toBe(0);
});

test("an engine that does not answer is down, and a brake that is on is 1", async () => {
  const bench = new CoreBench();
  bench.connect("w1", { sick: { docker: "no answer" } });
  const metrics = new ManagerMetrics("0.1.0");
  metrics.show({ ...clusterSnapshot(bench.core), isBraking: true, isReadOnly: false });
  const samples = samplesOf(await metrics.registry.metrics());
  expect(samples.get('birdman_node_engine_up{node="w1",runtime="docker"}')).toBe(0);
  expect(samples.get("birdman_brake_on")).toBe(1);
  expect(samples.get("birdman_read_only")).toBe(0);
  // It has not said what it uses.
  expect(samples.has('birdman_node_cpu_used_cores{node="w1"}')).toBe(false);
  expect(samples.get('birdman_node_cpu_capacity_cores{node="w1"}')).toBe(4);
});
