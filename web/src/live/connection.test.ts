import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { LiveFrame } from "../../../src/api/live-json.ts";
import { ClientError } from "../../../src/client/client-error.ts";
import { Cluster } from "./cluster.ts";
import { keepLive, type LiveSource } from "./connection.ts";
import type { Connection } from "./values.ts";

const SNAPSHOT: readonly LiveFrame[] = [
  { rev: 4, at: 0, snapshot: "begin", expected: { nodes: 0, tasks: 0 } },
  { rev: 4, at: 0, snapshot: "end" },
];

/** What one connection gives, and how it ends: with an error, or by falling silent. */
interface Given {
  readonly frames: readonly LiveFrame[];
  readonly end: Error | "silence";
}

class PlayedSource implements LiveSource {
  readonly #given: Given[];
  connections = 0;

  constructor(...given: Given[]) {
    this.#given = given;
  }

  async *live({ signal }: { readonly signal: AbortSignal }): AsyncGenerator<LiveFrame> {
    this.connections += 1;
    const { frames, end } = this.#given.shift() ?? { frames: SNAPSHOT, end: "silence" as const };
    yield* frames;
    if (end !== "silence") throw end;
    await new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason as Error));
    });
  }
}

const stop = { current: new AbortController() };
const said: Connection[] = [];
const LOST = new ClientError("connection_lost", "the connection was lost");

beforeEach(() => {
  vi.useFakeTimers();
  stop.current = new AbortController();
  said.length = 0;
});

afterEach(() => {
  stop.current.abort();
  vi.useRealTimers();
});

function keep(source: LiveSource): Promise<void> {
  const changed = (connection: Connection): void => void said.push(connection);
  return keepLive({ cluster: new Cluster(), source, changed, random: () => 1 }, stop.current.signal);
}

function phases(): readonly string[] {
  return said.map(({ phase }) => phase).filter((phase, index, all) => phase !== all[index - 1]);
}

test("says so when what is shown grows old, and connects again", async () => {
  const source = new PlayedSource({ frames: SNAPSHOT, end: LOST });
  void keep(source);
  await vi.advanceTimersByTimeAsync(10);
  expect(said.at(-1)).toMatchObject({ phase: "stale", problem: "the connection was lost" });
  await vi.advanceTimersByTimeAsync(1000);
  expect(phases()).toEqual(["connecting", "live", "stale", "live"]);
});

test("takes silence for a lost connection", async () => {
  const source = new PlayedSource();
  void keep(source);
  await vi.advanceTimersByTimeAsync(4900);
  expect(phases()).toEqual(["connecting", "live"]);
  await vi.advanceTimersByTimeAsync(200);
  expect(said.at(-1)).toMatchObject({ phase: "stale" });
});

test("asks for everything again when it has missed something", async () => {
  const source = new PlayedSource({ frames: [...SNAPSHOT, { rev: 6, at: 0 }], end: "silence" });
  void keep(source);
  await vi.advanceTimersByTimeAsync(1000);
  expect(source.connections).toBe(2);
  expect(phases()).toEqual(["connecting", "live", "stale", "live"]);
});

test("tries less and less often while nobody answers, and at once again after it went well", async () => {
  const refused = { frames: [], end: new ClientError("refused", "cannot reach the server") };
  const source = new PlayedSource(...Array.from({ length: 5 }, () => refused), { frames: SNAPSHOT, end: LOST });
  void keep(source);
  await vi.advanceTimersByTimeAsync(250 + 500 + 1000 + 2000 - 1);
  expect(source.connections).toBe(4);
  await vi.advanceTimersByTimeAsync(1 + 4000);
  expect(source.connections).toBe(6);
  await vi.advanceTimersByTimeAsync(251);
  expect(source.connections).toBe(7);
});

test("ends when the manager wants another token", async () => {
  const source = new PlayedSource({
    frames: [],
    end: new ClientError("unauthorized", "a token is needed", { status: 401 }),
  });
  await keep(source);
  expect(said).toEqual([
    { phase: "connecting" },
    { phase: "refused", problem: "a token is needed", code: "unauthorized" },
  ]);
});
