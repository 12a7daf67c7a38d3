/** The contract of runtimes, kept by the docker runtime on Podman's socket. */
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe } from "vitest";
import { createDockerRuntime } from "../../src/worker/runtimes/docker/docker-runtime.ts";
import { describeRuntime } from "../../src/worker/runtimes/runtime.suite.ts";
import type { Runtime } from "../../src/worker/runtimes/runtime.ts";
import { limitTests } from "./limits.suite.ts";
import { BUSYBOX, startPodman, type TestEngine } from "../support/engines.ts";

let engine: TestEngine;

beforeAll(async () => {
  engine = await startPodman();
});

afterAll(async () => {
  await engine.stop();
});

describeRuntime({
  name: "docker (on Podman)",
  create: async (workerId) => createDockerRuntime({ workerId, dockerHost: engine.dockerHost }),
  document: (script) => ({ image: BUSYBOX, command: ["sh", "-c", script] }),
  supports: {
    commands: true,
    adoption: true,
    ports: { listen: (port) => `while true; do echo hello | nc -l -p ${String(port)}; done` },
    logTimes: true,
    use: true,
  },
});

describe("limits on Podman", () => {
  let runtime: Runtime;

  beforeEach(() => {
    runtime = createDockerRuntime({ workerId: randomUUID(), dockerHost: engine.dockerHost });
  });

  afterEach(async () => {
    for (const { ref } of await runtime.list()) await runtime.remove(ref);
    await runtime.close();
  });

  limitTests(() => runtime, { tellsOutOfMemory: false });
});
