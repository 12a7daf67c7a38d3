import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { samplesOf } from "../../../test/support/exposition.ts";
import { ManagerApi } from "../../../test/support/manager-api.ts";
import { createToken, type Scope, TokenSet } from "../../api/access.ts";
import { REPORTED } from "../../protocol/messages.ts";

const ID = "21b23589-5d2d-4731-b5c9-a97e9832d021";

let manager: ManagerApi;

beforeEach(async () => {
  manager = await ManagerApi.open();
});

afterEach(async () => {
  await manager[Symbol.asyncDispose]();
});

async function scrape(): Promise<ReadonlyMap<string, number>> {
  const { statusCode, headers, payload } = await manager.app.inject({ url: "/metrics" });
  expect([statusCode, headers["content-type"]]).toEqual([200, "text/plain; version=0.0.4; charset=utf-8"]);
  return samplesOf(payload);
}

test("shows tasks, nodes and commits as they are at the scrape", async () => {
  const worker = await manager.join("worker1");
  await manager.app.inject({ method: "POST", url: "/tasks", payload: { id: ID, image: "x", cpu: 0.5 } });
  const before = await scrape();
  expect(before.get('birdman_tasks{state="scheduled"}')).toBe(1);
  await worker.report(ID, { state: REPORTED.running, reason: "running" });
  const samples = await scrape();
  expect(samples.get('birdman_build_info{version="0.1.0"}')).toBe(1);
  expect(samples.get('birdman_tasks{state="scheduled"}')).toBe(0);
  expect(samples.get('birdman_tasks{state="running"}')).toBe(1);
  expect(samples.get('birdman_nodes{status="ready"}')).toBe(1);
  expect(samples.get("birdman_connected_workers")).toBe(1);
  expect(samples.get('birdman_node_cpu_reserved_cores{node="worker1"}')).toBe(0.5);
  expect(samples.get('birdman_node_cpu_used_cores{node="worker1"}')).toBe(0.1);
  expect(samples.get('birdman_node_tasks{node="worker1"}')).toBe(1);
  const heard = samples.get('birdman_node_last_message_timestamp_seconds{node="worker1"}') ?? 0;
  expect(Math.abs(heard - Date.now() / 1000)).toBeLessThan(60);
  expect(samples.get("birdman_scheduling_duration_seconds_count")).toBe(1);
  expect(samples.get("birdman_store_commit_duration_seconds_count")).toBeGreaterThan(2);
  expect(samples.get("birdman_store_commit_writes_sum")).toBeGreaterThan(3);
  expect(samples.get("process_resident_memory_bytes")).toBeGreaterThan(1e6);
  expect(samples.has("nodejs_eventloop_lag_p99_seconds")).toBe(true);
});

test("a node that is away stays, with its status", async () => {
  const worker = await manager.join("worker1");
  worker.leave();
  await vi.waitFor(async () => {
    const samples = await scrape();
    const left = 'birdman_node_info{node="worker1",status="left",availability="active",version="0.1.0"}';
    expect([samples.get('birdman_nodes{status="left"}'), samples.get(left)]).toEqual([1, 1]);
  });
});

test("requests are counted by the route's pattern, whatever the path", async () => {
  await manager.app.inject({ url: `/tasks/${ID}` });
  await manager.app.inject({ url: "/tasks/none" });
  await manager.app.inject({ url: "/nowhere/1" });
  await manager.app.inject({ url: "/nowhere/2" });
  await manager.app.inject({ url: "/classic/tasks" });
  const samples = await scrape();
  expect(samples.get('birdman_http_requests_total{route="/tasks/:id",method="GET",status="404"}')).toBe(2);
  expect(samples.get('birdman_http_requests_total{route="none",method="GET",status="404"}')).toBe(2);
  expect(samples.get('birdman_http_requests_total{route="/classic/tasks",method="GET",status="200"}')).toBe(1);
  expect(samples.get('birdman_http_request_duration_seconds_count{route="/tasks/:id",method="GET"}')).toBe(2);
  expect((await scrape()).get('birdman_http_requests_total{route="/metrics",method="GET",status="200"}')).toBe(1);
});

test("says that the store takes nothing, and goes on being scraped", async () => {
  manager.store.isFull = true;
  await manager.app.inject({ method: "POST", url: "/tasks", payload: { image: "x" } });
  const samples = await scrape();
  expect(samples.get("birdman_read_only")).toBe(1);
  expect(samples.get("birdman_store_commits_failed_total")).toBe(1);
});

test("asks for a token of scope read where tokens are asked for, and knows no parameters", async () => {
  expect((await manager.app.inject({ url: "/metrics?name[]=up" })).statusCode).toBe(400);
  const tokens = new Map((["read", "node"] as const).map((scope: Scope) => [scope, createToken([scope], 0)]));
  const known = TokenSet.parse([...tokens.values()].map(({ line }) => line).join("\n"));
  await using guarded = await ManagerApi.open({ access: { listenHost: "127.0.0.1", tokens: known } });
  const statusWith = async (url: string, token: string | undefined): Promise<number> => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return (await guarded.app.inject({ url, headers })).statusCode;
  };
  for (const url of ["/metrics", "/discovery/prometheus"]) {
    expect(await statusWith(url, undefined)).toBe(401);
    expect(await statusWith(url, tokens.get("node")?.token)).toBe(403);
    expect(await statusWith(url, tokens.get("read")?.token)).toBe(200);
  }
});
