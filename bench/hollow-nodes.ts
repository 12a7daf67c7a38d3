/** Many workers in one process, each with a connection of its own to the manager and a runtime that runs nothing. */
import { MemoryStore } from "../src/store/memory.ts";
import { createHollowRuntime } from "../src/worker/runtimes/hollow/hollow-runtime.ts";
import { WorkerHost } from "../src/worker/worker-host.ts";

const GIB = 2 ** 30;
const SILENT = { info: () => undefined, warn: () => undefined };

export interface HollowNodes {
  close(): Promise<void>;
}

/** What the nodes are called, and the label that each of them bears. */
export interface HollowKind {
  readonly prefix: string;
  readonly labels: Readonly<Record<string, string>>;
}

const ORDINARY: HollowKind = { prefix: "hollow", labels: {} };

/** Resolves once all of them have set out to join. */
export async function startHollowNodes(managerUrl: string, count: number, kind = ORDINARY): Promise<HollowNodes> {
  const { prefix, labels } = kind;
  const hosts = Array.from({ length: count }, (_, index) => {
    const name = `${prefix}-${String(index + 1)}`;
    const capacity = { cpu: 16, memory: 64 * GIB, disk: 500 * GIB };
    return new WorkerHost({
      store: new MemoryStore(),
      facts: { nodeId: name, name, address: "127.0.0.1", labels, runtimes: ["hollow"], version: "bench", capacity },
      runtimes: [createHollowRuntime({ workerId: name })],
      manager: { url: managerUrl },
      machine: idleMachine(capacity),
      onFatal: (error) => process.stderr.write(`${name}: ${error.message}\n`),
      log: SILENT,
    });
  });
  await Promise.all(hosts.map((host) => host.open()));
  return {
    async close() {
      await Promise.all(hosts.map((host) => host.close()));
    },
  };
}

function idleMachine({ cpu, memory, disk }: { readonly cpu: number; readonly memory: number; readonly disk: number }) {
  const use = { cpu: 0.1, memory: GIB, disk: GIB, load: [0, 0, 0] as const };
  return {
    sample: () =>
      Promise.resolve({
        use,
        cores: cpu,
        memory: { total: memory, available: memory - GIB },
        disk: { path: "/", total: disk, available: disk - GIB },
      }),
  };
}
