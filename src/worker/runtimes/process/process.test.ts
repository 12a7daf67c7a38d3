import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { describeRuntime } from "../runtime.suite.ts";
import { createProcessRuntime } from "./process-runtime.ts";

const directory = mkdtempSync(join(tmpdir(), "birdman-process-"));
afterAll(() => rmSync(directory, { recursive: true }));

describeRuntime({
  name: "process",
  create: async (workerId) => createProcessRuntime({ workerId, directory }),
  document: (script) => ({ runtime: "process", command: ["sh", "-c", script] }),
  supports: { commands: true, terminals: false, adoption: true, ports: false, logTimes: true, use: true },
});
