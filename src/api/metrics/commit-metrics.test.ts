import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { CommitMetrics } from "./commit-metrics.ts";

test("a commit is measured when it is durable, and counted as failed when it is refused", async () => {
  const registry = new Registry();
  const commits = new CommitMetrics(registry);
  await commits.measure(20, async () => undefined);
  const refusal = new Error("no space left on device");
  await expect(commits.measure(5, async () => Promise.reject(refusal))).rejects.toBe(refusal);

  const text = await registry.metrics();
  expect(text).toMatch(/^birdman_store_commit_duration_seconds_count 1$/m);
  expect(text).toMatch(/^birdman_store_commit_writes_sum 20$/m);
  expect(text).toMatch(/^birdman_store_commit_writes_bucket\{le="10"\} 0$/m);
  expect(text).toMatch(/^birdman_store_commit_writes_bucket\{le="30"\} 1$/m);
  expect(text).toMatch(/^birdman_store_commits_failed_total 1$/m);
});
