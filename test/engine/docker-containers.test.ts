/** What the docker runtime makes of a spec on a real engine: limits, volumes, users; and what is left when a start fails. */
import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ContainerCreateOptions } from "dockerode";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { SpecDocument } from "../../src/task/document.ts";
import { createDockerRuntime } from "../../src/worker/runtimes/docker/docker-runtime.ts";
import { requestOf, start } from "../support/instances.ts";
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
  if (exitCode !== 0) throw new Error(`${command}: ${output}`);
  return output.trim();
}

/** Makes an image whose containers each get a volume without a name. */
async function imageWithVolume(): Promise<string> {
  const image = `volume-${randomUUID().slice(0, 8)}:local`;
  const container = await engine.docker.createContainer({ Image: BUSYBOX });
  const changes = ["VOLUME /data", 'CMD ["sleep","1000"]'];
  await container.commit({ repo: image.split(":")[0], tag: "local", changes });
  await container.remove();
  return image;
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
  test("below what the engine allows are refused in plain words", async () => {
    await expect(run(shell("true", { memory: "1MiB" }))).rejects.toMatchObject({
      code: "spec",
      message: "the memory limit is too small: the engine allows no less than 6MB",
    });
    await expect(run(shell("true", { cpu: 10_000 }))).rejects.toMatchObject({
      code: "spec",
      message: expect.stringMatching(/^the engine can limit cpu to between 0.01 and \d+.00 cores$/),
    });
  });
});

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
    const image = await imageWithVolume();
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
    ["an image's name that is none", { image: "Not/An:Image:Name" }, "spec", /is no name of an image/],
    [
      "an image that may not be pulled",
      { image: "none:1", pull: "never" },
      "image",
      /none:1 is not on this node, and pull is "never"/,
    ],
  ])("%s", async (...[, document, code, message]) => {
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
    const before = await everything();
    const results = await Promise.allSettled(requests.map((request) => start(runtime, request)));
    expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    const refused = results.find((result) => result.status === "rejected");
    expect(refused?.reason).toMatchObject({
      code: "ports",
      message: expect.stringContaining("port 29321 is already in use"),
    });
    expect(await everything()).toEqual({ ...before, containers: before.containers + 1 });
  });

  test("of an image with a volume of its own", async () => {
    const image = await imageWithVolume();
    const before = await everything();
    await expect(run({ image, command: ["nosuch"] })).rejects.toMatchObject({ code: "command" });
    expect(await everything()).toEqual(before);
    await engine.docker.getImage(image).remove();
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
    const id = await createLike(request, {});
    expect(await runtime.list()).toMatchObject([{ running: false, exit: undefined, startedAt: undefined }]);
    expect((await start(runtime, request)).containerId).toBe(id);
    expect(await runtime.list()).toMatchObject([{ running: true }]);
  });
});

test("the output of a container with a terminal can be read too", async () => {
  const request = requestOf(shell("echo out; echo err >&2; sleep 1000"));
  await createLike(request, { Tty: true });
  await start(runtime, request);
  const options = { follow: true, timestamps: false, stdout: true, stderr: true };
  const controller = new AbortController();
  let text = "";
  for await (const { stream, data } of runtime.logs(request.ref, options, controller.signal)) {
    expect(stream).toBe("stdout");
    text += Buffer.from(data).toString();
    if (text.includes("err")) controller.abort();
  }
  expect(text).toBe("out\r\nerr\r\n");
});

/** Creates the container of the request as the runtime does, but for the changes, and does not start it. */
async function createLike(request: StartRequest, changes: ContainerCreateOptions): Promise<string> {
  await start(runtime, request);
  const container = engine.docker.getContainer(instanceName(request.ref));
  const { Config: config } = await container.inspect();
  await container.remove({ force: true });
  const { Image, Cmd, Labels } = config;
  const created = await engine.docker.createContainer({
    name: instanceName(request.ref),
    Image,
    Cmd,
    Labels,
    ...changes,
  });
  return created.id;
}

test("a killed container is noticed as soon as the engine says so", async () => {
  const { ref } = requestOf(shell(""));
  const event = Promise.withResolvers<number>();
  const notice = Promise.withResolvers<number>();
  const stream = await engine.docker.getEvents({ filters: { event: ["die"] } });
  stream.on("data", () => event.resolve(performance.now()));
  await runtime.watch(({ kind }) => kind === "exited" && notice.resolve(performance.now()));
  await start(runtime, { ...requestOf(shell("sleep 1000")), ref });
  const { State: state } = await engine.docker.getContainer(instanceName(ref)).inspect();
  process.kill(state.Pid, "SIGKILL");
  // The engine itself takes some 40 ms; what we add is next to nothing, and no further question to the engine.
  expect((await notice.promise) - (await event.promise)).toBeLessThan(10);
});
