/** The dashboard in a real Chromium, against a real manager, real workers and a real container engine. */
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { TestCluster } from "../support/birdman-process.ts";
import { BUSYBOX, startDockerd, type TestDockerd } from "../support/engines.ts";
import { startBrowser, Visit } from "./browser.ts";

/** Serves HTTP, and counts on its output. */
const TALKER =
  'sh -c \'httpd -p 7777; i=0; while :; do i=$((i+1)); echo "line $i"; echo "oops $i" >&2; sleep 0.2; done\'';

let engine: TestDockerd;
let cluster: TestCluster;
let browser: Browser;
let visit: Visit;
let page: Page;

beforeAll(async () => {
  [engine, cluster, browser] = await Promise.all([startDockerd(), TestCluster.start(), startBrowser()]);
  for (const name of ["apple", "pear"]) {
    const capacity = ["--cpu", "2", "--memory", "2GiB", "--disk", "10GiB", "--label", `fruit=${name}`];
    await cluster.startWorker(name, capacity, { DOCKER_HOST: engine.dockerHost });
  }
});

afterAll(async () => {
  await browser.close();
  await Promise.all(
    (await cluster.list("/tasks")).map(({ id }) => fetch(`${cluster.url}/tasks/${String(id)}`, { method: "DELETE" })),
  );
  await cluster.close();
  await engine.stop();
});

beforeEach(async () => {
  visit = await Visit.begin(browser, cluster.url);
  page = visit.page;
});

afterEach(async () => {
  const { faults, strayRequests } = visit;
  await visit.end();
  expect(faults).toEqual([]);
  expect(strayRequests).toEqual([]);
});

/** Beside the page's title. */
async function expectBadge(word: string): Promise<void> {
  await page.locator(".page-title .badge", { hasText: word }).waitFor();
}

it("asks for the live stream before all else, since everything waits for that", async () => {
  await visit.open("/map");
  const asked = visit.requests.map((url) => new URL(url).pathname);
  expect(asked.find((path) => !path.startsWith("/ui/"))).toBe("/live");
  await page.getByRole("application", { name: /on 2 nodes/ }).waitFor();
});

describe("a task", () => {
  it("is created in the form, which says where it would go", async () => {
    await visit.open("/tasks/new");
    await page.getByLabel("Memory").fill("lots");
    await page.getByText("must be bytes").first().waitFor();
    await page.getByLabel("Name").fill("counter");
    await page.getByLabel("Image").fill(BUSYBOX);
    await page.getByLabel("Command", { exact: true }).first().fill(TALKER);
    await page.getByLabel("Memory").fill("64MiB");
    await page.getByLabel("Ports").fill("7777");
    await page.getByText("TCP", { exact: true }).click();
    await page.locator(".would-go", { hasText: /On (apple|pear)/ }).waitFor();
    await page.getByText(/There is room for \d+ tasks like it/).waitFor();
    await page.getByText("YAML", { exact: true }).click();
    const yaml = page.getByLabel("The task in YAML");
    expect(await yaml.inputValue()).toContain(`image: ${BUSYBOX}`);
    await yaml.fill(`${await yaml.inputValue()}labels:\n  kind: demo\n`);
    await page.getByRole("button", { name: "Start task" }).click();
    await expectBadge("Running");
    await page.getByText("kind=demo").waitFor();
    await page.getByText("Healthy", { exact: true }).waitFor();
  });

  it("is reached at its port", async () => {
    await openTask("counter");
    const link = page.getByRole("link", { name: /127\.0\.0\.1:\d+/ });
    const response = await fetch((await link.getAttribute("href")) ?? "");
    expect(response.status).toBe(404);
  });

  it("is seen on the map, and found by its label", async () => {
    await visit.open("/map?q=kind%3Ddemo");
    const map = page.getByRole("application", { name: /1 task on 2 nodes/ });
    await map.focus();
    const words = page.locator(".cluster-map [role=status]");
    // On whichever of the two nodes it is: the first task of the first, or of the second.
    const keys = ["Home", "PageDown", "ArrowRight", "PageDown"];
    let pressed = 0;
    await expect
      .poll(
        async () => {
          // What was pressed before has been drawn and said by now.
          const said = (await words.textContent()) ?? "";
          if (said.includes("counter")) return said;
          await map.press(keys[pressed % keys.length] ?? "");
          pressed += 1;
          return said;
        },
        { timeout: 20_000, interval: 200 },
      )
      .toContain("counter");
    await map.press("Enter");
    await page.locator(".map-side").getByRole("link", { name: "counter" }).click();
    await expectBadge("Running");
  });

  it("has its output followed, searched, paused and downloaded", async () => {
    await openTask("counter");
    await page.getByRole("link", { name: "Logs" }).click();
    const lines = page.getByRole("log");
    const newest = async (): Promise<string> => (await lines.locator(".logs-line").last().textContent()) ?? "";
    await lines
      .getByText(/^line \d+$/)
      .first()
      .waitFor();
    const before = await newest();
    await expect.poll(newest, { timeout: 20_000 }).not.toBe(before);
    await page.getByText("stderr", { exact: true }).click();
    await lines
      .getByText(/^oops \d+$/)
      .first()
      .waitFor();
    expect(await lines.getByText(/^line/).count()).toBe(0);
    await page.getByLabel("Show only lines with").fill("oops 1");
    await page.locator("mark", { hasText: "oops 1" }).first().waitFor();
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByText("paused; nothing is lost").waitFor();
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download" }).click(),
    ]);
    expect(file.suggestedFilename()).toBe("counter.log");
  });

  it("has its placement explained, node by node", async () => {
    await openTask("counter");
    await page.getByRole("link", { name: "Placement" }).click();
    await page.getByText(/was chosen of 2 considered/).waitFor();
    expect(await page.locator(".verdicts tbody tr").count()).toBe(2);
  });

  it("moves when its node is drained, as the preview said", async () => {
    await openTask("counter");
    const node = await page.locator(".facts a[href*='/nodes/']").textContent();
    const other = node === "apple" ? "pear" : "apple";
    await visit.open(`/nodes/${node ?? ""}`);
    await page.getByRole("button", { name: "Drain" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("1 task would have to go: 1 would be placed elsewhere.").waitFor();
    await dialog.getByRole("row", { name: new RegExp(`counter ${other}`) }).waitFor();
    await dialog.getByRole("button", { name: "Drain" }).click();
    await expectBadge("Draining");
    await page.getByText("Drained: nothing runs here any more.").waitFor();
    await page.getByRole("button", { name: "Activate" }).click();
    await dialog.getByRole("button", { name: "Activate" }).click();
    await expectBadge("Ready");
    await openTask("counter");
    await page.locator(".facts").getByRole("link", { name: other }).waitFor();
    await page.locator(".attempts").getByText(`#2 on ${other}`).waitFor();
  });

  it("is stopped by the palette, after a question", async () => {
    await visit.open("/");
    await page.keyboard.press("/");
    await page.getByRole("combobox").fill("stop count");
    await page.getByRole("option", { name: "Stop counter" }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "Stop counter?" }).getByRole("button", { name: "Stop" }).click();
    await expectBadge("Completed");
    await page.getByRole("link", { name: "Run again" }).click();
    await expect.poll(async () => page.getByLabel("Image").inputValue()).toBe(BUSYBOX);
  });

  it("that fits nowhere says why, and what would help", async () => {
    await cluster.post("/tasks", { name: "giant", image: BUSYBOX, cpu: 64 });
    await visit.open("/");
    await page
      .locator(".attention")
      .getByText(/fits none of 2 nodes/)
      .waitFor();
    await page.locator(".attention").getByRole("link", { name: "giant" }).click();
    await expectBadge("Pending");
    await page.getByRole("link", { name: "Placement" }).click();
    await page.getByText(/It would fit with/).waitFor();
  });
});

describe("what is wrong", () => {
  it("shows within seconds: a worker that was killed", async () => {
    await cluster.startWorker("plum", ["--runtime", "hollow", "--cpu", "1", "--memory", "1GiB"]);
    await visit.open("/");
    await page.locator(".tile", { hasText: "Nodes ready" }).getByText("3").waitFor();
    await cluster.workers.get("plum")?.process.end("SIGKILL");
    const killedAt = performance.now();
    await page.locator(".attention").getByRole("link", { name: "plum" }).waitFor();
    expect(performance.now() - killedAt).toBeLessThan(15_000);
    await page.locator(".attention").getByRole("link", { name: "plum" }).click();
    await expectBadge("Lost");
    await page.getByRole("button", { name: "Remove" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await page.getByRole("heading", { name: "Nodes" }).waitFor();
    await expect.poll(() => page.getByRole("link", { name: "plum" }).count()).toBe(0);
  });

  it("shows: the manager is away; and what is shown goes on when it is back", async () => {
    visit.expectFaults(/Failed to load resource/);
    await visit.open("/nodes");
    await page.getByRole("link", { name: "apple" }).waitFor();
    await cluster.manager?.end("SIGKILL");
    await page.getByText("The manager does not answer.").waitFor();
    await page.getByText("Not connected").waitFor();
    expect(await page.getByRole("link", { name: "apple" }).count()).toBe(1);
    await cluster.startManager();
    await visit.untilLive();
    expect(await page.getByText("The manager does not answer.").count()).toBe(0);
  });

  it.each(["/nosuch", "/nodes/nosuch", "/tasks/00000000-0000-4000-8000-000000000000"])(
    "shows: there is nothing at %s",
    async (path) => {
      visit.expectFaults(/status of 404/);
      await visit.open(path);
      await page.getByRole("heading", { name: /^No such/ }).waitFor();
      expect(await page.locator(".empty").count()).toBe(1);
    },
  );
});

/** By way of the list of tasks, as people go there. */
async function openTask(name: string): Promise<void> {
  await visit.open(`/tasks?q=${name}`);
  await page.getByRole("table", { name: "Tasks" }).getByRole("link", { name, exact: true }).click();
  await page.getByRole("heading", { level: 1, name }).waitFor();
}
