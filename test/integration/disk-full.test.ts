/** A manager whose disk runs full: nothing that was accepted is lost, nothing is accepted that cannot be kept, and it goes on by itself. */
import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { TestCluster, until } from "../support/birdman-process.ts";

let disk: string;

beforeEach(async () => {
  disk = await mkdtemp(join(tmpdir(), "birdman-disk-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", disk]);
});

afterEach(async () => {
  execFileSync("umount", [disk]);
  await rm(disk, { recursive: true });
});

it("answers 507, serves reads, loses nothing, and accepts again when there is room", async () => {
  await writeFile(join(disk, "ballast"), Buffer.alloc(1_000_000));
  const cluster = await TestCluster.start({ manager: ["--data-dir", join(disk, "manager")] });
  try {
    const accepted: string[] = [];
    const submit = async (): Promise<number> => {
      const response = await cluster.post("/tasks", { image: "echo", env: { BALLAST: "x".repeat(20_000) } });
      const body = (await response.json()) as Record<string, unknown>;
      if (response.status === 201) accepted.push(String(body["id"]));
      else expect(body).toMatchObject({ code: "store_full", status: 507 });
      return response.status;
    };
    let status = 201;
    for (let count = 0; status === 201 && count < 500; count += 1) status = await submit();
    expect(status).toBe(507);
    expect(accepted.length).toBeGreaterThan(3);

    const listed = async (): Promise<unknown[]> => (await cluster.list("/tasks")).map(({ id }) => id);
    expect((await listed()).toSorted()).toEqual(accepted.toSorted());
    expect((await cluster.get("/healthz")).status).toBe(200);

    await rm(join(disk, "ballast"));
    await until("a submission to be accepted again", async () => (await submit()) === 201);
    await cluster.manager?.end("SIGKILL");
    await cluster.startManager();
    expect((await listed()).toSorted()).toEqual(accepted.toSorted());
  } finally {
    await cluster.close();
  }
});
