/**
 * Pictures of every page of the dashboard for its documentation, light and dark, wide and on a phone: `npm run screenshots`
 * starts a cluster, opens a browser, and writes docs/images/.
 *
 *   npm run screenshots              all of them
 *   npm run screenshots -- map task  those whose names begin so
 */
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { ensurePrograms } from "../test/support/packages.ts";
import { type Scene, startScene } from "../test/support/scene.ts";
import { PHONE, startBrowser, Visit, WIDE } from "../test/browser/browser.ts";

const FOLDER = fileURLToPath(new URL("../docs/images/", import.meta.url));

const MEASURED_MS = 9000;

interface Shot {
  readonly name: string;
  readonly path: (scene: Scene) => string;
  /** What is done before it is taken. */
  readonly prepare?: (page: Page) => Promise<void>;
}

const SHOTS: readonly Shot[] = [
  { name: "overview", path: () => "/", prepare: (page) => page.locator(".event").first().waitFor() },
  { name: "map", path: () => "/map", prepare: untilDrawn },
  { name: "tasks", path: () => "/tasks" },
  {
    name: "task",
    path: ({ talker }) => `/tasks/${talker}`,
    prepare: untilMeasured,
  },
  {
    name: "task-logs",
    path: ({ talker }) => `/tasks/${talker}/logs`,
    prepare: (page) => page.locator(".logs-line").nth(20).waitFor(),
  },
  {
    name: "task-placement",
    path: ({ waiting }) => `/tasks/${waiting}/placement`,
    prepare: (page) => page.locator(".verdicts").waitFor(),
  },
  { name: "nodes", path: () => "/nodes" },
  { name: "node", path: () => "/nodes/berlin-1", prepare: untilMeasured },
  {
    name: "node-drain",
    path: () => "/nodes/berlin-1?ask=drain",
    prepare: (page) => page.locator("dialog .plain-table").waitFor(),
  },
  { name: "new-task", path: () => "/tasks/new", prepare: fillIn },
  { name: "events", path: () => "/events", prepare: (page) => page.locator(".event").nth(8).waitFor() },
  { name: "palette", path: () => "/", prepare: openPalette },
];

async function fillIn(page: Page): Promise<void> {
  await page.getByLabel("Name").fill("wishlist");
  await page.getByText("Process", { exact: true }).click();
  await page.getByLabel("Command", { exact: true }).first().fill("node wishlist.js");
  await page.getByLabel("CPU").fill("1");
  await page.getByLabel("Memory").fill("1GiB");
  await page.getByLabel("Ports").fill("8080");
  await page.locator(".preview .plain-table, .preview .notice").first().waitFor();
}

async function openPalette(page: Page): Promise<void> {
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill("se");
}

/** Charts need some measurements to have something to show. */
async function untilMeasured(page: Page): Promise<void> {
  await page.locator(".u-wrap").first().waitFor();
  await page.waitForTimeout(MEASURED_MS);
}

/** The map draws frame by frame. */
async function untilDrawn(page: Page): Promise<void> {
  await page.locator(".map-canvas canvas").first().waitFor();
  await page.evaluate("new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))");
}

async function take(browser: Browser, scene: Scene, wanted: readonly Shot[]): Promise<void> {
  for (const colours of ["light", "dark"] as const) {
    for (const [form, size] of Object.entries({ wide: WIDE, phone: PHONE })) {
      const visit = await Visit.begin(browser, scene.cluster.url, { colours, size, isPhone: form === "phone" });
      for (const { name, path, prepare } of wanted) {
        await visit.open(path(scene));
        await prepare?.(visit.page);
        await visit.page.screenshot({ path: `${FOLDER}${name}-${form}-${colours}.png`, animations: "disabled" });
        console.log(`${name}-${form}-${colours}.png`);
      }
      await visit.end();
    }
  }
}

const names = process.argv.slice(2);
const shots = SHOTS.filter(({ name }) => names.length === 0 || names.some((wanted) => name.startsWith(wanted)));
mkdirSync(FOLDER, { recursive: true });
await ensurePrograms({ "../share/fonts/opentype/inter/Inter-Regular.otf": "fonts-inter" });
const scene = await startScene();
const browser = await startBrowser();
try {
  await take(browser, scene, shots);
} finally {
  await browser.close();
  await scene.cluster.close();
}
