import { defineConfig } from "vitest/config";

/** Beside the code like the unit tests, but with real processes. */
const PROCESS_RUNTIME = "src/worker/runtimes/process/process*.test.ts";

/** What the documentation shows is read with the unit tests, and played on a real cluster. */
const DOCS_PLAYED = "test/docs/sessions.test.ts";

/**
 * unit: beside the code, nothing leaves the process. integration: real processes and sockets, no engine needed. engine: a
 * real container engine. browser: the dashboard in a real browser. docs: the commands that the documentation shows. simulation: clusters under virtual time, also with cores that are broken on purpose. chaos: everything
 * real, and broken all the while.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["{src,scripts,web}/**/*.test.{ts,tsx}", "test/docs/**/*.test.ts"],
          exclude: [PROCESS_RUNTIME, DOCS_PLAYED],
          testTimeout: 20_000,
          // Nothing to keep apart, and half of the time would go into loading everything anew for each file.
          isolate: false,
        },
      },
      {
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts", PROCESS_RUNTIME],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "engine",
          include: ["test/engine/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "browser",
          include: ["test/browser/**/*.test.ts"],
          globalSetup: "test/browser/set-up.ts",
          testTimeout: 120_000,
          hookTimeout: 240_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "docs",
          include: [DOCS_PLAYED],
          hookTimeout: 180_000,
        },
      },
      // A thousand clusters for a mutant that is hard to find.
      {
        test: {
          name: "simulation",
          include: ["test/simulation/**/*.test.ts"],
          testTimeout: 600_000,
          maxConcurrency: 2,
        },
      },
      { test: { name: "chaos", include: ["test/chaos/**/*.test.ts"] } },
    ],
  },
});
