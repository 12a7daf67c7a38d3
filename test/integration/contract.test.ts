/**
 * The API is what its description says: every endpoint of it is asked, then thousands of requests are drawn by chance, and
 * every answer is held against it. `BIRDMAN_FUZZ_REQUESTS=100000` draws so many, from a seed of one's own with
 * `BIRDMAN_FUZZ_SEED`.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SeededRandom } from "../support/seeded-random.ts";
import { TestCluster, until } from "../support/birdman-process.ts";
import {
  type Answer,
  DescribedApi,
  type DescribedOperation,
  type Document,
} from "../support/contract/described-api.ts";
import { DrawnJson } from "../support/contract/drawn-json.ts";
import { Exchange } from "../support/contract/exchange.ts";
import { fuzz } from "../support/contract/fuzz.ts";

const REQUESTS = Number(process.env["BIRDMAN_FUZZ_REQUESTS"] ?? 3000);
const SEED = Number(process.env["BIRDMAN_FUZZ_SEED"] ?? 1);
/** A new cluster after so many: what there is to list grows with each request. */
const REQUESTS_A_CLUSTER = 5000;

const ID = "21b23589-5d2d-4731-b5c9-a97e9832d021";
const HOLLOW = { runtime: "hollow", cpu: 0.01, memory: "1MiB" };

let cluster: TestCluster;
let api: DescribedApi;

async function startManager(): Promise<void> {
  cluster = await TestCluster.start({ manager: ["--store", "memory"] });
}

async function startWorker(): Promise<void> {
  await cluster.startWorker("worker1", ["--runtime", "hollow", "--cpu", "1000", "--memory", "1TiB"]);
  const response = await cluster.get("/openapi.json");
  api = new DescribedApi((await response.json()) as Document);
}

function operation(id: string): DescribedOperation {
  const found = api.operations.find((each) => each.id === id);
  if (found === undefined) throw new Error(`there is no operation ${id}`);
  return found;
}

describe("every endpoint", () => {
  let exchange: Exchange;

  beforeAll(async () => {
    await startManager();
    await startWorker();
    exchange = new Exchange(cluster.url, 1);
    await ask("submit", { body: { ...HOLLOW, id: ID, name: "first" } });
    await until("the task to run", async () => (await cluster.json(`/tasks/${ID}`))["state"] === "running");
  });

  afterAll(async () => {
    exchange.close();
    await cluster.close();
  });

  /** The answer, which has to be as described. */
  async function ask(id: string, { path = {}, query = "", body, headers = {} }: Partial<Asked> = {}): Promise<Answer> {
    const asked = operation(id);
    const address = asked.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => path[name] ?? defaults[name] ?? "");
    const type = body === undefined ? {} : { "content-type": "application/json" };
    const answer = await exchange.send({
      method: asked.method,
      target: address + query,
      headers: { ...type, ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    expect({ answer, contradiction: api.contradiction(asked, answer) }).toEqual({ answer, contradiction: undefined });
    return answer;
  }

  interface Asked {
    readonly path: Readonly<Record<string, string>>;
    readonly query: string;
    readonly body: unknown;
    readonly headers: Readonly<Record<string, string>>;
  }

  const defaults: Readonly<Record<string, string>> = { id: ID, name: "worker1" };

  test("is answered as described when it is asked as described", async () => {
    const refused: [string, number][] = [];
    // What ends the task or takes the node away comes last.
    const last = ["restart", "setAvailability", "stop", "classicStop", "removeNode"];
    const byOrder = (a: DescribedOperation, b: DescribedOperation): number => last.indexOf(a.id) - last.indexOf(b.id);
    for (const { id, examples } of api.operations.toSorted(byOrder)) {
      for (const body of examples.length === 0 ? [undefined] : examples) {
        const { status } = await ask(id, { body });
        if (status >= 400) refused.push([id, status]);
      }
    }
    expect(refused).toEqual(EXPECTED_REFUSALS);
  });

  test("takes any query that its description allows", async () => {
    const json = new DrawnJson(api, new SeededRandom(SEED));
    for (const { id, parameters } of api.operations) {
      for (const { name, schema } of parameters.filter((parameter) => parameter.in === "query")) {
        for (let time = 0; time < 10; time += 1) {
          const query = new URLSearchParams({ [name]: String(json.fitting(schema)) });
          expect((await ask(id, { query: `?${query.toString()}` })).text).not.toContain("invalid_query");
        }
      }
    }
  });

  test("is answered with what was asked for: lists for lists, ids alone, the next page", async () => {
    const minimal = { prefer: "return=minimal" };
    expect(JSON.parse((await ask("submit", { body: [HOLLOW, HOLLOW], headers: minimal })).text)).toHaveLength(2);
    expect((await ask("submit", { body: HOLLOW, headers: minimal })).text).toMatch(/^"[0-9a-f-]{36}"$/);
    expect((await ask("submit", { body: [{ ...HOLLOW, env: { A: { value: "x", secret: true } } }] })).status).toBe(201);
    expect((await ask("tasks", { query: "?limit=1" })).status).toBe(200);
    expect((await ask("events", { query: "?follow=false&limit=1&after=0" })).status).toBe(200);
  });
});

/** Of what is asked above: a node that is up is not removed, a WebSocket is not opened by plain HTTP. */
const EXPECTED_REFUSALS = [
  ["exec", 426],
  ["removeNode", 409],
];

describe("whatever is asked", () => {
  const parts = Math.ceil(REQUESTS / REQUESTS_A_CLUSTER);

  test.each(Array.from({ length: parts }, (_, part) => SEED + part))(
    "is answered as described, seed %i",
    { timeout: 600_000 },
    async (seed) => {
      await startManager();
      try {
        await startWorker();
        const requests = Math.min(REQUESTS, REQUESTS_A_CLUSTER);
        const { answers, faults } = await fuzz({ api, url: cluster.url, seed, requests });
        expect(faults).toEqual([]);
        expect(cluster.manager?.child.exitCode).toBeNull();
        expect(cluster.manager?.output()).not.toMatch(/unexpected|"level":50/);
        expect(cluster.workers.get("worker1")?.process.child.exitCode).toBeNull();
        const asked = new Set([...answers.keys()].map((key) => key.split(" ")[0]));
        expect(api.operations.filter(({ id }) => !asked.has(id))).toEqual([]);
      } finally {
        await cluster.close();
      }
    },
  );
});
