/**
 * What Birdman adds to a container engine: the time from `POST /tasks` until containers run, beside the bare Engine API
 * doing the same at the same concurrency, and beside Docker Swarm on the same engine, in one run.
 *
 * All three start the same image with the same command on the engine's default network. Rounds of the three alternate,
 * and take turns in going first, so that a machine that slows down slows all of them.
 */
import { once } from "node:events";
import { Agent, request, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import type Docker from "dockerode";
import { TestCluster, until } from "../test/support/birdman-process.ts";
import { BUSYBOX, startDockerd } from "../test/support/engines.ts";
import { atMost, median, spread, type Benchmark, type Figure } from "./bench.ts";
import { buildBundle } from "./bundle.ts";
import { prepareSwarm, type Swarm } from "./swarm.ts";

const MANY = 50;
/** What the worker starts at once. */
const CONCURRENCY = 10;
const ROUNDS_OF_MANY = 6;
/** One start takes now 200 ms, now 350: only many rounds tell a difference of a few. */
const ROUNDS_OF_ONE = 100;
const SWARM_ROUNDS = 3;
/** The kernel takes networks apart after a container is gone; the next round should not pay for that. */
const SETTLE_MS = { one: 300, many: 1500 };
/** How often the manager is asked, not to take the engine's processors: when one began to run, its history tells. */
const ASK_MS = { one: 10, many: 50 };
/** And not at all before it can be done: after so much of the time that the bare engine needed, at best or usually. */
const ASK_MANY_FROM = 0.75;
const COMMAND = ["sleep", "1000"];
const KEPT = new Agent({ keepAlive: true, maxSockets: 1 });
const BARE_LABEL = "bench.bare";

export const engine: Benchmark = {
  name: "engine",
  what: `containers on one engine: ${String(MANY)} at once, and a single one`,
  async run(say) {
    await buildBundle();
    const dockerd = await startDockerd();
    const cluster = await TestCluster.start({ program: "bundle" });
    try {
      await cluster.startWorker("bench", ["--cpu", "64", "--memory", "64GiB"], { DOCKER_HOST: dockerd.dockerHost });
      const swarm = await prepareSwarm(dockerd.docker, say);
      const many = await compare(say, { cluster, docker: dockerd.docker, swarm, count: MANY, rounds: ROUNDS_OF_MANY });
      const one = await compare(say, { cluster, docker: dockerd.docker, swarm, count: 1, rounds: ROUNDS_OF_ONE });
      await swarm?.close();
      return [...manyFigures(many), ...oneFigures(one)];
    } finally {
      await cluster.close();
      await dockerd.stop();
    }
  },
};

interface Contest {
  readonly cluster: TestCluster;
  readonly docker: Docker;
  readonly swarm: Swarm | undefined;
  readonly count: number;
  readonly rounds: number;
}

interface Times {
  readonly birdman: number[];
  readonly bare: number[];
  readonly swarm: number[];
}

/** Milliseconds of every round; the first round of each warms up and does not count. */
async function compare(say: (line: string) => void, contest: Contest): Promise<Times> {
  const { cluster, docker, swarm, count, rounds } = contest;
  const times: Times = { birdman: [], bare: [], swarm: [] };
  const settle = (): Promise<void> => delay(count > 1 ? SETTLE_MS.many : SETTLE_MS.one);
  let patienceMs = 0;
  for (let round = 0; round <= rounds; round += 1) {
    const isOurTurn = round % 2 === 0;
    const first = isOurTurn ? await birdmanRound(cluster, count, patienceMs) : await bareRound(docker, count);
    await settle();
    const second = isOurTurn ? await bareRound(docker, count) : await birdmanRound(cluster, count, patienceMs);
    await settle();
    const [birdman, bare] = isOurTurn ? [first, second] : [second, first];
    const swarmed = swarm === undefined || round > SWARM_ROUNDS ? undefined : await swarm.round(count, COMMAND);
    if (swarmed !== undefined) await settle();
    patienceMs = count > 1 ? ASK_MANY_FROM * Math.min(bare, ...times.bare) : median([bare, ...times.bare]);
    if (round === 0) continue;
    times.birdman.push(birdman);
    times.bare.push(bare);
    if (swarmed !== undefined) times.swarm.push(swarmed);
    say(
      `${String(count)}: birdman ${birdman.toFixed(0)} ms, bare ${bare.toFixed(0)} ms${swarmed === undefined ? "" : `, swarm ${swarmed.toFixed(0)} ms`}`,
    );
  }
  return times;
}

async function birdmanRound(cluster: TestCluster, count: number, patienceMs: number): Promise<number> {
  const task = { image: BUSYBOX, command: COMMAND, stopTimeout: 0, restart: { policy: "never" } };
  const start = performance.now();
  const tasks = await submit(
    cluster,
    Array.from({ length: count }, () => task),
  );
  await delay(patienceMs);
  const everyMs = count > 1 ? ASK_MS.many : ASK_MS.one;
  await until("all to run", async () => runningOf(await cluster.json("/stats")) === count, {
    everyMs,
    timeoutMs: 120_000,
  });
  const [one] = tasks;
  const tookMany = performance.now() - start;
  const took = count > 1 || one === undefined ? tookMany : (await runningSince(cluster, one.id)) - timeOf(start);
  await Promise.all(tasks.map(({ id }) => fetch(`${cluster.url}/tasks/${id}`, { method: "DELETE" })));
  await until("all to stop", async () => runningOf(await cluster.json("/stats")) === 0, { timeoutMs: 120_000 });
  return took;
}

/** Over a connection that stays, as the bare Engine API is asked: what a client costs is not what is measured. */
async function submit(cluster: TestCluster, tasks: readonly object[]): Promise<{ id: string }[]> {
  const headers = { "content-type": "application/json" };
  const asking = request(`${cluster.url}/tasks`, { agent: KEPT, method: "POST", headers });
  asking.end(JSON.stringify(tasks));
  const [response] = (await once(asking, "response")) as [IncomingMessage];
  const body = await text(response);
  if (response.statusCode !== 201) throw new Error(body);
  return JSON.parse(body) as { id: string }[];
}

/** When the manager took the task for running, by its history; that it is durable, and shown, comes a commit later. */
async function runningSince(cluster: TestCluster, id: string): Promise<number> {
  const events = (await cluster.list(`/tasks/${id}/events`)) as { at: string; to?: string }[];
  return Date.parse(events.find(({ to }) => to === "running")?.at ?? "");
}

function timeOf(moment: number): number {
  return performance.timeOrigin + moment;
}

function runningOf(stats: Record<string, unknown>): number {
  const { scheduled, running } = stats["tasks"] as { scheduled: number; running: number };
  return scheduled > 0 ? -1 : running;
}

async function bareRound(docker: Docker, count: number): Promise<number> {
  const containers: Docker.Container[] = [];
  let left = count;
  const start = performance.now();
  await Promise.all(
    Array.from({ length: Math.min(CONCURRENCY, count) }, async () => {
      while (left > 0) {
        left -= 1;
        const container = await docker.createContainer({
          Image: BUSYBOX,
          Cmd: COMMAND,
          Labels: { [BARE_LABEL]: "" },
        });
        containers.push(container);
        await container.start();
      }
    }),
  );
  const took = performance.now() - start;
  await Promise.all(containers.map((container) => container.remove({ force: true })));
  return took;
}

function manyFigures({ birdman, bare, swarm }: Times): Figure[] {
  return [
    ratioTo({ peer: "bare Engine API", limit: 1.05 }, birdman, bare),
    ...(swarm.length > 0 ? [ratioTo({ peer: "Docker Swarm", limit: 1 }, birdman, swarm)] : []),
  ];
}

function ratioTo(
  { peer, limit }: { readonly peer: string; readonly limit: number },
  ours: readonly number[],
  theirs: readonly number[],
): Figure {
  const value = median(ours);
  const against = median(theirs);
  return {
    name: `${String(MANY)} containers running, beside ${peer}`,
    value,
    unit: "ms",
    against: { name: peer, value: against },
    ratio: value / against,
    goal: `≤ ${String(limit)} ×`,
    met: value / against <= limit,
    spread: spread(ours),
  };
}

function oneFigures({ birdman, bare, swarm }: Times): Figure[] {
  const added = birdman.map((time, index) => time - (bare[index] ?? 0));
  const overhead = atMost("one container, POST → running: added to the bare Engine API", added, {
    unit: "ms",
    limit: 10,
  });
  const against = { name: "bare Engine API", value: median(bare) };
  const figures: Figure[] = [
    {
      ...overhead,
      name: "one container, POST → running",
      value: median(birdman),
      against,
      ratio: median(birdman) / against.value,
      goal: "≤ bare + 10 ms",
      spread: spread(birdman),
    },
    overhead,
  ];
  if (swarm.length === 0) return figures;
  const swarmed = median(swarm);
  return [
    ...figures,
    {
      name: "one container, beside Docker Swarm",
      value: median(birdman),
      unit: "ms",
      against: { name: "Docker Swarm", value: swarmed },
      ratio: median(birdman) / swarmed,
      goal: "≤ 1 ×",
      met: median(birdman) <= swarmed,
      spread: spread(birdman),
    },
  ];
}
