import { describe, expect, test } from "vitest";
import { injectedClient } from "../../test/support/injected-client.ts";
import { ManagerApi } from "../../test/support/manager-api.ts";
import { resolveTask } from "./resolve-task.ts";

const process = { runtime: "process" as const, command: ["sleep", "60"] };
const NOW = Date.now();

describe("resolveTask", () => {
  test("takes an id as it is, in canonical form", async () => {
    await using manager = await ManagerApi.open();
    const id = "01930000-AAAA-7000-8000-000000000001";
    expect(await resolveTask(injectedClient(manager.app), id, NOW)).toBe(id.toLowerCase());
  });

  test("finds the one task whose id begins like this, also when it has ended", async () => {
    await using manager = await ManagerApi.open();
    const client = injectedClient(manager.app);
    const { id } = await client.submit({ ...process, id: "aaaa1111-0000-4000-8000-000000000000" });
    await client.submit({ ...process, id: "aaaa2222-0000-4000-8000-000000000000" });
    expect(await resolveTask(client, "aaaa1", NOW)).toBe(id);
    expect(await resolveTask(client, "AAAA1111-0", NOW)).toBe(id);
    await client.stop(id);
    expect(await resolveTask(client, "aaaa1", NOW)).toBe(id);
  });

  test("finds the only live task of a name, however many have ended", async () => {
    await using manager = await ManagerApi.open();
    const client = injectedClient(manager.app);
    for (let count = 0; count < 3; count += 1) {
      const { id } = await client.submit({ ...process, name: "echo" });
      await client.stop(id);
    }
    const { id } = await client.submit({ ...process, name: "echo" });
    expect(await resolveTask(client, "echo", NOW)).toBe(id);
  });

  test("puts the name of a live task before the beginning of an id", async () => {
    await using manager = await ManagerApi.open();
    const client = injectedClient(manager.app);
    await client.submit({ ...process, id: "cafe0000-0000-4000-8000-000000000000" });
    const { id } = await client.submit({ ...process, name: "cafe", id: "dddd0000-0000-4000-8000-000000000000" });
    expect(await resolveTask(client, "cafe", NOW)).toBe(id);
    await client.stop(id);
    expect(await resolveTask(client, "cafe", NOW)).toBe("cafe0000-0000-4000-8000-000000000000");
  });

  test("lists the candidates of a name or a beginning that several have", async () => {
    await using manager = await ManagerApi.open();
    const client = injectedClient(manager.app);
    const a = await client.submit({ ...process, name: "echo", id: "aaaa1111-0000-4000-8000-000000000000" });
    const b = await client.submit({ ...process, name: "echo", id: "aaaa2222-0000-4000-8000-000000000000" });
    for (const word of ["echo", "aaaa"]) {
      const error = await resolveTask(client, word, NOW).catch((thrown: unknown) => thrown);
      expect(String(error)).toContain(`'${word}' may be any of several tasks`);
      expect(String(error)).toContain(a.id);
      expect(String(error)).toContain(b.id);
    }
  });

  test("lists no more candidates than fit", async () => {
    await using manager = await ManagerApi.open();
    const client = injectedClient(manager.app);
    for (let count = 0; count < 15; count += 1) await client.submit({ ...process, name: "many" });
    const error = String(await resolveTask(client, "many", NOW).catch((thrown: unknown) => thrown));
    expect(error.split("\n")).toHaveLength(12);
    expect(error).toMatch(/…$/);
  });

  test("does not guess among tasks that have ended, but says which they are", async () => {
    await using manager = await ManagerApi.open();
    const client = injectedClient(manager.app);
    const { id } = await client.submit({ ...process, name: "echo" });
    await client.stop(id);
    await expect(resolveTask(client, "echo", NOW)).rejects.toThrow(
      new RegExp(`no live task is named 'echo'.*\\n.*${id}`),
    );
  });

  test.each([
    ["ehco", "(did you mean echo?)"],
    ["nothing-like-it", "there is no task 'nothing-like-it'; 'birdman status' lists them"],
    ["", "there is no task ''"],
  ])("suggests what comes close to %s", async (word, words) => {
    await using manager = await ManagerApi.open();
    await injectedClient(manager.app).submit({ ...process, name: "echo" });
    await expect(resolveTask(injectedClient(manager.app), word, NOW)).rejects.toThrow(words);
  });
});
