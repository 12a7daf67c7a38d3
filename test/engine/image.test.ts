/**
 * The Dockerfile: what it builds runs a manager and a worker, whose tasks outlive their containers.
 *
 * No image can be pulled here, so the base is made of this machine's Node and busybox; and since there is no registry
 * within the build, its `npm` is a stand-in that brings along what the real one would have made.
 */
import { execFile } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { librariesOf } from "../../scripts/echo-image.ts";
import { NODE_FLAGS } from "../../scripts/package/node-flags.ts";
import { freePort, until } from "../support/birdman-process.ts";
import { BUSYBOX, startDockerd, type TestDockerd } from "../support/engines.ts";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "../..");
const BUILD_MS = 400_000;
const TOOLS = ["sh", "printf", "chmod", "chown", "mkdir", "cp", "mkfifo"];

let engine: TestDockerd;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "birdman-image-"));
  engine = await startDockerd({ network: "none" });
  await makeBase();
  await docker("build", "--build-arg", "BASE=base:local", "-t", "birdman:local", context());
}, BUILD_MS);

afterAll(async () => {
  await engine.stop();
  rmSync(folder, { recursive: true });
});

async function docker(...args: readonly string[]): Promise<string> {
  const env = { ...process.env, DOCKER_BUILDKIT: "0", DOCKER_HOST: engine.dockerHost };
  return (await run("docker", args, { env })).stdout.trim();
}

/** Node, its libraries, busybox, and an `npm` that has the program ready. */
async function makeBase(): Promise<void> {
  const base = join(folder, "base");
  const put = (path: string, source: string): void => {
    mkdirSync(dirname(join(base, path)), { recursive: true });
    copyFileSync(source, join(base, path));
  };
  const node = realpathSync(process.execPath);
  for (const library of librariesOf(node)) put(library, realpathSync(library));
  put("usr/local/bin/node", node);
  put("bin/busybox", "/bin/busybox");
  for (const tool of TOOLS) symlinkSync("busybox", join(base, "bin", tool));
  mkdirSync(join(base, "tmp"));
  chmodSync(join(base, "tmp"), 0o1777);
  await run(process.execPath, [join(ROOT, "scripts/package/main.ts"), "--files", join(base, "prepared")]);
  const npm =
    '#!/bin/sh\ncase "$*" in\n  ci*) ;;\n  "run package -- --files "*) mkdir -p /opt && cp -r /prepared "$5" ;;\n  *) exit 9 ;;\nesac\n';
  writeFileSync(join(base, "usr/local/bin/npm"), npm, { mode: 0o755 });
  const archive = join(folder, "base.tar");
  await run("tar", ["-C", base, "--owner=0", "--group=0", "-cf", archive, "."]);
  await docker("import", "-c", "ENV PATH=/usr/local/bin:/bin", archive, "base:local");
}

/** As a clone of the repository is, to the extent that matters here. */
function context(): string {
  const clone = join(folder, "clone");
  for (const part of ["Dockerfile", ".dockerignore", "package.json", "package-lock.json"]) {
    cpSync(join(ROOT, part), join(clone, part));
  }
  return clone;
}

test("it is birdman, and says how to use it", async () => {
  expect(await docker("run", "--rm", "birdman:local")).toContain("Usage: birdman COMMAND");
  expect(await docker("run", "--rm", "birdman:local", "--version")).toMatch(/^\d+\.\d+\.\d+$/);
});

test("its Node is started with our flags", async () => {
  const program = 'require("fs").writeSync(1, JSON.stringify(process.execArgv)); process.exit();';
  writeFileSync(join(folder, "probe.cjs"), program);
  const probe = ["-v", `${folder}/probe.cjs:/probe.cjs`, "-e", "NODE_OPTIONS=--require=/probe.cjs"];
  expect(JSON.parse(await docker("run", "--rm", ...probe, "birdman:local", "--version"))).toEqual(NODE_FLAGS);
});

test("a manager without rights and a worker with the engine's socket run tasks, which outlive both", async () => {
  const [port, workerPort] = [String(await freePort()), String(await freePort())];
  const socket = engine.dockerHost.replace("unix://", "");
  const named = (name: string): readonly string[] => ["run", "-d", "--name", name, "--network", "host"];
  const manager = ["manager", "--port", port];
  await docker(
    ...named("manager"),
    "--user",
    "1000:1000",
    "-v",
    "manager:/var/lib/birdman",
    "birdman:local",
    ...manager,
  );
  const volumes = ["-v", "worker:/var/lib/birdman", "-v", `${socket}:/var/run/docker.sock`];
  const worker = ["worker", "--name", "w1", "--port", workerPort, "--manager", `127.0.0.1:${port}`];
  await docker(...named("worker"), ...volumes, "birdman:local", ...worker);
  const birdman = async (...args: readonly string[]): Promise<string> =>
    docker("exec", "-e", `BIRDMAN_MANAGER=127.0.0.1:${port}`, "manager", "birdman", ...args);
  await until("the worker to join", async () => (await birdman("node").catch(() => "")).includes("ready"));

  const id = await birdman("run", "--name", "long", "--wait", BUSYBOX, "--", "sleep", "1000");
  const task = async (): Promise<Record<string, unknown>> =>
    JSON.parse(await birdman("status", id, "-o", "json").catch(() => "{}")) as Record<string, unknown>;
  const before = await task();
  expect(before).toMatchObject({ state: "running", node: "w1" });

  const begin = performance.now();
  await docker("restart", "manager", "worker");
  // Without ears for SIGTERM each would take the ten seconds after which an engine kills.
  expect(performance.now() - begin).toBeLessThan(18_000);
  await until("the worker to come back", async () => (await birdman("node").catch(() => "")).includes("ready"));
  expect(await task()).toMatchObject({ state: "running", containerId: before["containerId"], restarts: 0, attempt: 1 });

  const backup = join(folder, "cluster.backup");
  await run("sh", ["-c", `docker exec manager birdman backup - >${backup}`], {
    env: { ...process.env, DOCKER_HOST: engine.dockerHost },
  });
  await docker("cp", backup, "manager:/tmp/cluster.backup");
  expect(await birdman("restore", "--verify", "/tmp/cluster.backup")).toContain("1 live, 0 ended");
  await birdman("stop", "--wait", id);
});
