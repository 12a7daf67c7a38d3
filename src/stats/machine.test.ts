import { execFileSync } from "node:child_process";
import { statfsSync } from "node:fs";
import { availableParallelism, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { coresBetween, MachineSampler, parseCpuCounters, parseMemory } from "./machine.ts";

const STAT = `cpu  100 20 30 1000 50 4 6 10 70 0
cpu0 50 10 15 500 25 2 3 5 35 0
cpu1 50 10 15 500 25 2 3 5 35 0
intr 123 4 5 6
ctxt 987
`;

/** A script that keeps a processor busy for more than a tick or two. */
const BUSY = "i=0; while [ $i -lt 50000 ]; do i=$((i+1)); done";

describe("processors", () => {
  test("are busy with all but idling and waiting for disks", () => {
    expect(parseCpuCounters(STAT)).toEqual({ busy: 170, total: 1220, processors: 2 });
  });

  test.each([
    ["of an old kernel, with four times", "cpu  1 2 3 4\ncpu0 1 2 3 4\n", { busy: 6, total: 10, processors: 1 }],
    ["without a line for each", "cpu  1 2 3 4\n", { busy: 6, total: 10, processors: 1 }],
    ["that say nothing", "", undefined],
    ["that say too little", "cpu  1 2\n", undefined],
  ])("%s", (_what, text, counters) => {
    expect(parseCpuCounters(text)).toEqual(counters);
  });

  test.each([
    ["half of two", { busy: 150, total: 300 }, 1],
    ["none", { busy: 100, total: 300 }, 0],
    ["no time", { busy: 100, total: 200 }, 0],
    ["counters that went back", { busy: 90, total: 300 }, 0],
    ["more than there is", { busy: 900, total: 300 }, 2],
  ])("in use: %s", (_what, after, cores) => {
    const before = { busy: 100, total: 200, processors: 2 };
    expect(coresBetween(before, { ...after, processors: 2 })).toBe(cores);
  });
});

describe("memory", () => {
  test("is available, not free", () => {
    const text =
      "MemTotal:        1000 kB\nMemFree:          100 kB\nMemAvailable:     700 kB\nCached:          500 kB\n";
    expect(parseMemory(text)).toEqual({ total: 1_024_000, available: 716_800 });
  });

  test("of a kernel that does not say is what is free and what would give way", () => {
    const text = "MemTotal: 1000 kB\nMemFree: 100 kB\nBuffers: 20 kB\nCached: 300 kB\nSwapCached: 999 kB\n";
    expect(parseMemory(text)).toEqual({ total: 1_024_000, available: 430_080 });
  });

  test("that is not said is undefined", () => {
    expect(parseMemory("")).toBeUndefined();
  });
});

describe("this machine", () => {
  test("has what Node and df say it has", async () => {
    const sample = await new MachineSampler(tmpdir()).sample();
    expect(sample.cores).toBeGreaterThan(0);
    expect(sample.cores).toBeLessThanOrEqual(availableParallelism());
    expect(sample.memory.total).toBeGreaterThan(0);
    expect(sample.memory.total).toBeLessThanOrEqual(totalmem());
    expect(sample.memory.available).toBeLessThanOrEqual(sample.memory.total);
    const { bsize, blocks } = statfsSync(tmpdir());
    expect(sample.disk).toMatchObject({ path: tmpdir(), total: bsize * blocks });
    expect(sample.disk.available).toBeLessThanOrEqual(sample.disk.total);
  });

  test("has no rates at first, and then those since the last time", async () => {
    const sampler = new MachineSampler(tmpdir());
    expect((await sampler.sample()).use).toBeUndefined();
    const use = await vi.waitFor(
      async () => {
        // Something that is sure to be seen.
        execFileSync("sh", ["-c", BUSY]);
        const sample = await sampler.sample();
        expect(sample.use?.cpu).toBeGreaterThan(0);
        return sample.use;
      },
      { timeout: 10_000, interval: 20 },
    );
    expect(use?.cpu).toBeLessThanOrEqual(availableParallelism());
    expect(use?.memory).toBeGreaterThan(0);
    expect(use?.disk).toBeGreaterThan(0);
    expect(use?.load).toHaveLength(3);
  });

  test("says the same to all who ask within a fifth of a second", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    try {
      const sampler = new MachineSampler(tmpdir());
      const cpuAfter = async (ms: number): Promise<number | undefined> => {
        vi.advanceTimersByTime(ms);
        return (await sampler.sample()).use?.cpu;
      };
      expect(await cpuAfter(0)).toBeUndefined();
      expect(await cpuAfter(199)).toBeUndefined();
      const cpu = await cpuAfter(1);
      expect(cpu).toEqual(expect.any(Number));
      execFileSync("sh", ["-c", BUSY]);
      expect(await cpuAfter(199)).toBe(cpu);
    } finally {
      vi.useRealTimers();
    }
  });

  test("has a disk for a path that is still to be made", async () => {
    const path = join(tmpdir(), "not", "there", "yet");
    expect((await new MachineSampler(path).sample()).disk).toMatchObject({ path, total: expect.any(Number) });
  });
});
