/**
 * The whole of Birdman on real parts: a manager and three workers as processes of their own, each worker with a Docker
 * engine of its own, and thirty echo services on them.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureEchoImage } from "../../scripts/echo-image.ts";
import { TestCluster, until } from "../support/birdman-process.ts";
import { startDockerd, type TestDockerd } from "../support/engines.ts";

const COUNT = 30;
const GIB = 2 ** 30;
/** In thousandths of a core, so that sums are exact and equal loads tie. */
const DEMAND = { cpu: 100, memory: 64 * 2 ** 20, disk: 0 };
const NODES = [
  { name: "large", cpu: 8000, memory: 8 * GIB, disk: 100 * GIB },
  { name: "middle", cpu: 4000, memory: 6 * GIB, disk: 100 * GIB },
  { name: "small", cpu: 2000, memory: 4 * GIB, disk: 100 * GIB },
] as const;

interface TaskAnswer {
  readonly id: string;
  readonly node: string;
  readonly state: string;
  readonly health: string;
  readonly containerId: string;
  readonly restarts: number;
  readonly ports: readonly { readonly host: number; readonly address: string }[];
}

let engines: TestDockerd[] = [];

beforeAll(async () => {
  for (const _ of NODES) engines.push(await startDockerd());
  for (const { docker } of engines) await ensureEchoImage(docker);
});

afterAll(async () => {
  await Promise.all(engines.map((engine) => engine.stop()));
  engines = [];
});

describe.each(["roundrobin", "greedy", "epvm"] as const)("thirty echo tasks by %s", (scheduler) => {
  let cluster: TestCluster;
  let tasks: TaskAnswer[] = [];

  beforeAll(async () => {
    cluster = await TestCluster.start({ manager: ["--scheduler", scheduler, "--cost-use", "reserved"] });
    for (const [index, { name, cpu, memory, disk }] of NODES.entries()) {
      const capacity = ["--cpu", String(cpu / 1000), "--memory", String(memory), "--disk", String(disk)];
      await cluster.startWorker(name, capacity, { DOCKER_HOST: engines[index]?.dockerHost ?? "" });
    }
  });

  afterAll(async () => {
    await cluster.close();
  });

  it("go where the formula says", async () => {
    const task = { image: "birdman/echo:latest", ports: [{ container: 7777 }], health: { http: { path: "/health" } } };
    const response = await cluster.post(
      "/tasks",
      Array.from({ length: COUNT }, (_, index) => ({ ...task, name: `echo-${String(index)}` })),
    );
    expect(response.status).toBe(201);
    tasks = await untilHealthy(cluster);
    const byName = new Map((await all(cluster)).map((each) => [each["name"] as string, each["node"] as string]));
    const placed = Array.from({ length: COUNT }, (_, index) => byName.get(`echo-${String(index)}`));
    expect(placed).toEqual(EXPECTED[scheduler]());
  });

  it("answer on their published ports", async () => {
    const answers = await Promise.all(
      tasks.map(async ({ ports: [port] }) => {
        const url = `http://${port?.address ?? ""}:${String(port?.host)}/`;
        const response = await fetch(url, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: '{"hello":1}',
        });
        return response.json();
      }),
    );
    expect(answers).toEqual(tasks.map(() => ({ hello: 1 })));
  });

  it("survive kill -9 of the manager and of every worker without one container being restarted", async () => {
    const before = identities(tasks);
    await cluster.manager?.end("SIGKILL");
    await cluster.startManager();
    for (const { name } of NODES) await cluster.untilReady(name);
    expect(identities(await untilHealthy(cluster))).toEqual(before);
    for (const { name } of NODES) await cluster.restartWorker(name);
    expect(identities(await untilHealthy(cluster))).toEqual(before);
    expect((await containers()).length).toBe(COUNT);
  });

  it("stop without a trace", async () => {
    await Promise.all(tasks.map(({ id }) => fetch(`${cluster.url}/tasks/${id}`, { method: "DELETE" })));
    await until("all to be completed", async () => (await all(cluster, "completed")).length === COUNT, {
      timeoutMs: 60_000,
    });
    await until("every container to be gone", async () => (await containers()).length === 0);
    for (const { docker } of engines) {
      const { Volumes } = await docker.listVolumes();
      expect(Volumes ?? []).toEqual([]);
      const networks = (await docker.listNetworks()).map(({ Name }) => Name).sort();
      expect(networks).toEqual(["bridge", "host", "none"]);
    }
    expect(await cluster.json("/stats")).toMatchObject({ reserved: { cpu: 0, memory: 0 } });
  });
});

/** The formulas of the design, written as plainly as they are there, over the three nodes. */
const EXPECTED = {
  roundrobin: () => Array.from({ length: COUNT }, (_, index) => NODES[index % NODES.length]?.name),
  greedy: () =>
    cheapest((use, { cpu, memory, disk }) =>
      Math.max((use.cpu + DEMAND.cpu) / cpu, (use.memory + DEMAND.memory) / memory, use.disk / disk),
    ),
  epvm: () => {
    let maxJobs = 1;
    return cheapest((use, capacity, jobs) => {
      while (Math.max(...jobs) > maxJobs) maxJobs *= 2;
      const n = 4;
      const marginal = (used: number, demand: number, of: number): number =>
        n ** ((used + demand) / of) - n ** (used / of);
      return (
        marginal(use.cpu, DEMAND.cpu, capacity.cpu) +
        marginal(use.memory, DEMAND.memory, capacity.memory) +
        marginal(use.disk, DEMAND.disk, capacity.disk) +
        marginal(use.jobs, 1, maxJobs)
      );
    });
  },
};

type Capacity = (typeof NODES)[number];
type Use = { cpu: number; memory: number; disk: number; jobs: number };

function cheapest(cost: (use: Use, capacity: Capacity, jobs: readonly number[]) => number): (string | undefined)[] {
  const uses = NODES.map((): Use => ({ cpu: 0, memory: 0, disk: 0, jobs: 0 }));
  return Array.from({ length: COUNT }, () => {
    const jobs = uses.map((use) => use.jobs);
    const ranked = NODES.map((node, index) => ({
      index,
      jobs: jobs[index] ?? 0,
      cost: cost(uses[index] as Use, node, jobs),
    }));
    const [best] = ranked.sort((a, b) => a.cost - b.cost || a.jobs - b.jobs || a.index - b.index);
    const use = uses[best?.index ?? 0] as Use;
    use.cpu += DEMAND.cpu;
    use.memory += DEMAND.memory;
    use.jobs += 1;
    return NODES[best?.index ?? 0]?.name;
  });
}

function all(cluster: TestCluster, state?: string): Promise<Record<string, unknown>[]> {
  return cluster.list(`/tasks${state === undefined ? "" : `?state=${state}`}`);
}

async function untilHealthy(cluster: TestCluster): Promise<TaskAnswer[]> {
  const found = await until(
    "thirty healthy tasks",
    async () => {
      const running = (await all(cluster, "running")) as unknown as TaskAnswer[];
      return running.length === COUNT && running.every(({ health }) => health === "healthy") ? running : undefined;
    },
    { timeoutMs: 90_000, everyMs: 100 },
  );
  return found.sort((a, b) => (a.id < b.id ? -1 : 1));
}

function identities(tasks: readonly TaskAnswer[]): unknown {
  return tasks.map(({ id, containerId, restarts, node }) => ({ id, containerId, restarts, node }));
}

async function containers(): Promise<unknown[]> {
  return (await Promise.all(engines.map(({ docker }) => docker.listContainers({ all: true })))).flat();
}
