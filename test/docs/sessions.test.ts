/**
 * Every command that the documentation shows, typed at a terminal in the order of its page, prints what the page shows: on a
 * real cluster with a container engine of its own. `UPDATE_DOCS=1` writes what was printed into the pages instead.
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { ensureEchoImage } from "../../scripts/echo-image.ts";
import { startDockerd, type TestDockerd } from "../support/engines.ts";
import { ensurePrograms } from "../support/packages.ts";
import { Sandbox } from "../support/sandbox.ts";
import { temporaryFiles } from "../support/temporary-files.ts";
import { ELISION } from "./compare.ts";
import { linesOf } from "./console-block.ts";
import { type Block, blocksOf, PAGES, readPage, ROOT } from "./markdown.ts";
import { noteOf, standInsOf } from "./notes.ts";
import { type Played, Session } from "./session.ts";
import { PROMETHEUS_SETTINGS } from "./structured-blocks.ts";
import { furnish } from "./terminal.ts";

const file = temporaryFiles();

const IS_UPDATE = process.env["UPDATE_DOCS"] === "1";

const isPlayed = (block: Block): boolean => block.language === "console" && noteOf(block)["not run"] === undefined;

describe.each(PAGES.filter((page) => blocksOf(readPage(page)).some(isPlayed)))("%s", (page) => {
  const open: { engine?: TestDockerd; sandbox?: Sandbox; session?: Session } = {};

  afterAll(async () => {
    await open.session?.close();
    await open.engine?.stop();
    await open.sandbox?.close();
  });

  test("shows what its commands print", { timeout: 600_000 }, async () => {
    const text = readPage(page);
    const engine = (open.engine = await startDockerd({ network: "none" }));
    open.sandbox = await Sandbox.open("docs");
    if (!/^\$ npm run .*echo-image$/m.test(text)) await ensureEchoImage(engine.docker);
    await nameStandIns(engine, text);
    const place = {
      directory: open.sandbox.directory,
      enterNetwork: engine.enterNetwork(),
      // Without measured use, tasks go where the formula says, however busy the machine is.
      env: { DOCKER_HOST: engine.dockerHost, BIRDMAN_COST_USE: "reserved" },
    };
    furnish(place);
    const session = (open.session = new Session({ place, isUpdate: IS_UPDATE }));
    const played = await session.play(text);
    if (IS_UPDATE) {
      expect(readPage(page), "the page was changed meanwhile").toBe(text);
      writeFileSync(`${ROOT}${page}`, updated(text, played));
    } else
      expect(
        played
          .filter(({ isAsShown }) => !isAsShown)
          .map(report(page))
          .join("\n\n"),
      ).toBe("");
  });
});

test("settings of Prometheus are such that it takes them", async () => {
  await ensurePrograms({ promtool: "prometheus" });
  const blocks = PAGES.flatMap((page) => blocksOf(readPage(page)));
  for (const { lines } of blocks.filter((block) => noteOf(block).form === PROMETHEUS_SETTINGS)) {
    const isWhole = lines[0] === "scrape_configs:";
    const job = ["scrape_configs:", "  - job_name: birdman", ...lines.map((line) => `    ${line}`)];
    const path = file("prometheus.yml", `${(isWhole ? lines : job).join("\n")}\n`);
    const checked = spawnSync("promtool", ["check", "config", "--syntax-only", path], { encoding: "utf8" });
    expect(checked.status, checked.stdout + checked.stderr).toBe(0);
  }
});

/** Makes images that a page has from a registry, which there is none of here: the sample service under other names. */
async function nameStandIns({ docker }: TestDockerd, text: string): Promise<void> {
  const standIns = standInsOf(text);
  if (standIns.length === 0) return;
  const container = await docker.createContainer({ Image: "birdman/echo:latest" });
  for (const { repo, tag, port } of standIns) await container.commit({ repo, tag, changes: `ENV PORT=${port}` });
  await container.remove();
}

function report(page: string) {
  return ({ step, real }: Played): string =>
    [
      `${page}:${String(step.line)}: ${step.input}`,
      ...step.shown.map((line) => `- ${line}`),
      ...real.shown.map((line) => `+ ${line}`),
    ].join("\n");
}

/** The page as it was in this run. What leaves lines out and is right stays as it is. */
function updated(text: string, played: readonly Played[]): string {
  const lines = text.split("\n");
  for (const { step, isAsShown, real } of played.toReversed()) {
    const shown = isAsShown && step.shown.includes(ELISION) ? step.shown : real.shown;
    lines.splice(step.line - 1, linesOf(step).length, ...linesOf({ input: real.input, shown }));
  }
  return lines.join("\n");
}
