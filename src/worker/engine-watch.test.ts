import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { EngineWatch } from "./engine-watch.ts";
import { EngineFailure } from "./runtimes/runtime.ts";

class Silence extends EngineFailure {
  override get isSilent(): boolean {
    return true;
  }
}

/** An engine that answers, or does not, as it is told. */
class Engine {
  readonly kind = "docker";
  readonly hasEngine = true;
  isSilent = false;
  checks = 0;

  async check(): Promise<string> {
    this.checks += 1;
    return this.answer("1");
  }

  async answer<T>(value: T): Promise<T> {
    if (this.isSilent) throw new Silence("it hangs");
    return value;
  }
}

let engine: Engine;
let lists: number;
let said: (string | undefined)[];
let watch: EngineWatch;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  engine = new Engine();
  lists = 0;
  said = [];
  const list = async (): Promise<void> => engine.answer(undefined).then(() => void (lists += 1));
  watch = new EngineWatch({ runtime: engine, list, onChange: (sick) => said.push(sick) });
  watch.open();
});

afterEach(() => {
  watch.close();
  vi.useRealTimers();
});

async function fail(failure: Error): Promise<void> {
  await expect(watch.call(async () => Promise.reject(failure))).rejects.toBe(failure);
}

test("two checks in a row without an answer make it sick, and it is well when it answers and says what it has", async () => {
  engine.isSilent = true;
  await vi.advanceTimersByTimeAsync(2000);
  expect(watch.sick).toBeUndefined();
  await vi.advanceTimersByTimeAsync(500);
  expect(watch.sick).toBe("it hangs");
  let answer: string | undefined;
  const waiting = watch.call(async () => engine.answer("late")).then((value) => (answer = value));
  await vi.advanceTimersByTimeAsync(5000);
  expect(answer).toBeUndefined();
  engine.isSilent = false;
  await vi.advanceTimersByTimeAsync(500);
  await waiting;
  expect(answer).toBe("late");
  expect(said).toEqual(["it hangs", undefined]);
  expect(lists).toBe(1);
});

test("a single check without an answer is forgiven", async () => {
  engine.isSilent = true;
  await vi.advanceTimersByTimeAsync(2000);
  engine.isSilent = false;
  await vi.advanceTimersByTimeAsync(500);
  engine.isSilent = true;
  await vi.advanceTimersByTimeAsync(2000);
  expect(said).toEqual([]);
});

test("three calls in a row without an answer make it sick although it answers checks, until it says what it has", async () => {
  const silence = new Silence("no answer");
  await fail(silence);
  await fail(silence);
  await watch.call(async () => "an answer");
  await fail(silence);
  await fail(new Error("not found", { cause: new Error("an answer") }));
  await fail(silence);
  await fail(silence);
  expect(said).toEqual([]);
  await fail(new Error("the start failed", { cause: silence }));
  expect(said).toEqual(["the start failed"]);
  await vi.advanceTimersByTimeAsync(2500);
  expect(said).toEqual(["the start failed", undefined]);
  expect(lists).toBe(1);
});

test("is not checked any more once closed", async () => {
  await vi.advanceTimersByTimeAsync(4000);
  expect(engine.checks).toBe(2);
  watch.close();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(engine.checks).toBe(2);
});
