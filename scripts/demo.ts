/**
 * Shows Birdman at work: a cluster of three workers on loopback, the tasks in examples/ becoming healthy on it, and how to
 * go on from there; until Ctrl-C, or with `--once` until they are healthy. Leaves nothing behind.
 */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { TaskJson } from "../src/api/task-json.ts";
import { isFinal } from "../src/task/state.ts";
import { type Cluster, pause, PROGRAM, startCluster } from "./demo-cluster.ts";
import { ensureEchoImage } from "./echo-image.ts";
import { type Engine, ensureEngine } from "./engine.ts";
import { hasExampleVolume, removeContainers, removeExampleVolume } from "./demo-traces.ts";
import { type Report, step } from "./progress.mjs";
import { runScript, SetupError } from "./setup.mjs";

const WORKERS = 3;
const HEALTHY_TIMEOUT_MS = 180_000;

/** All of examples/ but the one that stops a task. */
const EXAMPLES = ["add_task", "task1", "task2", "task3", "full", "process", "cube-event"];

const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => interrupted.abort(new SetupError(`stopped by ${signal}`)));
}

for (const stream of [process.stdout, process.stderr]) {
  // A terminal that is gone tells nobody anything any more; what was started is stopped all the same.
  stream.on("error", () => interrupted.abort(new SetupError("the terminal is gone")));
}

async function demo(args: readonly string[]): Promise<void> {
  const unknown = args.find((arg) => arg !== "--once");
  if (unknown !== undefined) throw new SetupError(`unknown argument ${unknown}; there is --once`);
  const engine = await ensureEngine();
  if (engine.kind === "none")
    console.log(`${engine.reason}\nGoing on without: only commands run as tasks, no containers.\n`);
  else console.log(`Container engine: version ${engine.version}, ${engine.kind}.`);
  try {
    await onEngine(engine.kind === "none" ? undefined : engine, args.includes("--once"));
  } finally {
    if (engine.kind === "started") await step("stopping dockerd", () => engine.stop());
  }
}

async function onEngine(engine: Engine | undefined, isOnce: boolean): Promise<void> {
  if (engine !== undefined) await step("building birdman/echo:latest", () => ensureEchoImage(engine.client));
  const runtimes = engine === undefined ? ["process"] : ["docker", "process"];
  const hadVolume = engine !== undefined && (await hasExampleVolume(engine.client));
  const cluster = await step(`starting a manager and ${String(WORKERS)} workers`, () =>
    startCluster({ workers: WORKERS, runtimes }, interrupted.signal),
  );
  console.log(`\n  The dashboard: http://${cluster.address}/ui/\n`);
  const ids: string[] = [];
  try {
    ids.push(...(await submitExamples(cluster, engine !== undefined)));
    await step("waiting for them to be healthy", (report) => untilHealthy(cluster, ids, report));
    console.log();
    execFileSync(process.execPath, [PROGRAM, "status", "--manager", cluster.address], { stdio: "inherit" });
    if (!isOnce) await stay(cluster, ids);
  } finally {
    await step("stopping the tasks and the cluster", () => cluster.stop());
    if (engine !== undefined) {
      await removeContainers(engine.client, ids);
      if (!hadVolume) await removeExampleVolume(engine.client);
    }
  }
}

async function submitExamples({ client }: Cluster, hasEngine: boolean): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const name of EXAMPLES) {
    const json = readFileSync(new URL(`../examples/${name}.json`, import.meta.url), "utf8");
    const { runtime } = JSON.parse(json) as { readonly runtime?: string };
    if (!hasEngine && runtime !== "process") continue;
    const answer = await client.submitJson(json, { signal: interrupted.signal });
    for (const { id } of [answer].flat()) ids.push(id);
    console.log(`• submitted examples/${name}.json`);
  }
  return ids;
}

/** Shows each task as it becomes healthy. Fails with the reasons of those that do not in time. */
async function untilHealthy({ client, ended }: Cluster, ids: readonly string[], report: Report): Promise<void> {
  const deadline = performance.now() + HEALTHY_TIMEOUT_MS;
  const signal = AbortSignal.any([interrupted.signal, ended]);
  const failures: string[] = [];
  const waiting = new Set(ids);
  for (;;) {
    const isLate = performance.now() > deadline;
    for (const id of waiting) {
      const task = await client.task(id, { signal });
      if (!isHealthy(task) && !isFinal(task.state) && !isLate) continue;
      waiting.delete(id);
      if (isHealthy(task)) report.print(`✔ ${task.name} runs on ${task.node ?? "?"}, ${healthWord(task)}`);
      else failures.push(`${task.name} is ${task.state}, ${healthWord(task)}: ${task.reason}`);
    }
    if (waiting.size === 0) break;
    report.say(`${String(ids.length - waiting.size)} of ${String(ids.length)}`);
    await pause(200, signal);
  }
  if (failures.length > 0) throw new SetupError(failures.join("\n"));
}

function healthWord({ health }: TaskJson): string {
  return health === "none" ? "no health check" : health;
}

function isHealthy({ state, health }: TaskJson): boolean {
  return state === "running" && (health === "healthy" || health === "none");
}

async function stay({ client, address, ended }: Cluster, ids: readonly string[]): Promise<void> {
  const tasks = await Promise.all(ids.map((id) => client.task(id)));
  const port = tasks.flatMap(({ ports }) => ports)[0];
  const url = port === undefined ? undefined : `http://${port.address}:${String(port.host)}/`;
  const json = "-H 'Content-Type: application/json'";
  console.log(
    [
      "",
      `The dashboard is at http://${address}/ui/ and the API at http://${address}/`,
      "",
      "Now try, in another terminal:",
      "",
      ...(address === "localhost:8080" ? [] : [`  export BIRDMAN_MANAGER=${address}`]),
      "  bin/birdman status",
      "  bin/birdman node",
      "  bin/birdman logs --follow process",
      ...(url === undefined
        ? ["  bin/birdman run --runtime process -- sleep 60"]
        : [
            `  curl ${json} -d '{"hello": "world"}' ${url}`,
            `  curl ${json} -d @examples/stop_task.json http://${address}/tasks`,
            "  bin/birdman run birdman/echo:latest --name mine -p 7777 --health /health --wait",
          ]),
      "",
      "Ctrl-C stops all of it and leaves nothing behind.",
    ].join("\n"),
  );
  const signal = AbortSignal.any([interrupted.signal, ended]);
  if (!signal.aborted) await once(signal, "abort");
  console.log();
  ended.throwIfAborted();
}

await runScript(() => demo(process.argv.slice(2)));
