/** The sample service, as a process. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";

const SERVER = join(import.meta.dirname, "../../echo/server.ts");
const JSON_TYPE = { "content-type": "application/json" };

let service: ChildProcess;
let url: string;

beforeAll(async () => {
  const child = spawn(process.execPath, [SERVER], {
    env: { ...process.env, PORT: "0" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  service = child;
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  url = `http://127.0.0.1:${line.replace("echo listens on port ", "")}`;
});

afterAll(() => {
  service.kill("SIGKILL");
});

test("POST / answers the JSON that it was sent, as it was written", async () => {
  const body = '{ "Msg": "Grüße",\n "list": [1, 2.50, null] }';
  const response = await fetch(url, { method: "POST", body, headers: { "content-type": "application/problem+json" } });
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(await response.text()).toBe(body);
});

test("what is not JSON is refused with the reason", async () => {
  const response = await fetch(url, { method: "POST", body: "{half", headers: JSON_TYPE });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: expect.stringContaining("not JSON") as string });
});

test("a body over the limit is refused, and the service goes on", async () => {
  const limit = 2 ** 20;
  const echoed = await fetch(url, { method: "POST", body: `"${"x".repeat(limit - 2)}"`, headers: JSON_TYPE });
  expect(echoed.status).toBe(200);
  const refused = await fetch(url, { method: "POST", body: `"${"x".repeat(limit - 1)}"`, headers: JSON_TYPE });
  expect(refused.status).toBe(413);
  expect((await fetch(`${url}/health`)).status).toBe(200);
});

test.for([
  ["GET", "/health", 200],
  ["HEAD", "/health", 200],
  ["GET", "/health?verbose", 200],
  ["GET", "/healthfail", 500],
  ["POST", "/health", 405],
  ["GET", "/", 405],
  ["GET", "/elsewhere", 404],
] as const)("%s %s answers %i", async ([method, path, status]) => {
  expect((await fetch(`${url}${path}`, { method })).status).toBe(status);
});

test("SIGTERM ends it with exit code 0, open connections or not", async () => {
  await fetch(`${url}/health`);
  const ended = once(service, "exit");
  service.kill("SIGTERM");
  expect(await ended).toEqual([0, null]);
});
