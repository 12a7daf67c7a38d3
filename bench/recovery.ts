/**
 * How fast the cluster gets over what happens to it, on real engines: a container that is killed, a node that is lost, a
 * manager that was away; and that a machine whose processors are all busy is not taken for a lost one.
 */
import { once } from "node:events";
import { type ChildProcess, spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import type Docker from "dockerode";
import type { EventJson } from "../src/api/event-json.ts";
import type { NodeJson } from "../src/api/node-json.ts";
import type { TaskJson } from "../src/api/task-json.ts";
import { startBirdman, TestCluster, until } from "../test/support/birdman-process.ts";
import { BUSYBOX, startDockerd, type TestDockerd } from "../test/support/engines.ts";
import { atMost, spread, type Benchmark, type Figure } from "./bench.ts";
import { buildBundle } from "./bundle.ts";

/** How long the processors are kept busy, and with it whether this is the long form: an hour, and five minutes without manager. */
const MINUTES = Number(process.env["BENCH_MINUTES"] ?? "2");
const MANAGER_AWAY_MS = MINUTES >= 60 ? 300_000 : 30_000;
const NODES = ["node1", "node2", "node3", "node4"];
/** One of four lost: too few for the manager to suspect itself. */
const LOSSES = 4;
const KILLS = 25;
const TASKS_A_NODE = 5;
const FOREVER = ["sleep", "1000000"];
const RESTART_DELAY_MS = 1000;
const HURRY = { stopTimeout: 0, image: BUSYBOX };

export const recovery: Benchmark = {
  name: "recovery",
  what: `killed containers, lost nodes, ${String(MINUTES)} min of busy processors, a manager away for ${String(MANAGER_AWAY_MS / 1000)} s`,
  async run(say) {
    await buildBundle();
    await using parts = new AsyncDisposableStack();
    const engines = new Map<string, TestDockerd>();
    for (const name of NODES)
      engines.set(
        name,
        parts.adopt(await startDockerd(), (engine) => engine.stop()),
      );
    const cluster = parts.adopt(await TestCluster.start({ program: "bundle" }), (started) => started.close());
    for (const [name, { dockerHost }] of engines) {
      await cluster.startWorker(name, ["--cpu", "16", "--memory", "16GiB"], { DOCKER_HOST: dockerHost });
    }
    const bench = { cluster, engines, say };
    return [
      ...(await killedContainers(bench)),
      await lostNodes(bench),
      await awayManager(bench),
      ...(await busyProcessors(bench)),
    ];
  },
};

interface Bench {
  readonly cluster: TestCluster;
  readonly engines: ReadonlyMap<string, TestDockerd>;
  readonly say: (line: string) => void;
}

/** From the engine's own time of the death to what the manager's history says. */
async function killedContainers({ cluster, engines, say }: Bench): Promise<Figure[]> {
  const noticed: number[] = [];
  const settled: number[] = [];
  const late: number[] = [];
  const [ending, restarting] = [[{ policy: "never" }], [{ policy: "always", delay: RESTART_DELAY_MS }]].map(
    ([restart]) => Array.from({ length: KILLS }, () => ({ ...HURRY, command: FOREVER, restart })),
  );
  for (const { id, docker, containerId } of await runningTasks({ cluster, engines }, ending ?? [])) {
    const diedAt = await killContainer(docker, containerId);
    const end = await untilEvent(cluster, id, ({ to }) => to === "failed");
    const news = await untilEvent(cluster, id, ({ reason }) => reason.startsWith("ended with exit code"));
    noticed.push(Date.parse(news.at) - diedAt);
    settled.push(Date.parse(end.at) - diedAt);
  }
  const again = await runningTasks({ cluster, engines }, restarting ?? []);
  for (const { id, docker, containerId } of again) {
    const diedAt = await killContainer(docker, containerId);
    const next = await until("the next run", async () => {
      const task = (await cluster.json(`/tasks/${id}`)) as unknown as TaskJson;
      return task.containerId !== null && task.containerId !== containerId && task.startedAt !== null ? task : false;
    });
    late.push(Date.parse(next.startedAt ?? "") - diedAt);
  }
  await stopAll(cluster);
  say(
    `killed containers: noticed after ${times(noticed)}, given up with their last lines after ${times(settled)}; ` +
      `running again after ${times(late)}`,
  );
  return [
    atMost("killed container: noticed, in the manager's history", noticed, { unit: "ms", limit: 50 }),
    // The engine answers for the last lines only once it has cleared up after the container.
    atMost("killed container: failed, with its last lines", settled, { unit: "ms", limit: 200 }),
    // The delay with its jitter, and what the engine takes for a start.
    atMost("killed container: running again, its backoff being 1 s", late, { unit: "ms", limit: 2 * RESTART_DELAY_MS }),
  ];
}

/** From the kill of a worker until all that ran on its node runs elsewhere. */
async function lostNodes({ cluster, engines, say }: Bench): Promise<Figure> {
  const took: number[] = [];
  const documents = Array.from({ length: NODES.length * TASKS_A_NODE }, () => ({ ...HURRY, command: FOREVER }));
  await runningTasks({ cluster, engines }, documents);
  for (let round = 0; round < LOSSES; round += 1) {
    const victim = NODES[round % NODES.length] ?? "";
    const tasks = (await cluster.list(`/tasks?node=${victim}&state=running`)) as unknown as TaskJson[];
    const killedAt = Date.now();
    await cluster.workers.get(victim)?.process.end("SIGKILL");
    const moved = await Promise.all(
      tasks.map(({ id, attempt }) =>
        untilEvent(cluster, id, (event) => event.to === "running" && (event.attempt ?? 0) > attempt),
      ),
    );
    took.push(...moved.map(({ at }) => (Date.parse(at) - killedAt) / 1000));
    say(`lost ${victim}: ${String(tasks.length)} tasks elsewhere after ${times(took.slice(-tasks.length), "s")}`);
    await cluster.restartWorker(victim);
    await until(`what ${victim} ran to be stopped there`, async () => {
      const here = (await cluster.list(`/tasks?node=${victim}&state=running`)).length;
      return (await containersOf(engines, victim)).length === here;
    });
  }
  await stopAll(cluster);
  return atMost("lost node: its tasks run elsewhere", took, { unit: "s", limit: 20 });
}

/** From the start of the manager's process until every node is ready and all tasks are known as they are. */
async function awayManager({ cluster, engines, say }: Bench): Promise<Figure> {
  const endings = Array.from({ length: 20 }, (_, index) => {
    const seconds = String(10 + Math.floor((index * MANAGER_AWAY_MS) / 1000 / 20));
    const code = index % 2 === 0 ? 0 : 40 + index;
    return { ...HURRY, command: ["sh", "-c", `sleep ${seconds}; exit ${String(code)}`], restart: { policy: "never" } };
  });
  const sleepers = Array.from({ length: 20 }, () => ({ ...HURRY, command: FOREVER }));
  const before = await runningTasks({ cluster, engines }, [...endings, ...sleepers]);
  await cluster.manager?.end("SIGKILL");
  await delay(MANAGER_AWAY_MS / 2);
  const worker = cluster.workers.get("node2");
  await worker?.process.end("SIGKILL");
  if (worker !== undefined) worker.process = startBirdman(worker.args, { env: worker.env, program: "bundle" });
  await delay(MANAGER_AWAY_MS / 2);
  const start = performance.now();
  await cluster.startManager();
  const inTheWay = { what: "" };
  await until(
    `all to be as it is: ${inTheWay.what}`,
    async () => {
      inTheWay.what = await disagreement({ cluster, engines }, before);
      return inTheWay.what === "";
    },
    { timeoutMs: 60_000 },
  );
  const took = (performance.now() - start) / 1000;
  say(
    `manager away for ${String(MANAGER_AWAY_MS / 1000)} s: ${String(before.length)} tasks adopted ${took.toFixed(2)} s after its start`,
  );
  await stopAll(cluster);
  const seconds = String(MANAGER_AWAY_MS / 1000);
  return atMost(`manager away for ${seconds} s: all adopted, nothing lost`, [took], { unit: "s", limit: 5 });
}

/** What the manager has wrong, in a sentence; empty when all agrees. Throws when something is lost or untrue for good. */
async function disagreement(
  { cluster, engines }: Pick<Bench, "cluster" | "engines">,
  before: readonly RunningTask[],
): Promise<string> {
  const nodes = (await cluster.list("/nodes")) as unknown as NodeJson[];
  const away = nodes.find(({ status }) => status !== "ready");
  if (away !== undefined) return `${away.name} is ${away.status}`;
  const tasks = new Map(((await cluster.list("/tasks")) as unknown as TaskJson[]).map((task) => [task.id, task]));
  const running = new Set((await Promise.all(NODES.map((name) => containersOf(engines, name)))).flat());
  for (const { id, containerId, command } of before) {
    const task = tasks.get(id);
    if (task === undefined) throw new Error(`task ${id} was lost`);
    const isRunning = running.has(containerId);
    if (isRunning !== (task.state === "running")) return `${id} is ${task.state}`;
    const code = Number(/exit (\d+)/.exec(command.join(" "))?.[1]);
    if (!isRunning && task.exitCode !== code)
      throw new Error(`${id} ended with ${String(code)}, not ${String(task.exitCode)}`);
  }
  return "";
}

/** Twice as many busy loops as there are processors; nobody may be called unreachable meanwhile. */
async function busyProcessors({ cluster, say }: Bench): Promise<Figure[]> {
  const loops = Array.from({ length: 2 * availableParallelism() }, () =>
    spawn("sh", ["-c", "while :; do :; done"], { stdio: "ignore" }),
  );
  const alarms = new Set<string>();
  let longestMs = 0;
  try {
    const end = performance.now() + MINUTES * 60_000;
    while (performance.now() < end) {
      for (const { name, status, lastSeenAt } of (await cluster.list("/nodes")) as unknown as NodeJson[]) {
        longestMs = Math.max(longestMs, Date.now() - Date.parse(lastSeenAt));
        if (status !== "ready") alarms.add(`${name} ${status} at ${new Date().toISOString().slice(0, 16)}`);
      }
      await delay(250);
    }
  } finally {
    await Promise.all(loops.map(killed));
  }
  say(
    `busy processors: longest silence ${String(Math.round(longestMs))} ms; false alarms: ${[...alarms].join(", ") || "none"}`,
  );
  const value = alarms.size;
  const minutes = `${String(MINUTES)} min with ${String(loops.length)} busy loops on ${String(availableParallelism())} processors`;
  return [
    {
      name: `${minutes}: nodes called unreachable`,
      value,
      unit: "",
      against: undefined,
      ratio: undefined,
      goal: "0",
      met: value === 0,
      spread: spread([value]),
    },
    atMost(`${minutes}: longest silence of a node`, [longestMs], { unit: "ms", limit: 6000 }),
  ];
}

async function killed(child: ChildProcess): Promise<void> {
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

interface RunningTask {
  readonly id: string;
  readonly containerId: string;
  readonly docker: Docker;
  readonly command: readonly string[];
}

/** Submits them, and waits until all have begun to run; on a slow machine short ones may have ended by then. */
async function runningTasks(
  { cluster, engines }: Pick<Bench, "cluster" | "engines">,
  documents: readonly { readonly command: readonly string[] }[],
): Promise<RunningTask[]> {
  const response = await cluster.post("/tasks", documents);
  const submitted = (await response.json()) as TaskJson[];
  return until(
    "all to run",
    async () => {
      const tasks = new Map(((await cluster.list("/tasks")) as unknown as TaskJson[]).map((task) => [task.id, task]));
      const found = submitted.flatMap(({ id }, index) => {
        const { containerId, node, state } = tasks.get(id) ?? {};
        const docker = engines.get(node ?? "")?.docker;
        const command = documents[index]?.command ?? [];
        const isBegun = typeof containerId === "string" && state !== "pending" && state !== "scheduled";
        return isBegun && docker !== undefined ? [{ id, containerId, docker, command }] : [];
      });
      return found.length === submitted.length ? found : false;
    },
    { timeoutMs: 60_000 },
  );
}

/** Kills it as from a shell; resolves to when it died by its engine's word. Wall clock, milliseconds. */
async function killContainer(docker: Docker, containerId: string): Promise<number> {
  const filters = { container: [containerId], event: ["die"] };
  const events = await docker.getEvents({ filters });
  const died = once(events, "data");
  await docker.getContainer(containerId).kill();
  const [line] = (await died) as [Buffer];
  // The one who listens is dismissed.
  events.on("error", () => undefined);
  (events as NodeJS.ReadableStream & { destroy(): void }).destroy();
  return (JSON.parse(line.toString()) as { timeNano: number }).timeNano / 1e6;
}

function untilEvent(cluster: TestCluster, id: string, isIt: (event: EventJson) => boolean): Promise<EventJson> {
  const look = async (): Promise<EventJson | undefined> =>
    ((await cluster.list(`/tasks/${id}/events`)) as unknown as EventJson[]).find(isIt);
  return until(`an event of ${id}`, look, { timeoutMs: 90_000 });
}

/** Ids of the running containers of a node. */
async function containersOf(engines: Bench["engines"], name: string): Promise<string[]> {
  const listed = (await engines.get(name)?.docker.listContainers()) ?? [];
  return listed.map(({ Id }) => Id);
}

async function stopAll(cluster: TestCluster): Promise<void> {
  const live = (await cluster.list("/tasks")).filter(({ state }) => state !== "completed" && state !== "failed");
  await Promise.all(live.map(({ id }) => fetch(`${cluster.url}/tasks/${String(id)}`, { method: "DELETE" })));
  const isLeft = async (): Promise<boolean> => {
    const { tasks } = (await cluster.json("/stats")) as { tasks: Record<string, number> };
    return (tasks["pending"] ?? 0) + (tasks["scheduled"] ?? 0) + (tasks["running"] ?? 0) > 0;
  };
  await until("all to stop", async () => !(await isLeft()), { timeoutMs: 60_000 });
}

function times(values: readonly number[], unit = "ms"): string {
  const [least, most] = spread(values);
  const show = (value: number): string => (unit === "s" ? value.toFixed(2) : value.toFixed(0));
  return `${show(least)}–${show(most)} ${unit}`;
}
