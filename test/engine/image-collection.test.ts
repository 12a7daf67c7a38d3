/** Which images a worker removes again, on real engines with a real registry. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Engine } from "../../src/worker/runtimes/docker/engine.ts";
import { ImageCollector, type ImageSettings } from "../../src/worker/runtimes/docker/image-collector.ts";
import { ImagePuller } from "../../src/worker/runtimes/docker/image-puller.ts";
import { ImageRecords } from "../../src/worker/runtimes/docker/image-records.ts";
import { BUSYBOX, type TestEngine } from "../support/engines.ts";
import { ANN, openShop, type Shop } from "../support/shop.ts";

const DAY = 86_400_000;
/** The disk is never too full. */
const ROOMY: ImageSettings = { keepMs: 7 * DAY, diskHigh: 1, diskLow: 1, youngMs: 0 };
/** It always is. */
const FULL: ImageSettings = { ...ROOMY, diskHigh: 0, diskLow: 0 };

describe.each(["docker", "podman"] as const)("on %s", (kind) => {
  let shop: Shop;
  let host: TestEngine;
  let engine: Engine;
  let directory = "";
  let records: ImageRecords;
  let now = 0;

  const named = (tag: number): string => `${shop.registry.address}/shop:${String(tag)}`;

  beforeAll(async () => {
    shop = await openShop(kind);
    host = shop.engine;
    engine = new Engine(host.dockerHost);
    for (const tag of [1, 2, 3]) await push(tag);
  });

  afterAll(async () => {
    engine.close();
    await shop.close();
  });

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "birdman-images-"));
    records = new ImageRecords(join(directory, "images.json"));
    for (const tag of [1, 2, 3]) await pull(tag);
    now = Date.now();
  });

  afterEach(async () => {
    const { docker } = host;
    for (const { Id } of await docker.listContainers({ all: true }))
      await docker.getContainer(Id).remove({ force: true });
    for (const tag of await tags()) await docker.getImage(tag).remove({ force: true });
    await rm(directory, { recursive: true });
  });

  /** Pushes an image of its own, and forgets it. */
  async function push(tag: number): Promise<void> {
    const { docker } = host;
    const container = await docker.createContainer({ Image: BUSYBOX, Cmd: ["true"] });
    const repo = named(tag).replace(/:\d+$/, "");
    await container.commit({ repo, tag: String(tag), changes: [`LABEL number=${String(tag)}`] });
    await container.remove();
    await shop.push(named(tag));
    await docker.getImage(named(tag)).remove();
  }

  async function pull(tag: number): Promise<void> {
    const request = { image: named(tag), credentials: ANN };
    await new ImagePuller(engine, records).pull(request, () => undefined, AbortSignal.timeout(30_000));
  }

  /** What the engine has besides what it came with. */
  async function tags(): Promise<string[]> {
    const all = (await host.docker.listImages()).flatMap(({ RepoTags }) => RepoTags ?? []);
    return all.filter((tag) => !tag.endsWith(BUSYBOX)).toSorted();
  }

  async function collect(settings: ImageSettings, at: number): Promise<void> {
    await new ImageCollector({ engine, records, settings, logger: undefined }).collect(at);
  }

  test("those that nobody used for long are removed, and no others", async () => {
    records.used(named(2), now + DAY);
    await collect(ROOMY, now + 7 * DAY - 60_000);
    expect(await tags()).toEqual([named(1), named(2), named(3)]);
    await collect(ROOMY, now + 7 * DAY + 60_000);
    expect(await tags()).toEqual([named(2)]);
    expect(new ImageRecords(join(directory, "images.json")).leastRecentFirst.map(({ name }) => name)).toEqual([
      named(2),
    ]);
  });

  test("one that a container uses, even an ended one, stays, and counts as used until the container is gone", async () => {
    const container = await host.docker.createContainer({ Image: named(1), Cmd: ["true"] });
    await collect(FULL, now + 30 * DAY);
    expect(await tags()).toEqual([named(1)]);
    await container.remove();
    await collect(ROOMY, now + 36 * DAY);
    expect(await tags()).toEqual([named(1)]);
    await collect(ROOMY, now + 38 * DAY);
    expect(await tags()).toEqual([]);
  });

  test("what was there before, or was given another name, is left alone", async () => {
    await host.docker.getImage(named(1)).tag({ repo: "mine", tag: "1" });
    const others = new ImageRecords(join(directory, "others.json"));
    const request = { image: named(2), credentials: ANN };
    await new ImagePuller(engine, others).pull(request, () => undefined, AbortSignal.timeout(30_000));
    expect(others.leastRecentFirst).toEqual([]);
    await collect(FULL, now + 30 * DAY);
    expect((await tags()).filter((tag) => tag.endsWith("mine:1"))).toHaveLength(1);
    expect(await tags()).not.toContain(named(2));
  });

  test("while the disk is too full those unused for the longest go first, but none that was used just now", async () => {
    records.used(named(1), now + 2 * DAY);
    records.used(named(2), now + DAY);
    await collect({ ...FULL, youngMs: DAY }, now + 2 * DAY + 60_000);
    expect(await tags()).toEqual([named(1)]);
    await collect({ ...FULL, youngMs: DAY }, now + 4 * DAY);
    expect(await tags()).toEqual([]);
  });
});
