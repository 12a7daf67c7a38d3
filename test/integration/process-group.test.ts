import { mkdtempSync, readFileSync, rmSync, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type GroupOptions, runGroup } from "../../scripts/process-group.ts";

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "birdman-group-"));
  file = join(folder, "pid");
});

afterEach(() => rmSync(folder, { recursive: true }));

async function run(program: string, options: Partial<GroupOptions> = {}): Promise<number | null> {
  const never = { signal: new AbortController().signal, isDone: () => false };
  return runGroup({ args: ["-e", program, file], cwd: folder, timeoutMs: 20_000, graceMs: 200, ...never, ...options });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A child of ours that was killed stays in the table until its parent, which is gone too, is replaced.
    return !readFileSync(`/proc/${String(pid)}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}

const LEAVES_A_CHILD = `
  const child = require("node:child_process").spawn("sleep", ["300"], { stdio: "ignore" });
  require("node:fs").writeFileSync(process.argv[1], String(child.pid));`;

test("the exit code is the program's", async () => {
  expect(await run("process.exit(4)")).toBe(4);
});

test("what the program leaves in its group goes with it", async () => {
  expect(await run(`${LEAVES_A_CHILD} process.exit(0)`)).toBe(0);
  await vi.waitFor(() => expect(isAlive(Number(readFileSync(file, "utf8")))).toBe(false));
});

test("one that takes too long is killed", async () => {
  expect(await run("setInterval(() => {}, 1000)", { timeoutMs: 100 })).toBeNull();
});

test("one that is done and does not end is killed", async () => {
  const program = `${LEAVES_A_CHILD} setInterval(() => {}, 1000)`;
  expect(await run(program, { isDone: () => existsSync(file) })).toBeNull();
});

test("one that is interrupted may end by itself", async () => {
  const program = `process.on("SIGINT", () => process.exit(5)); ${LEAVES_A_CHILD} setInterval(() => {}, 1000)`;
  const interrupted = new AbortController();
  const ended = run(program, { signal: interrupted.signal, graceMs: 20_000 });
  await vi.waitFor(() => expect(existsSync(file)).toBe(true), { timeout: 10_000 });
  interrupted.abort();
  expect(await ended).toBe(5);
});
