/** What only the process runtime promises; what it shares with the others is in `process.test.ts`. */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import type { SpecDocument } from "../../../task/document.ts";
import { requestOf, start, watch } from "../../../../test/support/instances.ts";
import { instanceName, type InstanceRef, type Runtime, type StartRequest } from "../runtime.ts";
import { InstanceFiles, writeJson, type Custody } from "./instance-files.ts";
import { createProcessRuntime } from "./process-runtime.ts";
import { isAlive, readEnvironment, readProcess, readProcesses } from "./procfs.ts";

const WAIT = { timeout: 15_000, interval: 10 };
const isRoot = process.getuid?.() === 0;

/** Shared by all tests, so that the shim's compiled code is; each has a worker of its own in it. */
const directory = mkdtempSync(join(tmpdir(), "birdman-process-"));
let workerId = "";
let files: InstanceFiles;
let opened: Runtime[] = [];
let runtime: Runtime;

function open(options: { logBytes?: number } = {}): Runtime {
  const made = createProcessRuntime({ workerId, directory, ...options });
  opened.push(made);
  return made;
}

beforeEach(() => {
  workerId = randomUUID();
  files = new InstanceFiles(join(directory, workerId));
  opened = [];
  runtime = open();
});

afterEach(async () => {
  for (const each of opened) {
    for (const { ref } of await each.list()) await each.remove(ref);
    await each.close();
  }
  await vi.waitFor(() => expect(processesOf(workerId)).toEqual([]), WAIT);
});

afterAll(() => rmSync(directory, { recursive: true }));

function shell(script: string, more: SpecDocument = {}): StartRequest {
  return requestOf({ runtime: "process", command: ["sh", "-c", script], ...more });
}

/** Pids of the shims of the worker with this id, and of all that was started with the text in its environment. */
function processesOf(text: string): number[] {
  return readProcesses()
    .map(({ pid }) => pid)
    .filter(
      (pid) => pid !== process.pid && (commandLine(pid).includes(text) || readEnvironment(pid).join().includes(text)),
    );
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${String(pid)}/cmdline`, "utf8");
  } catch {
    // It has ended.
    return "";
  }
}

function custodyOf(ref: InstanceRef): Custody {
  const custody = files.readCustody(instanceName(ref));
  if (custody === undefined) throw new Error("nobody has started it");
  return custody;
}

async function output(ref: InstanceRef): Promise<string> {
  const options = { follow: false, timestamps: false, stdout: true, stderr: true };
  let text = "";
  for await (const { data } of runtime.logs(ref, options, AbortSignal.timeout(10_000)))
    text += Buffer.from(data).toString();
  return text;
}

async function exitOf(ref: InstanceRef): Promise<number | undefined> {
  return vi.waitFor(async () => {
    const instance = (await runtime.list()).find((each) => instanceName(each.ref) === instanceName(ref));
    expect(instance?.running).toBe(false);
    return instance?.exit?.exitCode;
  }, WAIT);
}

/** Starts a script and waits until it has said that its traps are set. */
async function ready(script: string): Promise<StartRequest> {
  const request = shell(script);
  await start(runtime, request);
  await vi.waitFor(async () => expect(await output(request.ref)).toBe("ready\n"), WAIT);
  return request;
}

/** Runs a script to its end and gives what it printed. */
async function run(script: string, more: SpecDocument = {}): Promise<string> {
  const request = shell(script, more);
  await start(runtime, request);
  await exitOf(request.ref);
  return output(request.ref);
}

describe("adoption", () => {
  test("a worker that is killed leaves its instance running; the next one finds it, its log and its end", async () => {
    const request = shell("echo early; while [ ! -e $FLAG ]; do sleep 0.02; done; echo late; exit 9", {
      env: { FLAG: join(files.exits, "..", "flag") },
    });
    const worker = spawn(process.execPath, ["--input-type=module", "-e", WORKER_PROGRAM], {
      env: { PATH: process.env["PATH"], DIRECTORY: directory, WORKER: workerId, REQUEST: JSON.stringify(request) },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(worker.stdout, "data")) as [Buffer];
    const started = JSON.parse(line.toString()) as { containerId: string };
    worker.kill("SIGKILL");
    await once(worker, "exit");

    const notices = await watch(runtime);
    expect(await runtime.list()).toMatchObject([
      { ref: request.ref, running: true, label: request.label, containerId: started.containerId },
    ]);
    expect(await start(runtime, request)).toMatchObject(started);
    const use = await runtime.use();
    expect([...use.keys()]).toEqual([instanceName(request.ref)]);
    writeFileSync(join(files.exits, "..", "flag"), "");
    const notice = { kind: "exited", ref: request.ref, exit: expect.objectContaining({ exitCode: 9 }) };
    await vi.waitFor(() => expect(notices).toContainEqual(notice), WAIT);
    expect(await output(request.ref)).toBe("early\nlate\n");
    // The shim of the dead worker ends with its last command.
    await vi.waitFor(() => expect(processesOf(workerId)).toEqual([]), WAIT);
  });

  test("a pid that was handed out again is neither adopted nor killed", async () => {
    const bystander = spawn("sleep", ["1000"], { detached: true, stdio: "ignore" });
    onTestFinished(() => void bystander.kill("SIGKILL"));
    const request = shell("sleep 1000");
    const name = instanceName(request.ref);
    await start(runtime, request);
    const custody = custodyOf(request.ref);
    await runtime.close();
    process.kill(custody.shim.pid, "SIGKILL");
    process.kill(custody.leader?.pid ?? 0, "SIGKILL");
    await vi.waitFor(() => expect(isAlive(custody.shim)).toBe(false), WAIT);
    const pid = bystander.pid ?? 0;
    writeJson(files.custody(name), { ...custody, leader: { pid, startTicks: 1 } });
    runtime = open();
    expect(await runtime.list()).toMatchObject([{ running: false, exit: { exitCode: 255 } }]);
    expect(await runtime.stop(request.ref, 100)).toMatchObject({ exitCode: 255 });
    await runtime.remove(request.ref);
    expect(processesOf(name)).toEqual([]);
    expect(readProcess(pid)).toBeDefined();
  });

  test("what ran before the machine was started again has ended, nobody knows how", async () => {
    const request = shell("sleep 1000");
    await start(runtime, request);
    const custody = custodyOf(request.ref);
    await runtime.close();
    writeJson(files.custody(instanceName(request.ref)), { ...custody, bootId: "another" });
    runtime = open();
    expect(await runtime.list()).toMatchObject([{ running: false, exit: { exitCode: 255, oomKilled: false } }]);
  });

  test("a start that was cut short by a crash is made anew, once", async () => {
    const request = shell("sleep 1000");
    const name = instanceName(request.ref);
    await start(runtime, request);
    const { bootId, shim, leader } = custodyOf(request.ref);
    process.kill(shim.pid, "SIGKILL");
    // As if the shim had come no further than to run it.
    writeJson(files.custody(name), { bootId, shim });
    await vi.waitFor(() => expect(isAlive(shim)).toBe(false), WAIT);
    const again = await start(runtime, request);
    expect(again.containerId).not.toBe(String(leader?.pid));
    const sessions = processesOf(name).map((pid) => String(readProcess(pid)?.session ?? again.containerId));
    expect(new Set(sessions)).toEqual(new Set([again.containerId]));
  });

  test("remains of starts and removals that were cut short are cleared away", async () => {
    files.create();
    await start(runtime, shell("true"));
    await runtime.close();
    rmSync(files.instances, { recursive: true });
    files.create();
    writeFileSync(join(files.exits, "birdman-gone-1-0"), "{}");
    runtime = open();
    expect(await runtime.list()).toEqual([]);
    expect(readdirSync(files.exits)).toEqual([]);
  });
});

describe("a shim that is killed", () => {
  test("takes no instance with it, and the end of one is still noticed", async () => {
    const notices = await watch(runtime);
    const request = shell("sleep 1000");
    await start(runtime, request);
    const { shim, leader } = custodyOf(request.ref);
    process.kill(shim.pid, "SIGKILL");
    await vi.waitFor(() => expect(isAlive(shim)).toBe(false), WAIT);
    expect(await runtime.list()).toMatchObject([{ ref: request.ref, running: true }]);
    process.kill(leader?.pid ?? 0, "SIGKILL");
    const notice = { kind: "exited", ref: request.ref, exit: expect.objectContaining({ exitCode: 255 }) };
    await vi.waitFor(() => expect(notices).toContainEqual(notice), WAIT);
  });

  test("is replaced for the next start", async () => {
    const first = shell("sleep 1000");
    await start(runtime, first);
    process.kill(custodyOf(first.ref).shim.pid, "SIGKILL");
    await vi.waitFor(() => expect(isAlive(custodyOf(first.ref).shim)).toBe(false), WAIT);
    expect(await run("echo hello")).toBe("hello\n");
    expect(await runtime.stop(first.ref, 5000)).toMatchObject({ exitCode: 255 });
  });

  test("or asked to end by the system stays until its commands have ended", async () => {
    const request = await ready("trap 'exit 4' TERM; echo ready; sleep 1000 & wait");
    const { shim } = custodyOf(request.ref);
    for (const name of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.kill(shim.pid, name);
    expect(await runtime.stop(request.ref, 5000)).toMatchObject({ exitCode: 4 });
  });
});

describe("the end of an instance", () => {
  test.each([
    ["exit 0", 0],
    ["exit 200", 200],
    ["kill -TERM $$", 143],
    ["kill -KILL $$", 137],
    ["kill -SEGV $$", 139],
  ])("by `%s` is exit code %i", async (script, exitCode) => {
    const request = shell(script);
    await start(runtime, request);
    expect(await exitOf(request.ref)).toBe(exitCode);
  });

  test("when stopped takes along all that it started, also what heeds no request or has left its group or session", async () => {
    const request = shell(`
      (trap '' TERM; sleep 1001) &
      sh -mc 'sleep 1002 & wait' &
      setsid sleep 1003 &
      timeout 1004 sleep 1004 &
      env -i sh -c 'trap "" TERM; sleep 1005; exit' "$BIRDMAN_INSTANCE" &
      wait; wait; wait; wait; wait`);
    await start(runtime, request);
    await vi.waitFor(() => expect(processesOf(instanceName(request.ref)).length).toBeGreaterThanOrEqual(8), WAIT);
    await runtime.stop(request.ref, 200);
    expect(processesOf(instanceName(request.ref))).toEqual([]);
  });

  test("by itself takes along what it left behind, as in a container", async () => {
    const request = shell("sleep 1000 & exit 0");
    await start(runtime, request);
    expect(await exitOf(request.ref)).toBe(0);
    expect(processesOf(instanceName(request.ref))).toEqual([]);
  });

  test("is not waited for longer than the timeout says, which may be nothing", async () => {
    const request = await ready("trap '' TERM; echo ready; while true; do sleep 1; done");
    const before = performance.now();
    expect(await runtime.stop(request.ref, 0)).toMatchObject({ exitCode: 137 });
    expect(performance.now() - before).toBeLessThan(3000);
  });

  test("is told to a start that comes too late, which runs nothing again", async () => {
    const request = shell("echo run; exit 6");
    const started = await start(runtime, request);
    await exitOf(request.ref);
    const notices = await watch(runtime);
    expect(await start(runtime, request)).toEqual(started);
    expect(notices).toMatchObject([{ kind: "exited", exit: { exitCode: 6 } }]);
    expect(await output(request.ref)).toBe("run\n");
  });
});

describe("what a command finds", () => {
  test("is an environment with nothing of the worker's own", async () => {
    vi.stubEnv("BIRDMAN_TOKEN", "the worker's secret");
    try {
      const request = shell("env");
      const ports = [
        { container: 7777, host: 20_001, protocol: "tcp", address: "127.0.0.1" },
        { container: 53, host: 20_002, protocol: "udp", address: "127.0.0.1" },
      ] as const;
      await start(runtime, { ...request, ports });
      await exitOf(request.ref);
      const names = (await output(request.ref)).split("\n").filter((line) => line !== "");
      expect(names.map((line) => line.split("=")[0]).toSorted()).toEqual([
        ...["BIRDMAN_ATTEMPT", "BIRDMAN_INSTANCE", "BIRDMAN_NODE", "BIRDMAN_TASK_ID", "BIRDMAN_TASK_NAME"],
        ...["HOME", "LANG", "PATH", "PORT", "PORT_53", "PORT_7777", "PWD"],
      ]);
      expect(names).toEqual(expect.arrayContaining(["PORT=20001", "PORT_7777=20001", "PORT_53=20002"]));
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test("is output that can be opened by name, as scripts do", async () => {
    expect(await run("echo one > /dev/stdout; echo two > /dev/stderr")).toBe("one\ntwo\n");
  });

  test.runIf(isRoot)("is the user, the group and the home that were asked for", async () => {
    expect(await run("id -u; id -g; id -G; echo > /dev/stderr", { user: "nobody" })).toBe("65534\n65534\n65534\n\n");
    expect(await run("id -u; id -g; echo $HOME", { user: "12345:54321" })).toBe("12345\n54321\n/\n");
  });

  test("is a place on the disk that is bounded, whatever it prints", async () => {
    await runtime.close();
    runtime = open({ logBytes: 4e6 });
    const request = shell("yes | head -c 1000000; echo the end");
    await start(runtime, request);
    await exitOf(request.ref);
    const log = files.log(instanceName(request.ref));
    expect(statSync(log).size + statSync(`${log}.1`).size).toBeLessThanOrEqual(8e6);
    expect(await output(request.ref)).toMatch(/y\nthe end\n$/);
  });

  test("secrets included, is on disk for its owner alone", async () => {
    const request = shell("sleep 1000", { env: { TOKEN: { value: "s3cret", secret: true } } });
    await start(runtime, request);
    expect(statSync(files.record(instanceName(request.ref))).mode & 0o077).toBe(0);
    expect(statSync(files.instances).mode & 0o077).toBe(0);
    await runtime.remove(request.ref);
    expect(existsSync(files.directory(instanceName(request.ref)))).toBe(false);
  });
});

describe("what is refused", () => {
  test.each<[string, SpecDocument, { code: string; message: RegExp }]>([
    ["an image", { image: "nginx" }, { code: "spec", message: /image \(nginx\) and no command/ }],
    [
      "volumes",
      { command: ["true"], volumes: [{ source: "data", target: "/data" }] },
      { code: "spec", message: /no volumes/ },
    ],
    [
      "a working directory that is not there",
      { command: ["true"], workingDir: "/no/such/place" },
      { code: "spec", message: /\/no\/such\/place/ },
    ],
    [
      "a user that is not there",
      { command: ["true"], user: "nobody-at-all" },
      { code: "spec", message: /"nobody-at-all"/ },
    ],
    ["a file that is no program", { command: ["/etc/passwd"] }, { code: "command", message: /\/etc\/passwd/ }],
    ["a directory", { command: ["/etc"] }, { code: "command", message: /\/etc/ }],
    [
      "a name that is nowhere in the path",
      { command: ["no-such-program"] },
      { code: "command", message: /no-such-program/ },
    ],
    ["too long a command", { command: ["true", "x".repeat(131_072)] }, { code: "spec", message: /longer/ }],
  ])("%s, and nothing is left", async (_what, document, { code, message }) => {
    await expect(start(runtime, requestOf({ runtime: "process", ...document }))).rejects.toMatchObject({
      name: "StartError",
      code,
      message: expect.stringMatching(message),
    });
    expect(await runtime.list()).toEqual([]);
    expect(readdirSync(files.instances)).toEqual([]);
  });

  test("a command beside an instance that does not run", async () => {
    const { ref } = shell("true");
    await expect(runtime.exec(ref, ["true"], 1000)).rejects.toThrow("does not run");
  });
});

/** A worker as small as can be: it starts what it is told to, says so, and stays. */
const WORKER_PROGRAM = `
  const { createProcessRuntime } = await import(${JSON.stringify(new URL("./process-runtime.ts", import.meta.url).href)});
  const { DIRECTORY: directory, WORKER: workerId, REQUEST } = process.env;
  const runtime = createProcessRuntime({ workerId, directory });
  const started = await runtime.start(JSON.parse(REQUEST), () => undefined, new AbortController().signal);
  console.log(JSON.stringify(started));
  setInterval(() => undefined, 1000);
`;
