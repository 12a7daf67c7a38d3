import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { LiveFrame } from "../../../src/api/live-json.ts";
import { ClientError } from "../../../src/client/client-error.ts";
import type { LiveSource } from "./connection.ts";
import { LiveCluster } from "./live-cluster.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A manager that tells of nothing but itself, or refuses. */
class PlayedManager implements LiveSource {
  readonly #refusal: ClientError | undefined;
  connections = 0;
  open = 0;

  constructor(refusal?: ClientError) {
    this.#refusal = refusal;
  }

  async *live({ signal }: { readonly signal: AbortSignal }): AsyncGenerator<LiveFrame> {
    this.connections += 1;
    if (this.#refusal !== undefined) throw this.#refusal;
    this.open += 1;
    yield { rev: 1, at: 0, snapshot: "begin", expected: { nodes: 0, tasks: 0 } };
    yield { rev: 1, at: 0, snapshot: "end" };
    await new Promise((resolve) => {
      signal.addEventListener("abort", resolve);
    });
    this.open -= 1;
  }
}

const REFUSAL = new ClientError("unauthorized", "a token is needed", { status: 401 });

test("follows one source at a time, and the same one once", async () => {
  const live = new LiveCluster();
  const [first, second] = [new PlayedManager(), new PlayedManager()];
  live.follow(first);
  live.follow(first);
  await vi.advanceTimersByTimeAsync(10);
  expect([live.connection.get(), first.connections]).toEqual([{ phase: "live" }, 1]);
  live.follow(second);
  await vi.advanceTimersByTimeAsync(10);
  expect([first.open, second.open, live.connection.get()]).toEqual([0, 1, { phase: "live" }]);
  await vi.advanceTimersByTimeAsync(4000);
  expect([first.connections, second.connections]).toEqual([1, 1]);
});

test("connects again with another client after it was refused", async () => {
  const live = new LiveCluster();
  live.follow(new PlayedManager(REFUSAL));
  await vi.advanceTimersByTimeAsync(10);
  expect(live.connection.get()).toMatchObject({ phase: "refused", code: "unauthorized" });
  live.follow(new PlayedManager());
  expect(live.connection.get()).toEqual({ phase: "connecting" });
  await vi.advanceTimersByTimeAsync(10);
  expect(live.connection.get()).toEqual({ phase: "live" });
});
