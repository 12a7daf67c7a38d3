import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ManagerApi } from "../../../test/support/manager-api.ts";
import { temporaryFiles } from "../../../test/support/temporary-files.ts";
import { createToken, TokenSet } from "../../api/access.ts";

const PAGE = '<!doctype html><script type="module" src="/ui/assets/index-abc.js"></script>';
const SCRIPT = "export const answer = 42;";

const file = temporaryFiles();
let manager: ManagerApi;

beforeEach(async () => {
  const script = file("web/assets/index-abc.js");
  mkdirSync(dirname(script), { recursive: true });
  file("web/index.html", PAGE);
  file("web/assets/index-abc.js", SCRIPT);
  file("web/assets/index-abc.js.br", brotliCompressSync(SCRIPT).toString("latin1"));
  const tokens = TokenSet.parse(createToken(["read"], 0).line);
  manager = await ManagerApi.open({ dashboard: file("web"), access: { listenHost: "127.0.0.1", tokens } });
});

afterEach(async () => {
  await manager[Symbol.asyncDispose]();
});

test("the page needs no token, though the API does, and lets nothing in from elsewhere", async () => {
  expect((await manager.app.inject({ url: "/nodes" })).statusCode).toBe(401);
  const page = await manager.app.inject({ url: "/ui/" });
  expect([page.statusCode, page.payload]).toEqual([200, PAGE]);
  const policy = String(page.headers["content-security-policy"]);
  for (const rule of ["default-src 'none'", "connect-src 'self'", "frame-ancestors 'none'"])
    expect(policy).toContain(rule);
  expect(policy).not.toContain("unsafe");
  expect(page.headers).toMatchObject({ "cache-control": "no-cache", "x-content-type-options": "nosniff" });
});

test("an address of the dashboard's own is the same page", async () => {
  for (const url of ["/ui", "/ui/tasks/21b23589-5d2d-4731-b5c9-a97e9832d021", "/ui/nodes/worker1?tab=tasks"]) {
    const page = await manager.app.inject({ url });
    expect([url, page.statusCode, page.payload]).toEqual([url, 200, PAGE]);
    expect(page.headers).toMatchObject({ "content-type": "text/html; charset=utf-8", "cache-control": "no-cache" });
  }
});

test("assets are kept for good, and come compressed to whoever takes that", async () => {
  const plain = await manager.app.inject({ url: "/ui/assets/index-abc.js" });
  expect([plain.statusCode, plain.payload]).toEqual([200, SCRIPT]);
  expect(plain.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
  const compressed = await manager.app.inject({
    url: "/ui/assets/index-abc.js",
    headers: { "accept-encoding": "gzip, br" },
  });
  expect(compressed.headers).toMatchObject({
    "content-encoding": "br",
    "cache-control": plain.headers["cache-control"],
  });
  expect(compressed.headers["content-type"]).toBe(plain.headers["content-type"]);
});

test("what is not there is a problem, and nothing outside the folder is served", async () => {
  for (const url of ["/ui/assets/other.js", "/ui/..%2f..%2fetc/passwd.txt"]) {
    const missing = await manager.app.inject({ url });
    expect([url, missing.statusCode]).toEqual([url, 404]);
    expect(missing.headers["content-type"]).toContain("application/problem+json");
  }
  expect((await manager.app.inject({ url: "/ui/tasks", method: "DELETE" })).statusCode).toBeGreaterThanOrEqual(400);
});
