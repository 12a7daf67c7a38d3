/** The single executable file: alone in a folder, with neither Node nor npm nor the checkout in reach. */
import { execFile, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NODE_FLAGS } from "../../scripts/package/node-flags.ts";
import { freePort, until } from "../support/birdman-process.ts";

const ROOT = join(import.meta.dirname, "../..");
const BUILD_MS = 240_000;
/** A command that takes so long hangs. */
const COMMAND_MS = 30_000;
const execute = promisify(execFile);

let folder: string;
let program: string;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "birdman-alone-"));
  const out = join(folder, "out");
  await execute(process.execPath, [join(ROOT, "scripts/package/main.ts"), "--out", out, "--no-archive"]);
  mkdirSync(join(folder, "alone"));
  program = join(folder, "alone/birdman");
  renameSync(join(out, `birdman-linux-${process.arch}`), program);
  // All that processes as tasks need of the machine.
  mkdirSync(join(folder, "bin"));
  symlinkSync("/usr/bin/mkfifo", join(folder, "bin/mkfifo"));
  env = { PATH: join(folder, "bin"), XDG_CACHE_HOME: join(folder, "cache") };
}, BUILD_MS);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ran {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

function run(...args: readonly string[]): Ran {
  const options = { env, encoding: "utf8", cwd: join(folder, "alone"), timeout: COMMAND_MS } as const;
  const { status, stdout, stderr } = spawnSync(program, args, options);
  return { status, out: stdout, err: stderr };
}

/** `birdman dev` with process tasks and a lasting directory. */
async function startDev(port: number): Promise<ChildProcess> {
  const place = ["--port", String(port), "--worker-port", "0", "--data-dir", join(folder, "data")];
  const dev = spawn(program, ["dev", "--runtime", "process", ...place], { env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [dev.stdout, dev.stderr]) stream.on("data", (data: Buffer) => (output += data.toString()));
  await until("dev to start", async () => {
    if (dev.exitCode !== null) throw new Error(output);
    const answer = await fetch(`http://127.0.0.1:${String(port)}/stats`).catch(() => undefined);
    return answer?.ok === true && ((await answer.json()) as { nodes: { ready: number } }).nodes.ready === 1;
  });
  return dev;
}

async function end(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
  return child.exitCode;
}

test("prints its version, unpacks once, and mends what was taken away", () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
  const expected = { status: 0, out: `${version}\n`, err: "" };
  expect(run("--version")).toEqual(expected);
  const folders = readdirSync(join(folder, "cache/birdman"));
  expect(folders).toEqual([expect.stringMatching(new RegExp(`^${version}-[0-9a-f]{12}$`))]);
  const chunks = join(folder, "cache/birdman", folders[0] ?? "", "chunks");
  const [chunk = "", cut = ""] = readdirSync(chunks);
  rmSync(join(chunks, chunk));
  writeFileSync(join(chunks, cut), "");
  expect(run("--version")).toEqual(expected);
  expect(readdirSync(chunks)).toContain(chunk);
  expect(readFileSync(join(chunks, cut), "utf8")).not.toBe("");
});

test("its Node is started with our flags", () => {
  const probe = join(folder, "probe.cjs");
  writeFileSync(probe, "console.log(JSON.stringify(process.execArgv)); process.exit();");
  const options = { env: { ...env, NODE_OPTIONS: `--require=${probe}` }, encoding: "utf8" } as const;
  expect(JSON.parse(spawnSync(program, ["--version"], options).stdout)).toEqual(NODE_FLAGS);
});

test("says what to do where it cannot unpack", () => {
  const blocked = join(folder, "blocked");
  writeFileSync(blocked, "");
  const { status, stderr } = spawnSync(program, ["--version"], { env: { ...env, XDG_CACHE_HOME: blocked } });
  expect(status).toBe(1);
  expect(stderr.toString()).toMatch(/^birdman: cannot unpack its files \(.*\); set XDG_CACHE_HOME /);
});

test("runs a manager, a worker, the pages and tasks, which outlive a restart", async () => {
  const port = await freePort();
  const manager = ["--manager", `127.0.0.1:${String(port)}`];
  let dev = await startDev(port);
  try {
    const file = join(folder, "task.json");
    const document = { name: "long", runtime: "process", command: ["/bin/sleep", "1000"], stopTimeout: 0 };
    writeFileSync(file, JSON.stringify(document));
    expect(run("run", "--wait", "-f", file, ...manager)).toMatchObject({ status: 0 });
    const task = (): Record<string, unknown> =>
      JSON.parse(run("status", "long", "-o", "json", ...manager).out) as Record<string, unknown>;
    const before = task();
    expect(before).toMatchObject({ state: "running", node: "worker1" });

    expect(await end(dev)).toBe(0);
    process.kill(Number(before["containerId"]), 0); // it runs on
    dev = await startDev(port);
    await until("the task to be adopted", () => task()["state"] === "running");
    expect(task()).toMatchObject({ containerId: before["containerId"], restarts: 0 });

    for (const path of ["/ui/", "/docs/"]) {
      const page = await fetch(`http://127.0.0.1:${String(port)}${path}`);
      expect(page.status).toBe(200);
      expect(await page.text()).toContain("<html");
    }
    const id = String(before["id"]);
    expect(run("stop", "--wait", id, ...manager)).toMatchObject({ status: 0 });
    expect(JSON.parse(run("status", id, "-o", "json", ...manager).out)).toMatchObject({ state: "completed" });
    expect(run("status", ...manager).out).toMatch(/^ID +NAME +STATE/);
  } finally {
    await end(dev);
  }
});
