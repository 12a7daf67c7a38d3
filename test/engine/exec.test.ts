/** Commands inside tasks, from the command line through manager and worker to the container. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Birdman } from "../../src/client/client.ts";
import { runBirdman, startBirdman, TestCluster, until } from "../support/birdman-process.ts";
import { BUSYBOX, startDockerd, type TestDockerd } from "../support/engines.ts";
import { ensurePrograms } from "../support/packages.ts";

let engine: TestDockerd;
let cluster: TestCluster;
let client: Birdman;
let task = "";
const managed = () => ["--manager", `127.0.0.1:${String(cluster.port)}`];

beforeAll(async () => {
  await ensurePrograms({ script: "bsdutils" });
  engine = await startDockerd();
  cluster = await TestCluster.start();
  await cluster.startWorker("worker1", [], { DOCKER_HOST: engine.dockerHost });
  client = Birdman.connect(cluster.url);
  const document = { image: BUSYBOX, name: "shell", command: ["sh", "-c", "trap 'exit 0' TERM; sleep 1000 & wait"] };
  task = (await client.submit(document)).id;
  await until("the task to run", async () => (await client.task(task)).state === "running");
});

afterAll(async () => {
  await client.stop(task);
  await until("the task to end", async () => (await client.task(task)).state === "completed");
  await cluster.close();
  await engine.stop();
});

/** `birdman exec …`, with input. */
async function exec(args: readonly string[], input: string) {
  const { child, output } = startBirdman(["exec", ...managed(), ...args], { stdin: "pipe" });
  child.stdin?.end(input);
  await once(child, "close");
  return { exitCode: child.exitCode, output: output() };
}

test("a command prints what it prints here, and its exit status is this one's", async () => {
  const script = "echo out; echo err >&2; hostname; exit 41";
  const { exitCode, output } = await runBirdman(["exec", ...managed(), "shell", "--", "sh", "-c", script]);
  const { containerId } = await client.task(task);
  expect(output.split("\n").toSorted()).toEqual(["", "err", "out", containerId?.slice(0, 12)].toSorted());
  expect(exitCode).toBe(41);
});

test("input goes in, to its end; environment, user and directory are as asked", async () => {
  const asked = ["-i", "-e", "COLOUR=blue", "-u", "1234", "-w", "/proc", "shell", "--"];
  const { exitCode, output } = await exec([...asked, "sh", "-c", 'wc -l; echo "$COLOUR"; id -u; pwd'], "a\nb\nc\n");
  expect([exitCode, output.split("\n").map((line) => line.trim())]).toEqual([0, ["3", "blue", "1234", "/proc", ""]]);
});

test("with a terminal it is a session like any other: keys, Ctrl-C, size, exit status", async () => {
  const line = ["bin/birdman", "exec", ...managed(), "-it", "shell", "--", "sh"].join(" ");
  const child = spawn("script", ["-qec", `stty cols 111 rows 44; exec ${line}`, "/dev/null"], { stdio: "pipe" });
  let screen = "";
  child.stdout.on("data", (data: Buffer) => (screen += data.toString()));
  const shows = async (text: string | RegExp) => until(String(text), () => screen.match(text) !== null);
  await shows(/[#$] /);
  child.stdin.write("echo $((6*7)); stty size\n");
  await shows("42\r\n44 111");
  child.stdin.write("sleep 1000\n");
  await until("the sleep to run", async () => (await listProcesses()).includes("sleep 1000\n"));
  child.stdin.write("\u0003");
  child.stdin.write("exit 7\n");
  const [exitCode] = (await once(child, "exit")) as [number];
  expect(exitCode).toBe(7);
});

/** The command lines inside the task. */
async function listProcesses(): Promise<string> {
  const session = await client.exec(task, { command: ["sh", "-c", "ps -o args"] });
  let text = "";
  for await (const { data } of session.output()) text += Buffer.from(data).toString();
  return text;
}

test("Ctrl-C without a terminal reaches the command; one that is left alone is ended", async () => {
  const script = "trap 'echo caught; exit 9' INT; echo ready; while :; do sleep 0.05; done";
  const interrupted = startBirdman(["exec", ...managed(), "shell", "--", "sh", "-c", script]);
  await until("it to be ready", () => interrupted.output().includes("ready"));
  expect(await interrupted.end("SIGINT")).toBe(9);
  expect(interrupted.output()).toContain("caught");

  const left = startBirdman(["exec", ...managed(), "shell", "--", "sleep", "4321"]);
  await until("it to run", async () => (await listProcesses()).includes("sleep 4321"));
  await left.end("SIGKILL");
  await until("it to be ended", async () => !(await listProcesses()).includes("sleep 4321"));
});

test("what cannot be run is told: no such task, no such program, a task that has ended", async () => {
  expect(await exec(["nothing", "--", "true"], "")).toMatchObject({
    exitCode: 1,
    output: expect.stringContaining("nothing"),
  });
  const missing = await exec(["shell", "--", "/no/such/program"], "");
  expect([1, 126, 127]).toContain(missing.exitCode);
  const { id } = await client.submit({ image: BUSYBOX, command: ["true"] });
  await until("it to end", async () => (await client.task(id)).state === "completed");
  const ended = await exec([id, "--", "true"], "");
  expect(ended).toMatchObject({ exitCode: 1, output: expect.stringContaining("the task has completed") });
  expect(await exec(["-it", "shell", "--", "sh"], "")).toMatchObject({ exitCode: 2 });
});
