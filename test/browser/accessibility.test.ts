/** Every page for everybody: axe finds nothing, light and dark, wide and on a phone, and all can be done with the keyboard. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Scene, startScene } from "../support/scene.ts";
import { startBrowser, Visit } from "./browser.ts";

let scene: Scene;
let browser: Browser;

beforeAll(async () => {
  [scene, browser] = await Promise.all([startScene(), startBrowser()]);
});

afterAll(async () => {
  await browser.close();
  await scene.cluster.close();
});

/** What is waited for before a page counts as there. */
const PAGES: readonly { readonly path: (scene: Scene) => string; readonly there: string }[] = [
  { path: () => "/", there: ".event" },
  { path: () => "/map", there: ".cluster-map" },
  { path: () => "/tasks", there: ".table-row" },
  { path: () => "/tasks?state=failed", there: ".table-row" },
  { path: () => "/tasks?q=nosuchtask", there: ".empty" },
  { path: ({ talker }) => `/tasks/${talker}`, there: ".u-wrap" },
  { path: ({ talker }) => `/tasks/${talker}/logs`, there: ".logs-line" },
  { path: ({ talker }) => `/tasks/${talker}/events`, there: ".event" },
  { path: ({ talker }) => `/tasks/${talker}/placement`, there: ".verdicts" },
  { path: ({ waiting }) => `/tasks/${waiting}/placement`, there: ".verdicts" },
  { path: ({ talker }) => `/tasks/${talker}/spec`, there: ".code" },
  { path: ({ talker }) => `/tasks/${talker}?ask=stop`, there: "dialog" },
  { path: () => "/tasks/new", there: ".form" },
  { path: ({ talker }) => `/tasks/new?like=${talker}`, there: ".would-go" },
  { path: () => "/nodes", there: ".table-row" },
  { path: () => "/nodes/berlin-1", there: ".event" },
  { path: () => "/nodes/berlin-1?ask=drain", there: "dialog .plain-table" },
  { path: () => "/events", there: ".event" },
  { path: () => "/nosuch", there: ".empty" },
];

describe.each([
  { colours: "light", isPhone: false },
  { colours: "dark", isPhone: false },
  { colours: "light", isPhone: true },
] as const)("in $colours, phone: $isPhone", (options) => {
  it("axe finds nothing on any page", async () => {
    const visit = await Visit.begin(browser, scene.cluster.url, options);
    const found: Record<string, readonly string[]> = {};
    for (const { path, there } of PAGES) {
      await visit.open(path(scene));
      await visit.page.locator(there).first().waitFor();
      const faults = await visit.accessibilityFaults();
      if (faults.length > 0) found[path(scene)] = faults;
    }
    const { faults, strayRequests } = visit;
    await visit.end();
    expect(found).toEqual({});
    expect([...faults, ...strayRequests]).toEqual([]);
  }, 300_000);

  it("nothing is wider than the window", async () => {
    const visit = await Visit.begin(browser, scene.cluster.url, options);
    const wide: string[] = [];
    for (const { path, there } of PAGES) {
      await visit.open(path(scene));
      await visit.page.locator(there).first().waitFor();
      const overflow = await visit.page.evaluate<boolean>(
        "[document.documentElement, document.querySelector('main')].some((e) => e.scrollWidth > e.clientWidth)",
      );
      if (overflow) wide.push(path(scene));
    }
    await visit.end();
    expect(wide).toEqual([]);
  }, 300_000);
});

describe("with the keyboard alone", () => {
  it("one goes from page to page, into a list, and into what is in it", async () => {
    const visit = await Visit.begin(browser, scene.cluster.url);
    const { page } = visit;
    const focused = (): Promise<string> => page.evaluate("document.activeElement?.textContent ?? ''");
    await visit.open("/");
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("Skip to the page");
    await page.keyboard.press("Enter");
    expect(await page.evaluate("document.activeElement?.id")).toBe("main");
    await page.keyboard.press("g");
    await page.keyboard.press("t");
    await page.getByRole("heading", { name: "Tasks", level: 1 }).waitFor();
    await page.locator(".table-row a").first().focus();
    expect(await focused()).toBe("catalogue-1");
    await page.keyboard.press("ArrowDown");
    await expect.poll(focused).toBe("catalogue-2");
    await page.keyboard.press("End");
    await expect.poll(focused).toBe("video-transcode");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "video-transcode" }).waitFor();
    await page.keyboard.press("Control+k");
    await page.keyboard.type("munich");
    await page.getByRole("option", { name: /munich-1/ }).waitFor();
    expect(await visit.accessibilityFaults()).toEqual([]);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "munich-1" }).waitFor();
    expect(visit.faults).toEqual([]);
    await visit.end();
  });

  it("single keys do nothing once they are turned off", async () => {
    const visit = await Visit.begin(browser, scene.cluster.url);
    const { page } = visit;
    await visit.open("/nodes");
    await page.keyboard.press("?");
    const help = page.getByRole("dialog", { name: "Keyboard shortcuts" });
    await help.waitFor();
    expect(await visit.accessibilityFaults()).toEqual([]);
    await help.getByRole("checkbox").uncheck();
    await page.keyboard.press("Escape");
    await help.waitFor({ state: "detached" });
    await page.keyboard.press("c");
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").waitFor();
    expect(page.url()).toContain("/nodes");
    await visit.end();
  });

  it("colours change by the switch, and stay", async () => {
    const visit = await Visit.begin(browser, scene.cluster.url);
    const { page } = visit;
    const scheme = (): Promise<string> => page.evaluate("getComputedStyle(document.documentElement).colorScheme");
    await visit.open("/");
    expect(await scheme()).toBe("light dark");
    await page.keyboard.press("d");
    await expect.poll(scheme).toBe("light");
    await page.keyboard.press("d");
    await expect.poll(scheme).toBe("dark");
    await visit.open("/map");
    expect(await scheme()).toBe("dark");
    await visit.end();
  });
});
