/** The units of systemd: what systemd's own tools say of them, and that a server tells systemd how far it is. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startBirdman, until } from "../support/birdman-process.ts";
import { ensurePrograms } from "../support/packages.ts";

const ROOT = join(import.meta.dirname, "../..");
const UNITS = join(ROOT, "deploy/systemd");
const PROGRAM = join(ROOT, "bin/birdman");
/** Where the units expect the program. */
const INSTALLED = "/usr/local/bin/birdman";

let folder: string;

beforeAll(async () => {
  await ensurePrograms({ "systemd-analyze": "systemd" });
  folder = mkdtempSync(join(tmpdir(), "birdman-units-"));
  for (const name of readdirSync(UNITS)) {
    const unit = readFileSync(join(UNITS, name), "utf8");
    expect(unit).toContain(`ExecStart=${INSTALLED} `);
    writeFileSync(join(folder, name), unit.replaceAll(INSTALLED, PROGRAM));
  }
});

afterAll(() => rmSync(folder, { recursive: true }));

function analyze(...args: readonly string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync("systemd-analyze", args, { encoding: "utf8" });
  return { status, output: stdout + stderr };
}

test.each(readdirSync(UNITS))("%s holds no mistake", (name) => {
  // Warnings do not change the status, but are printed.
  expect(analyze("verify", "--man=no", "--recursive-errors=no", join(folder, name))).toEqual({ status: 0, output: "" });
});

test("the manager is kept from all that it does not need", () => {
  const { status } = analyze("security", "--offline=true", "--threshold=20", join(folder, "birdman-manager.service"));
  expect(status).toBe(0);
});

test("what the worker started outlives it", () => {
  const unit = readFileSync(join(UNITS, "birdman-worker.service"), "utf8");
  expect(unit).toMatch(/^KillMode=process$/m);
  expect(unit).toMatch(/^OOMPolicy=continue$/m);
});

test.each(["manager", "worker"])(
  "the %s tells the service manager when it serves, and when it ends",
  async (server) => {
    const bin = join(folder, server);
    const said = join(folder, `${server}.said`);
    mkdirSync(bin);
    writeFileSync(join(bin, "systemd-notify"), `#!/bin/sh\necho "$1 $NOTIFY_SOCKET" >>${said}\n`, { mode: 0o755 });
    const args = [server, "--port", "0", "--data-dir", join(folder, `${server}-data`)];
    const own = server === "worker" ? ["--name", "w1", "--runtime", "process", "--manager", "127.0.0.1:1"] : [];
    const started = startBirdman([...args, ...own], {
      env: { NOTIFY_SOCKET: "/run/said", PATH: [bin, process.env["PATH"]].join(delimiter) },
    });
    const lines = (): string => readFileSync(said, { encoding: "utf8", flag: "a+" });
    await until("the word that it is ready", () => lines() === "READY=1 /run/said\n");
    expect(started.output()).toContain(`birdman ${server}`);
    expect(await started.end()).toBe(0);
    await until("the word that it ends", () => lines() === "READY=1 /run/said\nSTOPPING=1 /run/said\n");
  },
);
