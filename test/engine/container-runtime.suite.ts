/** What the docker runtime must do on every engine: the contract of runtimes, and limits that the kernel enforces. */
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe } from "vitest";
import { createDockerRuntime } from "../../src/worker/runtimes/docker/docker-runtime.ts";
import { describeRuntime } from "../../src/worker/runtimes/runtime.suite.ts";
import type { Runtime } from "../../src/worker/runtimes/runtime.ts";
import { BUSYBOX, type TestEngine } from "../support/engines.ts";
import { limitTests, type LimitSupport } from "./limits.suite.ts";

export interface EngineUnderTest extends LimitSupport {
  /** Heads the tests. */
  readonly name: string;
  readonly startEngine: () => Promise<TestEngine>;
}

export function describeContainerRuntime({ name, startEngine, ...support }: EngineUnderTest): void {
  let engine: TestEngine;

  beforeAll(async () => {
    engine = await startEngine();
  });

  afterAll(async () => {
    await engine.stop();
  });

  const create = (workerId: string): Runtime => createDockerRuntime({ workerId, dockerHost: engine.dockerHost });

  describeRuntime({
    name,
    create: async (workerId) => create(workerId),
    document: (script) => ({ image: BUSYBOX, command: ["sh", "-c", script] }),
    supports: {
      commands: true,
      terminals: true,
      adoption: true,
      ports: { listen: (port) => `while true; do echo hello | nc -l -p ${String(port)}; done` },
      logTimes: true,
      use: true,
    },
  });

  describe("limits", () => {
    let runtime: Runtime;

    beforeEach(() => {
      runtime = create(randomUUID());
    });

    afterEach(async () => {
      for (const { ref } of await runtime.list()) await runtime.remove(ref);
      await runtime.close();
    });

    limitTests(() => runtime, support);
  });
}
