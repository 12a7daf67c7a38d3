import fc from "fast-check";
import type { FastifyInstance, InjectOptions } from "fastify";
import { pino } from "pino";
import { afterEach, expect, test } from "vitest";
import { ManagerApi, type ManagerApiOptions } from "../../../test/support/manager-api.ts";
import { createToken, LOG_REDACTION, TokenSet } from "../../api/access.ts";
import { PROBLEMS } from "../../api/problems.ts";
import { TaskDocumentSchema } from "../../task/document.ts";

const managers: ManagerApi[] = [];

afterEach(async () => {
  await Promise.all(managers.splice(0).map(async (manager) => manager[Symbol.asyncDispose]()));
});

async function open(options: ManagerApiOptions = {}): Promise<FastifyInstance> {
  const manager = await ManagerApi.open(options);
  managers.push(manager);
  return manager.app;
}

const JSON_TYPE = { "content-type": "application/json" };

async function codeOf(app: FastifyInstance, request: InjectOptions) {
  const response = await app.inject(request);
  return [response.statusCode, response.json<{ code: string }>().code];
}

test("an unknown address is 404, a wrong method 405 with the right ones, OPTIONS an answer", async () => {
  const app = await open();
  expect(await codeOf(app, { method: "GET", url: "/nothing" })).toEqual([404, "not_found"]);
  expect(await codeOf(app, { method: "POST", url: "/nothing", payload: "x" })).toEqual([404, "not_found"]);
  const wrong = await app.inject({ method: "PUT", url: "/tasks/7" });
  expect([wrong.statusCode, wrong.headers.allow]).toEqual([405, "DELETE, GET, HEAD, OPTIONS"]);
  expect(wrong.json()).toMatchObject({ code: "method_not_allowed" });
  const options = await app.inject({ method: "OPTIONS", url: "/tasks" });
  expect([options.statusCode, options.headers.allow, options.payload]).toEqual([204, "GET, HEAD, POST, OPTIONS", ""]);
  const head = await app.inject({ method: "HEAD", url: "/tasks" });
  expect([head.statusCode, head.payload]).toEqual([200, ""]);
  expect(await codeOf(app, { method: "GET", url: "/tasks/%zz" })).toEqual([400, "malformed_request"]);
  expect((await app.inject({ url: "/tasks/" })).statusCode).toBe(200);
});

test("a body that is not JSON is 415 or 400, with the place", async () => {
  const app = await open();
  const post = (payload: string | Buffer, headers: Record<string, string>) =>
    ({ method: "POST", url: "/tasks", payload, headers }) as const;
  const form = { "content-type": "application/x-www-form-urlencoded" };
  expect(await codeOf(app, post("image=x", form))).toEqual([415, "unsupported_media_type"]);
  expect(await codeOf(app, post('{"image":"x"}', { "content-type": "text/plain" }))).toEqual([
    415,
    "unsupported_media_type",
  ]);
  expect(await codeOf(app, post('{"image":"x"}', { "content-type": "text/plain; application/json" }))).toEqual([
    415,
    "unsupported_media_type",
  ]);
  expect(await codeOf(app, post("{", JSON_TYPE))).toEqual([400, "malformed_json"]);
  expect(await codeOf(app, post("[".repeat(100_000), JSON_TYPE))).toEqual([400, "malformed_json"]);
  expect(await codeOf(app, post('{"__proto__":{"image":"x"}}', JSON_TYPE))).toEqual([400, "malformed_json"]);
  expect(await codeOf(app, post(Buffer.from([0xff, 0xfe]), JSON_TYPE))).toEqual([400, "malformed_json"]);
  expect(await codeOf(app, post("", JSON_TYPE))).toEqual([400, "invalid_body"]);
  expect(
    (await app.inject(post('{"image":"x"}', { "content-type": "application/json; charset=UTF-8" }))).statusCode,
  ).toBe(201);
});

test("a body over its limit is 413", async () => {
  const app = await open();
  const headers = { ...JSON_TYPE, "content-length": String(100 * 2 ** 20) };
  expect(await codeOf(app, { method: "POST", url: "/tasks", headers, payload: "[]" })).toEqual([413, "body_too_large"]);
  const payload = JSON.stringify({ availability: "x".repeat(70_000) });
  expect(await codeOf(app, { method: "PATCH", url: "/nodes/worker1", headers: JSON_TYPE, payload })).toEqual([
    413,
    "body_too_large",
  ]);
});

test.each([
  [{ host: "evil.example:8080" }, 421, "host_unknown"],
  [{ origin: "http://evil.example" }, 403, "origin_unknown"],
  [{ origin: "null" }, 403, "origin_unknown"],
  [{ origin: "http://localhost:3000", host: "localhost:8080" }, 403, "origin_unknown"],
])("no web page reaches it: %j is %i", async (headers, status, code) => {
  const app = await open();
  expect(await codeOf(app, { method: "GET", url: "/tasks", headers })).toEqual([status, code]);
  expect(
    await codeOf(app, { method: "POST", url: "/tasks", headers: { ...headers, ...JSON_TYPE }, payload: "{" }),
  ).toEqual([status, code]);
  expect(await codeOf(app, { method: "OPTIONS", url: "/tasks", headers })).toEqual([status, code]);
});

test("its own page and an advertised name are let in", async () => {
  const app = await open({ access: { listenHost: "127.0.0.1", names: ["manager1"] } });
  const own = { host: "manager1:8080", origin: "http://manager1:8080" };
  expect((await app.inject({ url: "/tasks", headers: own })).statusCode).toBe(200);
});

test("a token opens what its scopes say", async () => {
  const [reader, writer] = [createToken(["read"], 0), createToken(["write"], 0)];
  const tokens = TokenSet.parse(`${reader.line}\n${writer.line}`);
  const app = await open({
    access: { listenHost: "127.0.0.1", tokens },
  });
  const get = (authorization?: string) =>
    app.inject({ url: "/tasks", headers: authorization === undefined ? {} : { authorization } });

  const none = await get();
  expect([none.statusCode, none.headers["www-authenticate"]]).toEqual([401, 'Bearer realm="birdman"']);
  expect(none.json()).toMatchObject({ code: "unauthorized" });
  for (const wrong of ["Bearer x", `Basic ${reader.token}`, `Bearer ${reader.token}x`, "Bearer"]) {
    expect((await get(wrong)).statusCode).toBe(401);
  }
  expect((await get(`Bearer ${reader.token}`)).statusCode).toBe(200);
  expect((await get(`bearer ${reader.token}`)).statusCode).toBe(200);

  const headers = { authorization: `Bearer ${reader.token}` };
  const forbidden = await app.inject({ method: "POST", url: "/tasks", headers, payload: { image: "x" } });
  expect([forbidden.statusCode, forbidden.headers["www-authenticate"]]).toEqual([
    403,
    'Bearer realm="birdman", error="insufficient_scope", scope="write"',
  ]);
  expect(forbidden.json()).toMatchObject({ code: "scope_missing" });
  const allowed = { authorization: `Bearer ${writer.token}` };
  expect(
    (await app.inject({ method: "POST", url: "/tasks", headers: allowed, payload: { image: "x" } })).statusCode,
  ).toBe(201);
  expect((await app.inject({ url: "/node/session", headers })).statusCode).toBe(403);
  expect((await app.inject({ url: "/nothing" })).statusCode).toBe(401);
  expect((await app.inject({ url: "/healthz" })).statusCode).toBe(200);
});

test("every route but the open ones asks for a token, and those that change something for more than reading", async () => {
  const { token, line } = createToken(["read"], 0);
  const app = await open({
    access: { listenHost: "127.0.0.1", tokens: TokenSet.parse(line) },
  });
  const routes: { method: string; url: string }[] = [];
  await app.ready();
  for (const url of [
    "/tasks",
    "/tasks/7",
    "/tasks/7/restart",
    "/tasks/7/logs",
    "/tasks/7/events",
    "/tasks/7/placement",
    "/nodes",
    "/nodes/a",
    "/stats",
    "/healthz",
    "/readyz",
    "/",
    "/ui/",
    "/classic/tasks",
    "/classic/tasks/7",
    "/classic/nodes",
    "/node/session",
    "/node/streams/1",
  ]) {
    const { allow = "" } = (await app.inject({ method: "OPTIONS", url, headers: { authorization: `Bearer ${token}` } }))
      .headers;
    for (const method of allow.split(", ")) if (method !== "OPTIONS" && method !== "HEAD") routes.push({ method, url });
  }
  const unguarded: string[] = [];
  const readable: string[] = [];
  for (const { method, url } of routes) {
    const anonymous = await app.inject({ method: method as "GET", url });
    if (anonymous.statusCode !== 401) unguarded.push(`${method} ${url}`);
    const reading = await app.inject({ method: method as "GET", url, headers: { authorization: `Bearer ${token}` } });
    if (reading.statusCode !== 403) readable.push(method);
  }
  expect(unguarded).toEqual(["GET /healthz", "GET /readyz", "GET /", "GET /ui/"]);
  expect(new Set(readable)).toEqual(new Set(["GET"]));
  expect(routes.length).toBeGreaterThan(20);
});

test("no token and no secret gets into the log", async () => {
  const lines: string[] = [];
  const logger = pino({ level: "trace", redact: LOG_REDACTION }, { write: (line: string) => lines.push(line) });
  const { token, line } = createToken(["read", "write"], 0);
  const submit = async () => Promise.reject(new Error("unforeseen"));
  const app = await open({
    change: { submit },
    logger,
    access: { listenHost: "127.0.0.1", tokens: TokenSet.parse(line) },
  });
  const headers = { authorization: `Bearer ${token}` };
  const payload = {
    image: "x",
    env: { A: { value: "hidden", secret: true } },
    registryAuth: { username: "u", password: "hidden" },
  };
  await app.inject({ method: "POST", url: "/tasks", headers, payload });
  const failed = await app.inject({ method: "POST", url: "/tasks", headers, payload });
  logger.info({ req: { headers } }, "a careless line");
  expect(failed.statusCode).toBe(500);
  expect(failed.payload).not.toContain("unforeseen");
  expect(lines.join("")).toContain("unforeseen");
  expect(lines.join("")).not.toContain(token);
  expect(lines.join("")).not.toContain("hidden");
});

test("a browser is led to a page that says what there is", async () => {
  const app = await open();
  const led = await app.inject({ url: "/", headers: { accept: "text/html,*/*" } });
  expect([led.statusCode, led.headers.location]).toEqual([302, "/ui/"]);
  expect((await app.inject({ url: "/", headers: { accept: "*/*" } })).statusCode).toBe(404);
  const page = await app.inject({ url: "/ui/" });
  expect(page.headers).toMatchObject({ "content-type": "text/html; charset=utf-8" });
  expect(page.headers["content-security-policy"]).toContain("default-src 'none'");
  expect(page.payload).toContain("npm run build:web");
});

test("a worker's address without an upgrade is 426", async () => {
  const app = await open();
  expect(await codeOf(app, { method: "GET", url: "/node/session" })).toEqual([426, "upgrade_required"]);
});

/** Bodies between random bytes and nearly a task. */
function bodies() {
  const key = fc.oneof(
    fc.constantFrom(
      ...Object.keys(TaskDocumentSchema.properties),
      "Task",
      "State",
      "ID",
      "Image",
      "ExposedPorts",
      "PortBindings",
      "__proto__",
      "constructor",
    ),
    fc.string({ maxLength: 8 }),
  );
  const leaf = fc.oneof(
    fc.constantFrom("x", "21b23589-5d2d-4731-b5c9-a97e9832d021", "64MiB", "1h", "7777/tcp", "label.a == b", "../x"),
    fc.jsonValue({ maxDepth: 1 }),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      leaf,
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(key, tie("value"), { maxKeys: 6 }),
    ),
  }));
  const near = fc.oneof(
    value,
    fc.dictionary(key, value, { maxKeys: 6 }).map((part) => ({ image: "x", ...part })),
    fc.dictionary(key, value, { maxKeys: 6 }).map((Task) => ({ State: 2, Task: { Image: "x", ...Task } })),
  );
  return fc.oneof(
    near.map((body) => Buffer.from(JSON.stringify(body))),
    fc.json().map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc.string({ unit: "binary" }).map((text) => Buffer.from(text)),
  );
}

test("no body, however malformed, is answered with a 500, and every refusal is one of the table", async () => {
  const app = await open();
  const url = fc.constantFrom(
    "/tasks",
    "/classic/tasks",
    "/nodes/worker1",
    "/tasks/21b23589-5d2d-4731-b5c9-a97e9832d021/restart",
    "/x",
  );
  const method = fc.constantFrom("POST" as const, "PATCH" as const, "PUT" as const, "DELETE" as const, "GET" as const);
  const type = fc.constantFrom(
    "application/json",
    "application/json;charset=utf-8",
    "text/plain",
    "application/x+json",
    "multipart/form-data",
    "/",
    "",
  );
  await fc.assert(
    fc.asyncProperty(
      bodies(),
      fc.record({ url, method, type }),
      async (payload, { url: address, method: verb, type: contentType }) => {
        const headers = { "content-type": contentType };
        const response = await app.inject({ method: verb, url: address, payload, headers });
        expect(response.statusCode).toBeLessThan(500);
        if (response.statusCode < 400 || address.startsWith("/classic")) return;
        const { code, status } = response.json<{ code: keyof typeof PROBLEMS; status: number }>();
        expect([PROBLEMS[code].status, status]).toEqual([response.statusCode, response.statusCode]);
      },
    ),
    { numRuns: 1500 },
  );
  expect((await app.inject({ url: "/tasks?limit=1" })).statusCode).toBe(200);
});

test("no header and no address is answered with a 500", async () => {
  const app = await open({
    access: { listenHost: "127.0.0.1", tokens: TokenSet.parse(createToken(["read"], 0).line) },
  });
  const name = fc.constantFrom(
    "host",
    "origin",
    "authorization",
    "content-type",
    "content-length",
    "prefer",
    "idempotency-key",
    "accept",
    "upgrade",
    "connection",
    "expect",
    "transfer-encoding",
  );
  const value = fc.oneof(
    fc.string({ maxLength: 40 }).map((text) => text.replace(/[^\x20-\x7e]/g, "")),
    fc.constantFrom("Bearer ", "chunked", "-1", "1e9", "websocket", "[::1", "100-continue"),
  );
  const path = fc.webPath().map((text) => `/tasks${text.replace(/[^\x21-\x7e]/g, "")}`);
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(name, value, { maxKeys: 4 }),
      fc.oneof(path, fc.constantFrom("/", "//", "/tasks?%", "/tasks?a=%ff&state=", "/tasks/%2e%2e/x")),
      async (headers, url) => {
        const response = await app.inject({ method: "GET", url, headers });
        expect(response.statusCode).toBeLessThan(500);
      },
    ),
    { numRuns: 1000 },
  );
});
