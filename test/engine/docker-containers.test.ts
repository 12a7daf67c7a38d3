/** What the docker runtime makes of a spec on a real engine: limits, volumes, users; and what is left when a start fails. */
import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { SpecDocument } from "../../src/task/document.ts";
import { createDockerRuntime } from "../../src/worker/runtimes/docker/docker-runtime.ts";
import { requestOf, start, watch } from "../../src/worker/runtimes/runtime.suite.ts";
import { instanceName, type InstanceRef, type Runtime, type StartRequest } from "../../src/worker/runtimes/runtime.ts";
import { BUSYBOX, startDockerd, type TestDockerd } from "../support/engines.ts";

const WAIT = { timeout: 15_000, interval: 10 };

let engine: TestDockerd;
let runtime: Runtime;

beforeAll(async () => {
  engine = await startDockerd();
});

afterAll(async () => {
  await engine.stop();
});

beforeEach(() => {
  runtime = createDockerRuntime({ workerId: randomUUID(), dockerHost: engine.dockerHost });
});

afterEach(async () => {
  for (const { ref } of await runtime.list()) await runtime.remove(ref);
  await runtime.close();
});

function shell(script: string, more: SpecDocument = {}): SpecDocument {
  return { image: BUSYBOX, command: ["sh", "-c", script], ...more };
}

async function run(document: SpecDocument): Promise<StartRequest> {
  const request = requestOf(document);
  await start(runtime, request);
  return request;
}

async function inside(ref: InstanceRef, command: string): Promise<string> {
  const { exitCode, output } = await runtime.exec(ref, ["sh", "-c", command], 10_000);
  expect(output === "" || exitCode === 0, output).toBe(true);
  return output.trim();
}

/** Everything that the engine has, whoever it belongs to. */
async function everything(): Promise<{ containers: number; networks: number; volumes: number }> {
  const [containers, networks, { Volumes: volumes }] = await Promise.all([
    engine.docker.listContainers({ all: true }),
    engine.docker.listNetworks(),
    engine.docker.listVolumes(),
  ]);
  return { containers: containers.length, networks: networks.length, volumes: volumes.length };
}

describe("limits", () => {
  test("that were given are the kernel's", async () => {
    const { ref } = await run(shell("sleep 1000", { cpu: 0.5, memory: "32MiB" }));
    const [memory, swap, cpu] = (await inside(ref, LIMITS)).split("\n");
    expect(memory).toBe(String(32 * 2 ** 20));
    expect([String(32 * 2 ** 20), "0"]).toContain(swap);
    expect(cpu).toBe("50000 100000");
  });

  test("that were not given are not set", async () => {
    const { ref } = await run(shell("sleep 1000"));
    const [memory, , cpu] = (await inside(ref, LIMITS)).split("\n");
    expect(memory === "max" || Number(memory) > 2 ** 60).toBe(true);
    expect(cpu).toMatch(/^(-1|max) 100000$/);
  });

  test("hold back a task that wants more processor", async () => {
    const { ref } = await run(shell("while true; do :; done", { cpu: 0.2 }));
    await runtime.use();
    await vi.waitFor(
      async () => {
        const cpu = (await runtime.use()).get(instanceName(ref))?.cpu ?? 0;
        expect(cpu).toBeGreaterThan(0.02);
        expect(cpu).toBeLessThan(0.3);
      },
      { timeout: 15_000, interval: 1000 },
    );
  });

  test("end a task that wants more memory, and it is told why", async () => {
    const notices = await watch(runtime);
    // tail keeps its input's last line in memory, and /dev/zero has no end of line.
    const { ref } = await run(shell("exec tail /dev/zero", { memory: "16MiB" }));
    const exit = { exitCode: 137, oomKilled: true, finishedAt: expect.any(Number) };
    await vi.waitFor(() => expect(notices).toContainEqual({ kind: "exited", ref, exit }), WAIT);
    expect(await runtime.list()).toMatchObject([{ ref, running: false, exit }]);
  });

  test("below what the engine allows are refused in plain words", async () => {
    await expect(run(shell("true", { memory: "1MiB" }))).rejects.toMatchObject({
      code: "spec",
      message: "the memory limit is too small: the engine allows no less than 6MB",
    });
    await expect(run(shell("true", { cpu: 10_000 }))).rejects.toMatchObject({ code: "spec", message: /limit cpu/ });
  });
});

/** The limits as the container sees them, for both versions of control groups: memory, memory with swap or swap, cpu. */
const LIMITS = `cd /sys/fs/cgroup
if [ -e memory.max ]; then cat memory.max memory.swap.max cpu.max
else cat memory/memory.limit_in_bytes memory/memory.memsw.limit_in_bytes 2>/dev/null || echo 0
  echo $(cat cpu/cpu.cfs_quota_us cpu/cpu.cfs_period_us); fi`;

describe("what else a spec says", () => {
  test("host paths are mounted, read-only where asked to", async () => {
    const folder = await mkdtemp(join(tmpdir(), "birdman-volume-"));
    try {
      await writeFile(join(folder, "file"), "from the host");
      const volumes = [
        { source: folder, target: "/rw" },
        { source: folder, target: "/ro", readOnly: true },
      ];
      const { ref } = await run(shell("sleep 1000", { volumes }));
      expect(await inside(ref, "cat /ro/file")).toBe("from the host");
      expect(await inside(ref, "echo changed > /rw/file; cat /ro/file")).toBe("changed");
      expect((await runtime.exec(ref, ["touch", "/ro/new"], 5000)).exitCode).not.toBe(0);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("a named volume outlives its task", async () => {
    const name = `birdman-test-${randomUUID()}`;
    const document = shell("cat /data/kept; date > /data/kept; sleep 1000", {
      volumes: [{ source: name, target: "/data" }],
    });
    const first = await run(document);
    await vi.waitFor(async () => expect(await inside(first.ref, "cat /data/kept")).not.toBe(""), WAIT);
    const written = await inside(first.ref, "cat /data/kept");
    await runtime.remove(first.ref);
    const second = await run(shell("sleep 1000", { volumes: [{ source: name, target: "/data" }] }));
    expect(await inside(second.ref, "cat /data/kept")).toBe(written);
    await runtime.remove(second.ref);
    await engine.docker.getVolume(name).remove();
  });

  test("a volume without a name goes with its task", async () => {
    const before = await everything();
    const image = `volume-${randomUUID().slice(0, 8)}:local`;
    const container = await engine.docker.createContainer({ Image: BUSYBOX });
    await container.commit({
      repo: image.split(":")[0],
      tag: "local",
      changes: ["VOLUME /data", 'CMD ["sleep","1000"]'],
    });
    await container.remove();
    const { ref } = await run({ image });
    expect((await everything()).volumes).toBe(before.volumes + 1);
    await runtime.remove(ref);
    expect(await everything()).toEqual(before);
    await engine.docker.getImage(image).remove();
  });

  test("user, entrypoint, working directory and labels", async () => {
    const document: SpecDocument = {
      image: BUSYBOX,
      entrypoint: ["sh", "-c"],
      command: ["sleep 1000"],
      user: "1234:5678",
      workingDir: "/made/up",
      labels: { tier: "web" },
    };
    const { ref } = await run(document);
    expect(await inside(ref, "id -u; id -g; pwd")).toBe("1234\n5678\n/made/up");
    const { Config: config } = await engine.docker.getContainer(instanceName(ref)).inspect();
    expect(config.Labels).toMatchObject({ tier: "web", "birdman.task": ref.task });
  });

  test("the engine's own restart policy is not used", async () => {
    const { ref } = await run(shell("exit 1", { restart: { policy: "always" } }));
    const { HostConfig: host } = await engine.docker.getContainer(instanceName(ref)).inspect();
    expect(host.RestartPolicy?.Name).toBe("no");
  });
});

describe("a start that fails leaves nothing", () => {
  const none = "/nowhere/at/all";
  test.each<readonly [string, SpecDocument, string, RegExp]>([
    [
      "a program that does not exist",
      { image: BUSYBOX, command: ["nosuch"] },
      "command",
      /no program nosuch in image busybox:local/,
    ],
    [
      "a folder for a program",
      { image: BUSYBOX, command: ["/bin"] },
      "command",
      /\/bin in image .* cannot be executed/,
    ],
    ["a user that does not exist", shell("true", { user: "nobody-at-all" }), "spec", /has no user nobody-at-all/],
    [
      "a host path that does not exist",
      shell("true", { volumes: [{ source: none, target: "/x" }] }),
      "spec",
      /no \/nowhere\/at\/all on this node/,
    ],
    [
      "a volume's name that is none",
      shell("true", { volumes: [{ source: "a b", target: "/x" }] }),
      "spec",
      /"a b" is no name of a volume/,
    ],
    ["a working directory that is a file", shell("true", { workingDir: "/bin/sh" }), "spec", /\/bin\/sh is no folder/],
    ["an image's name that is none", { image: "Not/An:Image:Name" }, "image", /is no name of an image/],
    [
      "an image that may not be pulled",
      { image: "none:1", pull: "never" },
      "image",
      /none:1 is not on this node, and pull is "never"/,
    ],
  ])("%s", async (_, document, code, message) => {
    const before = await everything();
    await expect(run(document)).rejects.toMatchObject({
      name: "StartError",
      code,
      message: expect.stringMatching(message),
    });
    expect(await everything()).toEqual(before);
  });

  test("one of two tasks that want the same port", async () => {
    const ports = [{ container: 80, host: 29_321, protocol: "tcp", address: "127.0.0.1" }] as const;
    const document = shell("sleep 1000", { ports: [{ container: 80, host: 29_321 }] });
    const requests = [requestOf(document), requestOf(document)].map((request) => ({ ...request, ports }));
    const results = await Promise.allSettled(requests.map((request) => start(runtime, request)));
    expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    const refused = results.find((result) => result.status === "rejected");
    expect(refused?.reason).toMatchObject({
      code: "ports",
      message: expect.stringContaining("port 29321 is already in use"),
    });
    expect(await runtime.list()).toHaveLength(1);
  });
});

describe("names", () => {
  test("that a container of somebody else has are refused, and that one is left alone", async () => {
    const request = requestOf(shell("sleep 1000"));
    const name = instanceName(request.ref);
    const foreign = await engine.docker.createContainer({ name, Image: BUSYBOX, Cmd: ["sleep", "1000"] });
    await foreign.start();
    await expect(start(runtime, request)).rejects.toMatchObject({
      code: "engine",
      message: expect.stringContaining(name),
    });
    expect(await runtime.stop(request.ref, 1000)).toBeUndefined();
    await runtime.remove(request.ref);
    expect((await foreign.inspect()).State.Running).toBe(true);
    await foreign.remove({ force: true });
  });

  test("of a container that was created and never started: it is started", async () => {
    const request = requestOf(shell("sleep 1000"));
    await start(runtime, request);
    const {
      Id: id,
      Config: config,
      HostConfig: host,
    } = await engine.docker.getContainer(instanceName(request.ref)).inspect();
    await engine.docker.getContainer(id).remove({ force: true });
    const name = instanceName(request.ref);
    const created = await engine.docker.createContainer({
      name,
      Image: BUSYBOX,
      Cmd: config.Cmd,
      Labels: config.Labels,
      HostConfig: host,
    });
    expect(await runtime.list()).toMatchObject([{ running: false, exit: undefined, startedAt: undefined }]);
    expect((await start(runtime, request)).containerId).toBe(created.id);
    expect(await runtime.list()).toMatchObject([{ running: true }]);
  });
});

test("a killed container is noticed within 50 ms", async () => {
  const notices = await watch(runtime);
  const { ref } = await run(shell("sleep 1000"));
  const { State: state } = await engine.docker.getContainer(instanceName(ref)).inspect();
  const told = Promise.withResolvers<number>();
  await runtime.watch((notice) => {
    if (notice.kind === "exited") told.resolve(performance.now());
  });
  const before = performance.now();
  process.kill(state.Pid, "SIGKILL");
  const took = (await told.promise) - before;
  expect(notices).toContainEqual(
    expect.objectContaining({
      kind: "exited",
      ref,
      exit: expect.objectContaining({ exitCode: 137, oomKilled: false }),
    }),
  );
  expect(took).toBeLessThan(50);
});
