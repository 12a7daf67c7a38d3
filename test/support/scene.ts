/**
 * A cluster to look at: a shop on a few nodes, with everything that can be seen somewhere in it. What runs is hollow or a
 * plain process, so that it needs no container engine.
 */
import type { TaskDocument } from "../../src/task/document.ts";
import { TestCluster, until } from "./birdman-process.ts";

const NODES = [
  { name: "berlin-1", cpu: 8, memory: "16GiB", labels: ["zone=berlin", "disk=ssd"] },
  { name: "berlin-2", cpu: 8, memory: "16GiB", labels: ["zone=berlin", "disk=ssd"] },
  { name: "hamburg-1", cpu: 4, memory: "8GiB", labels: ["zone=hamburg"] },
  { name: "munich-1", cpu: 4, memory: "8GiB", labels: ["zone=munich", "disk=ssd"] },
  { name: "vienna-1", cpu: 2, memory: "4GiB", labels: ["zone=vienna"] },
  { name: "zurich-1", cpu: 4, memory: "8GiB", labels: ["zone=zurich"] },
] as const;

/** Writes a line now and then, as a service does. */
const TALKER = [
  "i=1000; while :; do i=$((i+1));",
  'case $((i % 7)) in 0) echo "warn  slow query took 412 ms order=$i" >&2;;',
  '3) echo "info  payment accepted order=$i amount=49.90 EUR";;',
  '*) echo "info  GET /cart 200 $((i % 40 + 3)) ms session=$((i * 7919 % 9973))";; esac; sleep 0.3; done',
].join(" ");

interface Service {
  readonly name: string;
  readonly count: number;
  readonly document: TaskDocument;
}

const SERVICES: readonly Service[] = [
  service("storefront", 4, { cpu: 0.75, memory: "768MiB", labels: { tier: "web" } }),
  service("catalogue", 5, { cpu: 0.5, memory: "1GiB", labels: { tier: "api" } }),
  service("search", 3, { cpu: 1.5, memory: "2GiB", labels: { tier: "api" }, constraints: ["label.disk == ssd"] }),
  service("payments", 2, { cpu: 0.5, memory: "512MiB", labels: { tier: "api" } }),
  service("sessions", 2, { cpu: 0.25, memory: "1.5GiB", labels: { tier: "data" } }),
  service("thumbnails", 6, { cpu: 0.5, memory: "256MiB", labels: { tier: "worker" } }),
  service("mailer", 1, { cpu: 0.1, memory: "128MiB", labels: { tier: "worker" } }),
  service("recommendations", 2, { cpu: 0.75, memory: "1GiB", labels: { tier: "api", "hollow.exec": "1" } }),
  service("report", 3, { cpu: 0.2, memory: "256MiB", labels: { tier: "batch", "hollow.duration": "1s" } }),
  service("invoice-run", 1, {
    restart: { policy: "never" },
    reschedule: { attempts: 0 },
    labels: { tier: "batch", "hollow.duration": "1s", "hollow.exit": "3" },
  }),
  service("video-transcode", 1, { cpu: 12, memory: "4GiB", labels: { tier: "batch" } }),
  {
    name: "checkout",
    count: 1,
    document: {
      name: "checkout",
      runtime: "process",
      command: ["sh", "-c", TALKER],
      cpu: 0.5,
      memory: "512MiB",
      labels: { tier: "web", team: "shop" },
      health: { command: ["true"], interval: "1s" },
    },
  },
];

function service(name: string, count: number, asked: TaskDocument): Service {
  const document: TaskDocument = {
    runtime: "hollow",
    image: `shop/${name}:1.4`,
    health: { command: ["true"], interval: "2s", retries: 2, startPeriod: 0 },
    ...asked,
  };
  const isBatch = asked.labels?.["tier"] === "batch";
  const { health: _health, ...withoutHealth } = document;
  return { name, count, document: isBatch ? withoutHealth : document };
}

export interface Scene {
  readonly cluster: TestCluster;
  /** Id of the task that writes something. */
  readonly talker: string;
  /** Id of the one that fits nowhere. */
  readonly waiting: string;
  /** Node that is paused. */
  readonly paused: string;
}

/** Resolves when everything is as it is to be seen. */
export async function startScene(manager: readonly string[] = []): Promise<Scene> {
  const cluster = await TestCluster.start({ manager });
  const start = async ({ name, cpu, memory, labels }: (typeof NODES)[number]): Promise<void> => {
    const capacity = ["--cpu", String(cpu), "--memory", memory, "--disk", "200GiB"];
    const runtimes = ["--runtime", "hollow", "--runtime", "process"];
    await cluster.startWorker(name, [...capacity, ...runtimes, ...labels.flatMap((label) => ["--label", label])]);
  };
  for (const node of NODES) await start(node);
  const documents = SERVICES.flatMap(({ name, count, document }) =>
    Array.from({ length: count }, (_, index) => ({
      ...document,
      name: count === 1 ? name : `${name}-${String(index + 1)}`,
    })),
  );
  const response = await cluster.post("/tasks", documents);
  if (response.status !== 201) throw new Error(`the scene is refused: ${await response.text()}`);
  const patch = { method: "PATCH", headers: { "content-type": "application/json" } };
  await fetch(`${cluster.url}/nodes/zurich-1`, { ...patch, body: JSON.stringify({ availability: "pause" }) });
  await until(
    "the scene to be set",
    async () => {
      const tasks = await cluster.list("/tasks");
      const ended = tasks.filter(({ state }) => state === "completed" || state === "failed").length;
      const healthy = tasks.filter(({ health }) => health === "healthy").length;
      return ended >= 4 && healthy >= 23;
    },
    { timeoutMs: 120_000, everyMs: 200 },
  );
  const [talker] = await cluster.list("/tasks?name=checkout");
  const [waiting] = await cluster.list("/tasks?name=video-transcode");
  return {
    cluster,
    talker: String(talker?.["id"]),
    waiting: String(waiting?.["id"]),
    paused: "zurich-1",
  };
}
