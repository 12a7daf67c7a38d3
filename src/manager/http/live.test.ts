import { expect, test } from "vitest";
import { ManagerApi } from "../../../test/support/manager-api.ts";
import { createToken, TokenSet } from "../../api/access.ts";
import type { LiveFrame } from "../../api/live-json.ts";
import { serverSentEvents } from "../../client/server-sent-events.ts";
import { REPORTED } from "../../protocol/messages.ts";

/** The frames that come, until one will do or the stream ends. */
async function framesUntil(manager: ManagerApi, isLast: (frame: LiveFrame) => boolean): Promise<readonly LiveFrame[]> {
  const response = await manager.app.inject({ url: "/live", payloadAsStream: true });
  expect([response.statusCode, response.headers["content-type"]]).toEqual([200, "text/event-stream"]);
  const frames: LiveFrame[] = [];
  const body = response.stream();
  for await (const { data } of serverSentEvents(body)) {
    frames.push(JSON.parse(data) as LiveFrame);
    if (isLast(frames.at(-1) as LiveFrame)) break;
  }
  body.destroy();
  return frames;
}

test("tells of everything, and then of what changes", async () => {
  await using manager = await ManagerApi.open();
  const worker = await manager.join("worker1");
  const id = "21b23589-5d2d-4731-b5c9-a97e9832d021";
  await manager.app.inject({ method: "POST", url: "/tasks", payload: { id, name: "web", image: "web:1" } });
  let report: Promise<void> | undefined;
  const frames = await framesUntil(manager, ({ snapshot, changes }) => {
    if (snapshot === "end")
      report = worker.report(id, { state: REPORTED.running, reason: "it runs", health: "healthy" });
    return changes?.state === 2;
  });
  await report;
  expect(frames.find(({ nodes }) => nodes !== undefined)).toMatchObject({ nodes: { name: ["worker1"], status: 0 } });
  expect(frames.find(({ tasks }) => tasks !== undefined)).toMatchObject({
    tasks: { id: [id], name: ["web"], state: 1 },
  });
  expect(frames.at(-1)).toMatchObject({ changes: { n: [1], state: 2, health: 2 }, totals: { tasks: { running: 1 } } });
});

test("ends with the manager", async () => {
  await using manager = await ManagerApi.open();
  const frames = framesUntil(manager, ({ snapshot }) => {
    if (snapshot === "end") void manager.host.close();
    return false;
  });
  expect((await frames).at(-1)).toMatchObject({ snapshot: "end" });
});

test("is for those who may read", async () => {
  const access = { listenHost: "127.0.0.1", tokens: TokenSet.parse(createToken(["write"], 0).line) };
  await using manager = await ManagerApi.open({ access });
  expect((await manager.app.inject({ url: "/live" })).statusCode).toBe(401);
  expect((await manager.app.inject({ url: "/live?from=1" })).statusCode).toBe(401);
});
