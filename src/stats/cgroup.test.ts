import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { locateCgroup, parseCgroupMounts, parseCgroupPaths, readCgroupUse } from "./cgroup.ts";

const V1_MOUNTS = `23 1 254:0 / / rw,relatime - ext4 /dev/vda rw
31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:10 - cgroup cgroup rw,cpu,cpuacct
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
`;
const V1_PATHS = `9:name=systemd:/docker/abc
4:memory:/docker/abc
2:cpu,cpuacct:/docker/abc
0::/docker/abc
`;
const V2_MOUNTS =
  "29 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";

describe("where a group keeps its files", () => {
  test("version 1: each controller in its own hierarchy", () => {
    expect(locateCgroup(parseCgroupPaths(V1_PATHS), parseCgroupMounts(V1_MOUNTS))).toEqual({
      cpu: { version: 1, directory: "/sys/fs/cgroup/cpu,cpuacct/docker/abc" },
      memory: { version: 1, directory: "/sys/fs/cgroup/memory/docker/abc" },
    });
  });

  test("version 2: one hierarchy for all", () => {
    const paths = parseCgroupPaths("0::/system.slice/docker-abc.scope\n");
    const files = { version: 2, directory: "/sys/fs/cgroup/system.slice/docker-abc.scope" };
    expect(locateCgroup(paths, parseCgroupMounts(V2_MOUNTS))).toEqual({ cpu: files, memory: files });
  });

  test("both: each controller where it is", () => {
    const mounts = V1_MOUNTS.split("\n").filter((line) => !line.includes("memory"));
    expect(locateCgroup(parseCgroupPaths(V1_PATHS), parseCgroupMounts(mounts.join("\n")))).toEqual({
      cpu: { version: 1, directory: "/sys/fs/cgroup/cpu,cpuacct/docker/abc" },
      memory: { version: 2, directory: "/sys/fs/cgroup/unified/docker/abc" },
    });
  });

  test("a hierarchy of which a part is mounted, at a path with a blank", () => {
    const mounts = parseCgroupMounts("29 23 0:26 /docker /mnt/c\\040g rw - cgroup2 cgroup2 rw\n");
    expect(locateCgroup(parseCgroupPaths("0::/docker/abc\n"), mounts)?.memory.directory).toBe("/mnt/c g/abc");
  });

  test("none where nothing is accounted", () => {
    expect(locateCgroup(parseCgroupPaths(""), parseCgroupMounts(V1_MOUNTS))).toBeUndefined();
    expect(locateCgroup(parseCgroupPaths(V1_PATHS), parseCgroupMounts(""))).toBeUndefined();
  });
});

describe("what a group uses", () => {
  let directory = "";

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "birdman-cgroup-"));
  });

  afterEach(async () => {
    await rm(directory, { recursive: true });
  });

  async function write(files: Readonly<Record<string, string>>): Promise<void> {
    await mkdir(directory, { recursive: true });
    for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  }

  test("version 1: nanoseconds, and bytes without the inactive file cache of the whole tree", async () => {
    await write({
      "cpuacct.usage": "2500000000\n",
      "memory.usage_in_bytes": "10000000\n",
      "memory.stat": "cache 5000000\ninactive_file 1\ntotal_cache 5000000\ntotal_inactive_file 4000000\n",
    });
    const files = { version: 1 as const, directory };
    expect(readCgroupUse({ cpu: files, memory: files })).toEqual({ cpuSeconds: 2.5, memory: 6_000_000 });
  });

  test("version 2: microseconds, and bytes without the inactive file cache", async () => {
    await write({
      "cpu.stat": "usage_usec 1250000\nuser_usec 1000000\nsystem_usec 250000\n",
      "memory.current": "10000000\n",
      "memory.stat": "anon 1\nfile 5000000\ninactive_file 4000000\n",
    });
    const files = { version: 2 as const, directory };
    expect(readCgroupUse({ cpu: files, memory: files })).toEqual({ cpuSeconds: 1.25, memory: 6_000_000 });
  });

  test("never less than nothing, though the files are read one after the other", async () => {
    await write({ "cpu.stat": "usage_usec 1\n", "memory.current": "10\n", "memory.stat": "inactive_file 20\n" });
    const files = { version: 2 as const, directory };
    expect(readCgroupUse({ cpu: files, memory: files })).toMatchObject({ memory: 0 });
  });

  test("a group that is gone uses nothing", () => {
    const files = { version: 2 as const, directory: join(directory, "gone") };
    expect(readCgroupUse({ cpu: files, memory: files })).toBeUndefined();
  });

  test("of this very process can be located on this machine", async () => {
    const mounts = parseCgroupMounts(await readFile("/proc/self/mountinfo", "utf8"));
    const cgroup = locateCgroup(parseCgroupPaths(await readFile("/proc/self/cgroup", "utf8")), mounts);
    expect([1, 2]).toContain(cgroup?.cpu.version);
  });
});
