import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readContainerLimits } from "./container-limits.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "birdman-cgroup-"));
});
afterEach(() => rmSync(root, { recursive: true }));

/** Writes the files of a hierarchy that is mounted at `name`. */
function mounted(name: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(join(root, name));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(root, name, file), text);
}

function limits(...lines: readonly string[]): ReturnType<typeof readContainerLimits> {
  const path = join(root, "mountinfo");
  writeFileSync(path, lines.join("\n"));
  return readContainerLimits(path);
}

const UNIFIED = "30 23 0:26 / ROOT/unified rw,nosuid - cgroup2 cgroup2 rw";
const CPU = "31 23 0:27 /docker/abc ROOT/cpu rw,nosuid - cgroup cgroup rw,cpu";
const CPUACCT = "32 23 0:28 /docker/abc ROOT/cpuacct rw,nosuid - cgroup cgroup rw,cpuacct";
const MEMORY = "33 23 0:29 /docker/abc ROOT/memory rw,nosuid - cgroup cgroup rw,memory";
const at = (line: string): string => line.replace("ROOT", root);

test("of version 2 are read from the root of what is mounted", () => {
  mounted("unified", { "cpu.max": "150000 100000\n", "memory.max": "268435456\n" });
  const files = { version: 2, directory: join(root, "unified") };
  expect(limits(at(UNIFIED))).toEqual({ cpu: { cores: 1.5, files }, memory: { bytes: 268_435_456, files } });
});

test("of version 1 are read from each controller's own", () => {
  mounted("cpu", { "cpu.cfs_quota_us": "50000\n", "cpu.cfs_period_us": "100000\n" });
  mounted("cpuacct", {});
  mounted("memory", { "memory.limit_in_bytes": "536870912\n" });
  expect(limits(at(CPU), at(CPUACCT), at(MEMORY))).toEqual({
    cpu: { cores: 0.5, files: { version: 1, directory: join(root, "cpuacct") } },
    memory: { bytes: 536_870_912, files: { version: 1, directory: join(root, "memory") } },
  });
});

test.each<[string, () => ReturnType<typeof readContainerLimits>]>([
  [
    "version 2 that says so",
    () => {
      mounted("unified", { "cpu.max": "max 100000\n", "memory.max": "max\n" });
      return limits(at(UNIFIED));
    },
  ],
  [
    "version 1 that says so",
    () => {
      mounted("cpu", { "cpu.cfs_quota_us": "-1\n", "cpu.cfs_period_us": "100000\n" });
      mounted("memory", { "memory.limit_in_bytes": "9223372036854771712\n" });
      return limits(at(CPU), at(CPUACCT), at(MEMORY));
    },
  ],
  [
    "the root of a machine, which has no such files",
    () => {
      mounted("unified", {});
      return limits(at(UNIFIED));
    },
  ],
  ["no groups at all", () => limits("25 1 8:1 / / rw - ext4 /dev/sda1 rw")],
])("there are none in %s", (_what, read) => {
  expect(read()).toEqual({});
});
