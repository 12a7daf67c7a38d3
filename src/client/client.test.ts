import { describe, expect, test } from "vitest";
import { injectedClient } from "../../test/support/injected-client.ts";
import { ManagerApi } from "../../test/support/manager-api.ts";
import type { TaskDocument } from "../task/document.ts";
import { Birdman } from "./client.ts";
import { ClientError } from "./client-error.ts";
import type { Transport, TransportRequest } from "./transport.ts";

const process: TaskDocument = { runtime: "process", command: ["sleep", "60"] };

describe("against a manager", () => {
  test("submits, reads, lists and stops a task", async () => {
    await using manager = await ManagerApi.open();
    const client = injectedClient(manager.app);
    const task = await client.submit({ ...process, name: "sleeper" });
    expect(task).toMatchObject({ name: "sleeper", state: "pending", desired: "run", node: null });
    expect(await client.task(task.id)).toEqual(task);
    expect((await client.tasks()).tasks).toEqual([task]);
    await client.stop(task.id);
    expect(await client.task(task.id)).toMatchObject({ state: "completed" });
    await client.stop(task.id);
  });

  test("submits a list, and pages through it newest first", async () => {
    await using manager = await ManagerApi.open();
    const client = injectedClient(manager.app);
    const names = ["a", "b", "c", "d", "e"];
    const answer = await client.submitJson(JSON.stringify(names.map((name) => ({ ...process, name }))));
    expect(Array.isArray(answer)).toBe(true);
    const first = await client.tasks({ limit: 2 });
    expect(first.tasks.map(({ name }) => name)).toEqual(["e", "d"]);
    expect(first.cursor).toBeDefined();
    const all = await Array.fromAsync(client.everyTask({ limit: 2 }));
    expect(all.map(({ name }) => name)).toEqual(names.toReversed());
  });

  test("filters", async () => {
    await using manager = await ManagerApi.open();
    const client = injectedClient(manager.app);
    const a = await client.submit({ ...process, name: "a & b=c", labels: { tier: "web" } });
    await client.submit({ ...process, name: "other" });
    const idsOf = async (filter: Parameters<Birdman["tasks"]>[0]) =>
      (await client.tasks(filter)).tasks.map(({ id }) => id);
    expect(await idsOf({ name: "a & b=c" })).toEqual([a.id]);
    expect(await idsOf({ label: "tier=web" })).toEqual([a.id]);
    expect(await idsOf({ idPrefix: a.id.slice(0, 30) })).toContain(a.id);
    expect(await idsOf({ state: "running" })).toEqual([]);
    expect(await idsOf({ node: "nowhere" })).toEqual([]);
  });

  test("answers a repeated submission with the first one's task", async () => {
    await using manager = await ManagerApi.open();
    const client = injectedClient(manager.app);
    const first = await client.submit({ ...process }, { idempotencyKey: "once" });
    const second = await client.submit({ ...process }, { idempotencyKey: "once" });
    expect(second.id).toBe(first.id);
  });

  test("explains a placement, tells the history, counts", async () => {
    await using manager = await ManagerApi.open();
    const client = injectedClient(manager.app);
    const { id } = await client.submit({ ...process });
    expect(await client.placement(id)).toMatchObject({ taskId: id, chosen: null });
    expect(await client.taskEvents(id)).toMatchObject([{ task: id, to: "pending" }]);
    expect(await client.stats()).toMatchObject({ tasks: { pending: 1 }, store: "memory" });
    expect(await client.nodes()).toEqual([]);
  });

  test("submits many at once, all or none", async () => {
    await using manager = await ManagerApi.open();
    const client = injectedClient(manager.app);
    const tasks = await client.submitAll([
      { ...process, name: "a" },
      { ...process, name: "b" },
    ]);
    expect(tasks.map(({ name }) => name)).toEqual(["a", "b"]);
    await expect(client.submitAll([process, {}])).rejects.toMatchObject({ code: "invalid_body" });
    expect(await client.stats()).toMatchObject({ tasks: { pending: 2 } });
  });

  test("plans, and tells how the manager is", async () => {
    await using manager = await ManagerApi.open();
    const client = injectedClient(manager.app);
    const { plans } = await client.plan({ tasks: [process, process], schedulers: ["greedy", "spread"] });
    expect(plans.map(({ scheduler, placements }) => [scheduler, placements.length])).toEqual([
      ["greedy", 2],
      ["spread", 2],
    ]);
    expect(await client.health()).toEqual({ status: "ok" });
    expect(await client.readiness()).toEqual({ status: "ready" });
    expect(await client.metrics()).toContain("birdman_");
    expect(await client.prometheusTargets()).toMatchObject([{ labels: { component: "manager" } }]);
    expect(await client.openApi()).toMatchObject({ openapi: expect.stringMatching(/^3\.1/) });
  });

  test("is found by its address", async () => {
    await using manager = await ManagerApi.open();
    const url = new URL(await manager.app.listen({ host: "127.0.0.1", port: 0 }));
    for (const address of [url.href, url.host]) expect(await Birdman.connect(address).nodes()).toEqual([]);
    expect(() => Birdman.connect("http://a b/")).toThrow("'http://a b/' is no address of a manager");
  });

  test("a stream ends with its signal, and with the loop", async () => {
    await using manager = await ManagerApi.open();
    const client = Birdman.connect(await manager.app.listen({ host: "127.0.0.1", port: 0 }));
    const { id } = await client.submit({ ...process });
    for await (const event of client.events({ task: id })) {
      expect(event).toMatchObject({ task: id, to: "pending" });
      break;
    }
    const leaving = new AbortController();
    const reading = Array.fromAsync(client.live({ signal: leaving.signal }));
    leaving.abort(new Error("enough"));
    await expect(reading).rejects.toThrow("enough");
  });

  test("fails with the problem that the server answers", async () => {
    await using manager = await ManagerApi.open();
    const client = injectedClient(manager.app);
    const error = await client.task("01930000-0000-7000-8000-000000000000").catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ClientError);
    expect(error).toMatchObject({
      code: "task_not_found",
      status: 404,
      isUnreachable: false,
      problem: { status: 404 },
    });
    await expect(client.node("nobody")).rejects.toMatchObject({ code: "node_not_found" });
    await expect(client.submitJson('{"imagee": "x"}')).rejects.toMatchObject({
      code: "invalid_body",
      status: 400,
      problem: { errors: [{ path: "/imagee" }] },
    });
  });
});

describe("whatever answers", () => {
  const answering =
    (status: number, headers: Readonly<Record<string, string>>, body: string): Transport =>
    async () => ({
      url: "http://elsewhere/tasks",
      status,
      header: (name) => headers[name],
      body: chunks(body),
    });

  async function* chunks(body: string): AsyncGenerator<Uint8Array> {
    for (const byte of new TextEncoder().encode(body)) yield Uint8Array.of(byte);
  }

  test.each([
    { what: "a page", status: 200, type: "text/html", body: "<html>" },
    { what: "an error that is no problem", status: 502, type: "text/plain", body: "bad gateway" },
    { what: "a problem without a code", status: 404, type: "application/problem+json", body: "{}" },
  ])("$what is not taken for a manager", async ({ status, type, body }) => {
    const client = new Birdman({ transport: answering(status, { "content-type": type }, body) });
    await expect(client.nodes()).rejects.toMatchObject({ code: "not_birdman", status: undefined, isUnreachable: true });
    await expect(client.nodes()).rejects.toThrow("http://elsewhere/tasks");
  });

  test("text may be cut anywhere, inside a character too", async () => {
    const client = new Birdman({ transport: answering(200, {}, '[{"name":"größe 🚀"}]') });
    expect(await client.nodes()).toEqual([{ name: "größe 🚀" }]);
  });

  test("the token goes with every request, and a body says what it is", async () => {
    const seen: TransportRequest[] = [];
    const transport: Transport = async (request) => {
      seen.push(request);
      return answering(200, {}, "[]")(request);
    };
    const client = new Birdman({ transport, token: "secret" });
    await client.submitJson("[]");
    await client.nodes();
    expect(seen.map(({ headers }) => headers["authorization"])).toEqual(["Bearer secret", "Bearer secret"]);
    expect(seen.map(({ headers }) => headers["content-type"])).toEqual(["application/json", undefined]);
  });

  test("names are escaped in addresses", async () => {
    const seen: string[] = [];
    const transport: Transport = async (request) => {
      seen.push(request.path);
      return answering(200, {}, "{}")(request);
    };
    const client = new Birdman({ transport });
    await client.node("../a b?c");
    await client.tasks({ name: "x&y=z", limit: 5 });
    expect(seen).toEqual(["/nodes/..%2Fa%20b%3Fc", "/tasks?name=x%26y%3Dz&limit=5"]);
  });
});
