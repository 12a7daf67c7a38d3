/** A data directory between processes: held while its holder lives, free however it dies. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockDirectory } from "../../src/store/directory-lock.ts";

const MODULE = new URL("../../src/store/directory-lock.ts", import.meta.url).href;

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "birdman-lock-"));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** Locks the directory, keeps no handle on the lock, and does what else is asked once it is locked. */
function program(afterwards: string): string[] {
  const script = `
    import { lockDirectory } from ${JSON.stringify(MODULE)};
    lockDirectory(${JSON.stringify(directory)}, "worker");
    await new Promise(setImmediate);
    gc();
    process.stdout.write("locked");
    ${afterwards}`;
  return ["--expose-gc", "--input-type=module", "-e", script];
}

test.each(["SIGKILL", "SIGTERM"] as const)("another process holds it until it ends by %s", async (signal) => {
  const holder = spawn(process.execPath, program("setInterval(() => {}, 60_000);"), {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(holder, "exit");
  try {
    await once(holder.stdout, "data");
    for (const expected of [directory, `a worker (pid ${String(holder.pid)})`, "--data-dir"]) {
      expect(() => lockDirectory(directory, "manager")).toThrow(expected);
    }
  } finally {
    holder.kill(signal);
    await ended;
  }
  lockDirectory(directory, "manager").release();
});

test("a process that ends by itself lets go of it", () => {
  const run = spawnSync(process.execPath, program("process.exit(0);"), { encoding: "utf8" });
  expect(run).toMatchObject({ stdout: "locked", status: 0 });
  lockDirectory(directory, "manager").release();
});

test("this process keeps it from others, also after they tried", () => {
  const lock = lockDirectory(directory, "manager");
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const run = spawnSync(process.execPath, program(""), { encoding: "utf8" });
    expect(run.status).not.toBe(0);
    expect(run.stdout).toBe("");
    expect(run.stderr).toContain(`a manager (pid ${String(process.pid)})`);
  }
  lock.release();
  expect(spawnSync(process.execPath, program(""), { encoding: "utf8" }).stdout).toBe("locked");
});

test("of processes that start at once, one gets it", async () => {
  const contenders = Array.from({ length: 4 }, () => {
    const child = spawn(process.execPath, program("setInterval(() => {}, 60_000);"), {
      stdio: ["ignore", "pipe", "pipe"],
    });
    return { child, ended: once(child, "exit") };
  });
  try {
    const outcomes = await Promise.all(
      contenders.map(({ child, ended }) => Promise.race([once(child.stdout, "data"), ended])),
    );
    expect(outcomes.filter(([outcome]) => String(outcome) === "locked")).toHaveLength(1);
  } finally {
    for (const { child } of contenders) child.kill("SIGKILL");
    await Promise.all(contenders.map(({ ended }) => ended));
  }
});
