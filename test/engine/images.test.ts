/** Pulling images, from a registry that lets in one user only, with both kinds of engine. */
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { SpecDocument } from "../../src/task/document.ts";
import { createDockerRuntime } from "../../src/worker/runtimes/docker/docker-runtime.ts";
import { requestOf } from "../support/instances.ts";
import type { Runtime } from "../../src/worker/runtimes/runtime.ts";
import { BUSYBOX, type TestEngine } from "../support/engines.ts";
import { ANN, openShop, type Shop } from "../support/shop.ts";
import { freePort } from "../support/sockets.ts";

describe.each(["docker", "podman"] as const)("on %s", (kind) => {
  let shop: Shop;
  let engine: TestEngine;
  let image = "";
  let runtime: Runtime;

  beforeAll(async () => {
    shop = await openShop(kind);
    const { address } = shop.registry;
    engine = shop.engine;
    image = `${address}/shop:1`;
    await engine.docker.getImage(BUSYBOX).tag({ repo: `${address}/shop`, tag: "1" });
    await shop.push(image);
  });

  afterAll(async () => {
    await shop.close();
  });

  beforeEach(async () => {
    runtime = createDockerRuntime({ workerId: randomUUID(), dockerHost: engine.dockerHost });
    await forget();
  });

  afterEach(async () => {
    for (const { ref } of await runtime.list()) await runtime.remove(ref);
    await runtime.close();
  });

  /** Removes the image from the engine, not from the registry. */
  async function forget(): Promise<void> {
    await engine.docker
      .getImage(image)
      .remove({ force: true })
      .catch((error: unknown) => {
        if (!(error instanceof Error && "statusCode" in error && error.statusCode === 404)) throw error;
      });
  }

  function task(more: SpecDocument): SpecDocument {
    return { image, command: ["sleep", "1000"], registryAuth: ANN, ...more };
  }

  async function run(document: SpecDocument): Promise<string[]> {
    const said: string[] = [];
    await runtime.start(requestOf(document), (reason) => said.push(reason), AbortSignal.timeout(60_000));
    return said;
  }

  describe("pull: missing", () => {
    test("fetches what is not there, and says so", async () => {
      const said = await run(task({}));
      expect(said[0]).toBe(`pulling ${image}`);
      expect(said.every((sentence) => /^(pulling|unpacking) /.test(sentence))).toBe(true);
      expect(await runtime.list()).toMatchObject([{ running: true }]);
    });

    test("does not ask the registry for what is there", async () => {
      await run(task({}));
      expect(await run(task({ registryAuth: { username: "ann", password: "wrong" } }))).toEqual([]);
    });

    test("starts that want the same image share one pull", async () => {
      const all = await Promise.all([run(task({})), run(task({})), run(task({}))]);
      expect(all.map(([first]) => first)).toEqual(Array.from({ length: 3 }, () => `pulling ${image}`));
      // Podman's events know nothing of pulls that find all layers there.
      if (kind === "docker") expect(await pullsSince(engine)).toBe(1);
    });
  });

  describe("pull: always", () => {
    test("asks the registry also when the image is there", async () => {
      await run(task({}));
      expect(await run(task({ pull: "always" }))).toContain(`pulling ${image}`);
      await expect(
        run(task({ pull: "always", registryAuth: { username: "ann", password: "wrong" } })),
      ).rejects.toMatchObject({
        code: "image",
      });
    });
  });

  describe("pull: never", () => {
    test("takes only what is there", async () => {
      await expect(run(task({ pull: "never" }))).rejects.toMatchObject({
        code: "image",
        message: `image ${image} is not on this node, and pull is "never"`,
      });
      await run(task({}));
      expect(await run(task({ pull: "never" }))).toEqual([]);
    });
  });

  describe("a pull that fails", () => {
    test("for a wrong password, says so without repeating it", async () => {
      const error: unknown = await run(task({ registryAuth: { username: "ann", password: "hunter2" } })).catch(
        (cause: unknown) => cause,
      );
      expect(error).toMatchObject({
        code: "image",
        message: `the registry refused the credentials for ${image}: check the username and password of registryAuth`,
      });
      expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toMatch(/hunter2|aHVudGVyMg/);
    });

    test("for missing credentials, asks for them", async () => {
      const { registryAuth: _none, ...document } = task({});
      await expect(run(document)).rejects.toMatchObject({
        code: "image",
        message: `the registry wants credentials for ${image}: give registryAuth`,
      });
    });

    test("for an image or a tag that does not exist, names it", async () => {
      await expect(run(task({ image: `${shop.registry.address}/none:1` }))).rejects.toMatchObject({
        code: "image",
        message: expect.stringContaining(`there is no image ${shop.registry.address}/none:1`),
      });
      await expect(run(task({ image: `${shop.registry.address}/shop:2` }))).rejects.toMatchObject({
        code: "image",
        message: expect.stringContaining(`there is no image ${shop.registry.address}/shop:2`),
      });
    });

    test("for a registry that is not there, names it", async () => {
      const gone = `127.0.0.1:${String(await freePort())}/shop:1`;
      await expect(run(task({ image: gone }))).rejects.toMatchObject({
        code: "image",
        message: expect.stringContaining(`the registry of ${gone} cannot be reached`),
      });
    });

    test("leaves nothing behind", async () => {
      await expect(run(task({ image: `${shop.registry.address}/none:1` }))).rejects.toMatchObject({ code: "image" });
      expect(await runtime.list()).toEqual([]);
      expect(await engine.docker.listContainers({ all: true })).toEqual([]);
    });
  });

  test("a pull can be called off, and the others that share it go on", async () => {
    const controller = new AbortController();
    const onProgress = (): void => controller.abort();
    const calledOff = runtime.start(requestOf(task({})), onProgress, controller.signal);
    const kept = run(task({}));
    await expect(calledOff).rejects.toMatchObject({ name: "StartError", message: "the start was called off" });
    await kept;
    expect(await runtime.list()).toHaveLength(1);
  });

  test("a start whose pull is called off is over at once", async () => {
    const controller = new AbortController();
    const onProgress = (): void => controller.abort();
    await expect(runtime.start(requestOf(task({})), onProgress, controller.signal)).rejects.toMatchObject({
      message: "the start was called off",
    });
    expect(await runtime.list()).toEqual([]);
  });
});

/** Pulls of the image that the engine has recorded since its last removal. */
async function pullsSince({ docker }: TestEngine): Promise<number> {
  const until = Math.ceil(Date.now() / 1000) + 1;
  const stream = await docker.getEvents({ since: 0, until, filters: { event: ["pull", "untag", "delete"] } });
  let count = 0;
  for await (const chunk of stream) {
    for (const line of String(chunk)
      .split("\n")
      .filter((each) => each !== "")) {
      const { Action: action } = JSON.parse(line) as { Action: string };
      count = action === "pull" ? count + 1 : 0;
    }
  }
  return count;
}
