/** A real worker behind its real HTTP server, alone, in memory and without a socket; what it runs is hollow. */
import { randomUUID } from "node:crypto";
import type { FastifyInstance } from "fastify";
import type { AccessOptions } from "../../src/api/http/server.ts";
import type { NodeUse } from "../../src/node/node.ts";
import { MemoryStore } from "../../src/store/memory.ts";
import { buildWorkerServer } from "../../src/worker/http/server.ts";
import { WorkerMetrics } from "../../src/worker/metrics/worker-metrics.ts";
import { createHollowRuntime } from "../../src/worker/runtimes/hollow/hollow-runtime.ts";
import type { MachineSample, MachineSource } from "../../src/worker/usage-sampler.ts";
import { WorkerHost } from "../../src/worker/worker-host.ts";

const GIB = 2 ** 30;

/** A machine that says what the test wants it to. */
export class SteadyMachine implements MachineSource {
  use: NodeUse | undefined = { cpu: 0.25, memory: 400, disk: 1500, load: [0.5, 0.25, 0.125] };

  async sample(): Promise<MachineSample> {
    return {
      use: this.use,
      cores: 2,
      memory: { total: 1000, available: 600 },
      disk: { path: "/var/lib/birdman", total: 2000, available: 500 },
    };
  }
}

export class WorkerApi implements AsyncDisposable {
  readonly machine = new SteadyMachine();
  readonly metrics = new WorkerMetrics("0.1.0");
  readonly host: WorkerHost;
  readonly app: FastifyInstance;

  constructor(access: Partial<AccessOptions> = {}) {
    const nodeId = randomUUID();
    this.host = new WorkerHost({
      metrics: this.metrics,
      store: new MemoryStore(),
      facts: {
        nodeId,
        name: "worker1",
        address: "127.0.0.1",
        labels: {},
        runtimes: ["hollow"],
        version: "0.1.0",
        capacity: { cpu: 4, memory: 8 * GIB, disk: 100 * GIB },
      },
      runtimes: [createHollowRuntime({ workerId: nodeId })],
      manager: undefined,
      machine: this.machine,
      onFatal: (error) => {
        throw error;
      },
      log: { info: () => undefined, warn: () => undefined },
    });
    this.app = buildWorkerServer({
      service: this.host,
      metrics: this.metrics,
      access: { listenHost: "127.0.0.1", ...access },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app.close();
    await this.host.close();
  }
}
