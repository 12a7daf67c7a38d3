/** Limits of processor and memory, which the kernel really enforces: run by every engine. */
import { expect, test, vi } from "vitest";
import { requestOf, start, watch } from "../support/instances.ts";
import { instanceName, type InstanceRef, type Runtime } from "../../src/worker/runtimes/runtime.ts";
import type { SpecDocument } from "../../src/task/document.ts";
import { BUSYBOX } from "../support/engines.ts";

const WAIT = { timeout: 20_000, interval: 20 };

/** The limits as the container sees them, for both versions of control groups: memory, then cpu as quota and period. */
const LIMITS = `cd /sys/fs/cgroup
if [ -e memory.max ]; then cat memory.max cpu.max
else cat memory/memory.limit_in_bytes; echo $(cat cpu/cpu.cfs_quota_us cpu/cpu.cfs_period_us); fi`;

export interface LimitSupport {
  /** Whether the engine knows that memory was the reason. Podman 4.3 does not on cgroups of version 1. */
  readonly tellsOutOfMemory: boolean;
}

/** `open` gives the runtime of the current test. */
export function limitTests(open: () => Runtime, { tellsOutOfMemory }: LimitSupport): void {
  async function run(script: string, limits: SpecDocument = {}): Promise<InstanceRef> {
    const request = requestOf({ image: BUSYBOX, command: ["sh", "-c", script], ...limits });
    await start(open(), request);
    return request.ref;
  }

  async function limitsOf(ref: InstanceRef): Promise<{ memory: string | undefined; cpu: string | undefined }> {
    const { output } = await open().exec(ref, ["sh", "-c", LIMITS], 10_000);
    const [memory, cpu] = output.split("\n");
    return { memory, cpu };
  }

  test("that were given are the kernel's", async () => {
    const ref = await run("sleep 1000", { cpu: 0.5, memory: "32MiB" });
    expect(await limitsOf(ref)).toEqual({ memory: String(32 * 2 ** 20), cpu: "50000 100000" });
  });

  test("that were not given are not set", async () => {
    const { memory, cpu } = await limitsOf(await run("sleep 1000"));
    expect(memory === "max" || Number(memory) > 2 ** 60).toBe(true);
    expect(cpu).toMatch(/^(-1|max) 100000$/);
  });

  test("hold back a task that wants more processor", async () => {
    const ref = await run("while true; do :; done", { cpu: 0.2 });
    await vi.waitFor(
      async () => {
        const cpu = (await open().use()).get(instanceName(ref))?.cpu ?? 0;
        expect(cpu).toBeGreaterThan(0.02);
        expect(cpu).toBeLessThan(0.3);
      },
      { timeout: 20_000, interval: 1000 },
    );
  });

  test("end a task that wants more memory, and it is told why", async () => {
    const notices = await watch(open());
    // tail keeps its input's last line in memory, and /dev/zero has no end of line.
    const ref = await run("exec tail /dev/zero", { memory: "16MiB" });
    const oomKilled: unknown = tellsOutOfMemory ? true : expect.any(Boolean);
    const exit = { exitCode: 137, oomKilled, finishedAt: expect.any(Number) };
    await vi.waitFor(() => expect(notices).toContainEqual({ kind: "exited", ref, exit }), WAIT);
    expect(await open().list()).toMatchObject([{ ref, running: false, exit }]);
  });

  test("are not the reason when a task is killed otherwise", async () => {
    const notices = await watch(open());
    const ref = await run("trap '' TERM; while true; do sleep 1; done", { memory: "16MiB" });
    expect(await open().stop(ref, 0)).toMatchObject({ exitCode: 137, oomKilled: false });
    const exit = { exitCode: 137, oomKilled: false, finishedAt: expect.any(Number) };
    await vi.waitFor(() => expect(notices).toContainEqual({ kind: "exited", ref, exit }), WAIT);
  });
}
