/**
 * Runs the test suites one after the other, with a container engine where there is one, and closes with `N passed, N failed`
 * alone on a line. A suite that broke off counts as a failure, and so does, with CI=true, one that had to be left out.
 *
 *   npm test                  all of them
 *   npm test -- unit engine   some of them
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureEchoImage } from "./echo-image.ts";
import { type Engine, ensureEngine, type NoEngine } from "./engine.ts";
import { runGroup } from "./process-group.ts";
import { step } from "./progress.mjs";
import { runScript, SetupError } from "./setup.mjs";

interface Suite {
  /** Its project in vitest.config.ts. */
  readonly name: string;
  readonly what: string;
  readonly needsEngine: boolean;
}

interface Count {
  readonly passed: number;
  readonly failed: number;
}

const SUITES: readonly Suite[] = [
  { name: "unit", what: "each part by itself", needsEngine: false },
  { name: "integration", what: "real processes and sockets", needsEngine: false },
  { name: "engine", what: "real containers in a real engine", needsEngine: true },
  { name: "docs", what: "what the documentation shows, typed on a real cluster", needsEngine: true },
  { name: "browser", what: "the dashboard in a real browser", needsEngine: true },
  { name: "simulation", what: "clusters under virtual time, whole and broken on purpose", needsEngine: false },
  { name: "chaos", what: "a whole cluster, while everything breaks", needsEngine: true },
];

const VITEST = fileURLToPath(new URL("../node_modules/vitest/vitest.mjs", import.meta.url));
const ROOT = fileURLToPath(new URL("../", import.meta.url));
const SUITE_TIMEOUT_MS = 15 * 60_000;
/** From its report to its end. */
const SUITE_GRACE_MS = 30_000;

const interrupted = new AbortController();

async function runSuites(names: readonly string[]): Promise<Count> {
  const unknown = names.filter((name) => !SUITES.some((suite) => suite.name === name));
  if (unknown.length > 0) {
    throw new SetupError(
      `there is no suite ${unknown.join(", ")}; there are ${SUITES.map(({ name }) => name).join(", ")}`,
    );
  }
  const suites = SUITES.filter(({ name }) => names.length === 0 || names.includes(name));
  const engine = suites.some(({ needsEngine }) => needsEngine) ? await ensureEngine() : undefined;
  try {
    if (engine !== undefined && engine.kind !== "none") {
      console.log(`Container engine: version ${engine.version}, ${engine.kind}.`);
      await step("building birdman/echo:latest", () => ensureEchoImage(engine.client));
    }
    const counts: Count[] = [];
    for (const suite of suites) {
      if (interrupted.signal.aborted) break;
      const canRun = !suite.needsEngine || (engine !== undefined && engine.kind !== "none");
      counts.push(canRun ? await run(suite) : leftOut());
    }
    sayWhatIsLeftOut(suites, engine);
    return sum(counts);
  } finally {
    if (engine?.kind === "started") await step("stopping dockerd", () => engine.stop());
  }
}

async function run(suite: Suite): Promise<Count> {
  console.log(`\n=== ${suite.name}: ${suite.what}\n`);
  const folder = mkdtempSync(join(tmpdir(), "birdman-test-"));
  const report = join(folder, "report.json");
  try {
    const args = [VITEST, "run", "--project", suite.name, "--passWithNoTests"];
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
    const code = await runGroup({
      args: [...args, ...reporters],
      cwd: ROOT,
      signal: interrupted.signal,
      timeoutMs: SUITE_TIMEOUT_MS,
      isDone: () => existsSync(report),
      graceMs: SUITE_GRACE_MS,
    });
    const count = read(report);
    if (code === 0 || count.failed > 0) return count;
    const how = code === null ? "had to be killed" : `ended with exit code ${String(code)}`;
    console.error(`the suite ${suite.name} ${how}, and has no failed test to show for it`);
    return { ...count, failed: 1 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What vitest reports; nothing where it did not get so far. */
function read(report: string): Count {
  if (!existsSync(report)) return { passed: 0, failed: 0 };
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, "utf8")) as {
    numPassedTests: number;
    numFailedTests: number;
  };
  return { passed: numPassedTests, failed: numFailedTests };
}

function leftOut(): Count {
  return { passed: 0, failed: process.env["CI"] === "true" ? 1 : 0 };
}

function sayWhatIsLeftOut(suites: readonly Suite[], engine: Engine | NoEngine | undefined): void {
  if (engine?.kind !== "none") return;
  const names = suites.filter(({ needsEngine }) => needsEngine).map(({ name, what }) => `${name} (${what})`);
  const rule = "!".repeat(80);
  console.log(`\n${rule}\nLEFT OUT for want of a container engine: ${names.join(", ")}\n${engine.reason}\n${rule}`);
}

function sum(counts: readonly Count[]): Count {
  return {
    passed: counts.reduce((total, { passed }) => total + passed, 0),
    failed: counts.reduce((total, { failed }) => total + failed, 0),
  };
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => interrupted.abort(new Error(`stopped by ${signal}`)));
}
await runScript(async () => {
  const { passed, failed } = await runSuites(process.argv.slice(2));
  console.log(`\n${String(passed)} passed, ${String(failed)} failed`);
  if (failed > 0 || interrupted.signal.aborted) process.exitCode = 1;
});
