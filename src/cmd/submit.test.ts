import { expect, test } from "vitest";
import { injectedTransport } from "../../test/support/injected-client.ts";
import { ManagerApi } from "../../test/support/manager-api.ts";
import { ClientError } from "../client/client-error.ts";
import { Birdman } from "../client/client.ts";
import type { Transport } from "../client/transport.ts";
import { submitOnce } from "./submit.ts";

const json = JSON.stringify({ runtime: "process", command: ["sleep", "60"] });
const lost = new ClientError("connection_lost", "the connection was lost");
const refused = new ClientError("refused", "connection refused");

test("a task whose answer was lost is sent again and accepted once", async () => {
  await using manager = await ManagerApi.open();
  const transport = injectedTransport(manager.app);
  const answers: ClientError[] = [lost, refused];
  const unlucky: Transport = async (request) => {
    const answer = await transport(request);
    const failure = answers.shift();
    if (failure !== undefined) throw failure;
    return answer;
  };
  const client = new Birdman({ transport: unlucky });
  const task = await submitOnce(client, json);
  expect(answers).toEqual([]);
  expect((await client.tasks()).tasks).toEqual([task]);
});

test("a manager that is not there is not waited for", async () => {
  let requests = 0;
  const transport: Transport = async () => {
    requests += 1;
    throw refused;
  };
  await expect(submitOnce(new Birdman({ transport }), json)).rejects.toBe(refused);
  expect(requests).toBe(1);
});

test("a task that is refused is not sent again", async () => {
  await using manager = await ManagerApi.open();
  const client = new Birdman({ transport: injectedTransport(manager.app) });
  await expect(submitOnce(client, "{}")).rejects.toMatchObject({ status: 400 });
});
