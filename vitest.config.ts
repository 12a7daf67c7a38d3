import { defineConfig } from "vitest/config";

/**
 * unit: beside the code, no socket leaves the process. integration: real processes and sockets, no engine needed.
 * engine: a real container engine, started by the suite.
 */
export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["{src,scripts,echo}/**/*.test.ts"], testTimeout: 20_000 } },
      {
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
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
    ],
  },
});
