import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { Birdman } from "../client/client.ts";
import { ClientError } from "../client/client-error.ts";
import type { Transport } from "../client/transport.ts";
import type { Context } from "./context.ts";
import { copyLogs, copyManyLogs, prefixesOf } from "./log-streams.ts";

/** A manager that answers with these texts, by what is asked for; one that is undefined is not reached. */
function answering(
  answers: (path: string) => { readonly body: string; readonly missing?: string } | undefined,
): Birdman {
  const transport: Transport = async ({ path }) => {
    const answer = answers(path);
    if (answer === undefined) throw new ClientError("refused", "http://gone: connection refused");
    return Promise.resolve({
      url: path,
      status: 200,
      header: (name: string) => (name === "birdman-missing" ? answer.missing : undefined),
      body: (async function* body() {
        yield await Promise.resolve(Buffer.from(answer.body));
      })(),
    });
  };
  return new Birdman({ transport });
}

function outputs() {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const context: Context = { env: {}, stdin: new PassThrough(), stdout, stderr, now: Date.now };
  const written = async (): Promise<{ out: string; err: string }> => {
    stdout.end();
    stderr.end();
    return { out: await text(stdout), err: await text(stderr) };
  };
  return { request: { filter: {}, context, color: true }, written };
}

const both = (path: string): { body: string } => ({ body: path.includes("stderr=false") ? "out\n" : "err\n" });

describe("the output of one task", () => {
  test("goes to standard output and standard error, as the task wrote it", async () => {
    const { request, written } = outputs();
    await copyLogs(answering(both), "id", request);
    expect(await written()).toEqual({ out: "out\n", err: "err\n" });
  });

  test("that is not whole is printed, and fails with what is missing", async () => {
    const { request, written } = outputs();
    const missing = encodeURI("all since its last attempt: node Köln is away");
    const copying = copyLogs(
      answering((path) => ({ ...both(path), missing })),
      "id",
      request,
    );
    await expect(copying).rejects.toThrow("not whole; missing is all since its last attempt: node Köln is away");
    expect((await written()).out).toBe("out\n");
  });
});

describe("the output of several", () => {
  const tasks = [
    { id: "a1", name: "web" },
    { id: "b2", name: "database" },
  ];

  test("has a prefix before each line", async () => {
    const { request, written } = outputs();
    await copyManyLogs(answering(both), tasks, request);
    const { out, err } = await written();
    expect(out).toBe("web      | out\ndatabase | out\n");
    expect(err).toBe("web      | err\ndatabase | err\n");
  });

  test("goes on when one is not whole, says so and fails", async () => {
    const { request, written } = outputs();
    const some = (path: string) => (path.includes("a1") ? { ...both(path), missing: "the%20rest" } : both(path));
    await expect(copyManyLogs(answering(some), tasks, request)).rejects.toThrow("1 of 2 tasks could not be read whole");
    const { out, err } = await written();
    expect(out).toContain("database | out\n");
    expect(err).toContain("birdman: web: this output is not whole; missing is the rest\n");
  });

  test("fails as unreachable where the manager is", async () => {
    const { request } = outputs();
    const copying = copyManyLogs(
      answering(() => undefined),
      tasks,
      request,
    );
    await expect(copying).rejects.toMatchObject({ name: "ClientError", isUnreachable: true });
  });
});

test("tasks of one name are told apart by their ids", () => {
  const same = [
    { id: "01a209c0-aba3-7fc3-8088-5d4a5c773471", name: "web" },
    { id: "01a209c0-ad13-7760-bc01-76c4976c03a5", name: "web" },
    { id: "01a209c1-0000-7760-bc01-76c4976c03a5", name: "api" },
  ];
  expect(prefixesOf(same)).toEqual(["web/01a209c0-aba3", "web/01a209c0-ad13", "api              "]);
});
