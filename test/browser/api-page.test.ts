/** The page that shows the API, in a real Chromium under its content security policy. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createToken, TokenSet } from "../../src/api/access.ts";
import { OPERATIONS } from "../../src/api/operations/operations.ts";
import { swaggerUiFiles } from "../../src/cmd/servers/swagger-ui.ts";
import { ManagerApi } from "../support/manager-api.ts";
import { startBrowser, Visit } from "./browser.ts";

const { token, line } = createToken(["read"], 0);

let browser: Browser;
let manager: ManagerApi;
let visit: Visit;

beforeAll(async () => {
  browser = await startBrowser();
  const access = { listenHost: "127.0.0.1", tokens: TokenSet.parse(line) };
  manager = await ManagerApi.open({ access, swaggerUi: swaggerUiFiles() });
  const url = await manager.app.listen({ host: "127.0.0.1", port: 0 });
  visit = await Visit.begin(browser, url);
  await visit.page.goto(`${url}/docs/`);
});

afterAll(async () => {
  await visit.end();
  await browser.close();
  await manager[Symbol.asyncDispose]();
});

test("shows every operation", async () => {
  const operations = visit.page.locator(".opblock");
  await operations.first().waitFor();
  expect(await operations.count()).toBe(Object.keys(OPERATIONS).length);
});

test("asks the manager what one likes, with a token", async () => {
  const { page } = visit;
  await page.locator(".auth-wrapper .authorize").first().click();
  await page.locator(".auth-container input").fill(token);
  await page.locator(".auth-btn-wrapper .authorize").click();
  await page.locator(".auth-btn-wrapper .btn-done").click();
  const nodes = page.locator("#operations-nodes-nodes");
  await nodes.locator(".opblock-summary-control").click();
  await nodes.locator(".execute").click();
  const answer = nodes.locator(".live-responses-table .response");
  await answer.waitFor();
  expect(await answer.locator(".response-col_status").innerText()).toMatch(/^200/);
});

test("asks nobody else, and breaks no rule of its own", () => {
  expect(visit.strayRequests.filter((request) => !request.startsWith("data:"))).toEqual([]);
  expect(visit.faults).toEqual([]);
});
