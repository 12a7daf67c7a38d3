/** A manager that asks for tokens: the dashboard asks for one, and keeps it in the tab alone. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { TestCluster } from "../support/birdman-process.ts";
import { startBrowser, Visit } from "./browser.ts";

const run = promisify(execFile);
const PROGRAM = join(import.meta.dirname, "../../bin/birdman");

let folder: string;
let cluster: TestCluster;
let browser: Browser;
const tokens = { read: "", all: "" };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "birdman-tokens-"));
  const file = join(folder, "tokens");
  for (const [name, scope] of [
    ["read", "read"],
    ["all", "read,write"],
  ] as const) {
    tokens[name] = (await run(PROGRAM, ["token", "create", "--scope", scope, "--token-file", file])).stdout.trim();
  }
  cluster = await TestCluster.start({ manager: ["--token-file", file] });
  browser = await startBrowser();
});

afterAll(async () => {
  await browser.close();
  await cluster.close();
  await rm(folder, { recursive: true, force: true });
});

async function signIn(page: Page, token: string): Promise<void> {
  await page.getByLabel("Token", { exact: true }).fill(token);
  await page.getByRole("button", { name: "Go on" }).click();
}

it("asks until it is given one that is known, and forgets it with the tab", async () => {
  const visit = await Visit.begin(browser, cluster.url);
  visit.expectFaults(/status of 401/);
  const { page } = visit;
  await page.goto(`${cluster.url}/ui/nodes`);
  await page.getByRole("dialog", { name: "This manager asks for a token" }).waitFor();
  expect(await visit.accessibilityFaults()).toEqual([]);
  await signIn(page, "birdman_nonsense");
  await page.getByText("The manager does not know this token.").waitFor();
  await signIn(page, tokens.all);
  await visit.untilLive();
  expect(await page.getByRole("dialog").count()).toBe(0);
  await page.reload();
  await visit.untilLive();
  const kept = await page.evaluate<string>("JSON.stringify({ ...localStorage }) + document.cookie");
  expect(kept).not.toContain(tokens.all);
  expect(page.url()).not.toContain(tokens.all);
  expect(visit.requests.some((request) => request.includes(tokens.all))).toBe(false);
  await visit.end();
  const another = await Visit.begin(browser, cluster.url);
  another.expectFaults(/status of 401/);
  await another.page.goto(`${cluster.url}/ui/`);
  await another.page.getByRole("dialog", { name: "This manager asks for a token" }).waitFor();
  expect([...visit.faults, ...another.faults, ...another.strayRequests]).toEqual([]);
  await another.end();
});

it("says so when a token does not allow what is asked", async () => {
  const visit = await Visit.begin(browser, cluster.url);
  visit.expectFaults(/status of 40[13]/);
  const { page } = visit;
  await page.goto(`${cluster.url}/ui/tasks/new`);
  await signIn(page, tokens.read);
  await visit.untilLive();
  await page.getByLabel("Image").fill("nginx");
  await page.getByRole("button", { name: "Start task" }).click();
  await page.locator(".toast", { hasText: /scope|write/ }).waitFor();
  expect(visit.faults).toEqual([]);
  await visit.end();
});
