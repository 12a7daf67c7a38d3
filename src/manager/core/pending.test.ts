import { describe, expect, it } from "vitest";
import { SpecTable } from "../../task/spec.ts";
import type { TaskId } from "../../task/id.ts";
import type { Task } from "../../task/task.ts";
import { PendingQueue, type Trial, type Trials } from "./pending.ts";

const MINUTE_MS = 60_000;
const specs = new SpecTable();

/** Only what the queue looks at. */
function task(name: string, { priority = 50, cpu = 1, createdAt = 0, seq = 0 } = {}): Task {
  const spec = specs.acquire({ image: "echo", priority, cpu });
  return { id: name as TaskId, seq, spec, createdAt } as Task;
}

function queueOf(...tasks: Task[]): PendingQueue {
  const queue = new PendingQueue();
  for (const one of tasks) queue.add(one);
  return queue;
}

const blocked: Trial = { kind: "blocked", reason: () => "no room" };

function tryAll(queue: PendingQueue, trials: Partial<Trials> = {}): string[] {
  const tried: string[] = [];
  queue.tryAll({
    most: Number.POSITIVE_INFINITY,
    couldTake: () => true,
    ...trials,
    attempt: (id) => {
      tried.push(id);
      return trials.attempt?.(id) ?? { kind: "left" };
    },
  });
  return tried;
}

describe("the order", () => {
  it("is by priority, and among equals by who was accepted first", () => {
    const queue = queueOf(
      task("low", { priority: 10, seq: 1 }),
      task("second", { seq: 3 }),
      task("first", { seq: 2 }),
      task("high", { priority: 90, seq: 4 }),
    );
    expect(tryAll(queue)).toEqual(["high", "first", "second", "low"]);
  });

  it("lets a point of priority be worth a minute of waiting, so that nothing waits for ever", () => {
    const old = task("old", { priority: 0, createdAt: 0, seq: 1 });
    const young = (minutes: number) => task("young", { priority: 100, createdAt: minutes * MINUTE_MS, seq: 2 });
    expect(tryAll(queueOf(old, young(99)))).toEqual(["young", "old"]);
    expect(tryAll(queueOf(old, young(101)))).toEqual(["old", "young"]);
  });
});

describe("a class that fits nowhere", () => {
  it("is tried once, and says why only when it is asked", () => {
    let asked = 0;
    const reason = (): string => `no room, asked ${String((asked += 1))} times`;
    const queue = queueOf(task("a", { seq: 1 }), task("b", { seq: 2 }));
    expect(tryAll(queue, { attempt: () => ({ kind: "blocked", reason }) })).toEqual(["a"]);
    expect(asked).toBe(0);
    expect(queue.blockedBecause(task("c").spec)).toBe("no room, asked 1 times");
    expect(queue.blockedBecause(task("c").spec)).toBe("no room, asked 1 times");
    expect(tryAll(queue)).toEqual([]);
  });

  it("is tried again when a node has changed that could take it, and not for another one", () => {
    const queue = queueOf(task("small", { cpu: 1, seq: 1 }), task("large", { cpu: 8, seq: 2 }));
    tryAll(queue, { attempt: () => blocked });
    const couldTake = (id: string, node: string): boolean => node === "big" || id === "small";
    queue.unblock("little");
    expect(queue.isOpen).toBe(true);
    expect(tryAll(queue, { couldTake, attempt: () => blocked })).toEqual(["small"]);
    queue.unblock("big");
    expect(tryAll(queue, { couldTake, attempt: () => blocked })).toEqual(["small", "large"]);
    expect(queue.isOpen).toBe(false);
    expect(tryAll(queue)).toEqual([]);
  });

  it("is tried again, unasked, when very many nodes have changed, or any may have", () => {
    const queue = queueOf(task("a"));
    const none = { couldTake: () => false, attempt: () => blocked };
    tryAll(queue, none);
    for (let node = 0; node < 100; node += 1) queue.unblock(`node${String(node)}`);
    expect(tryAll(queue, none)).toEqual(["a"]);
    queue.unblock();
    expect(tryAll(queue, none)).toEqual(["a"]);
  });
});

it("tries so many at a time, and goes on from there", () => {
  const queue = queueOf(...Array.from({ length: 10 }, (_, index) => task(`t${String(index)}`, { seq: index })));
  expect(tryAll(queue, { most: 4 })).toEqual(["t0", "t1", "t2", "t3"]);
  expect(queue.isOpen).toBe(true);
  expect(tryAll(queue, { most: 4 })).toEqual(["t4", "t5", "t6", "t7"]);
  expect(tryAll(queue, { most: 4 })).toEqual(["t8", "t9"]);
  expect([queue.isOpen, queue.size]).toEqual([false, 0]);
});

it("puts aside a task that only fits where it was refused, without holding up its class", () => {
  const refused = task("refused", { seq: 1 });
  const queue = queueOf(refused, task("other", { seq: 2 }));
  const attempt = (id: string): Trial => (id === "refused" ? { kind: "aside", task: refused } : { kind: "left" });
  expect(tryAll(queue, { attempt })).toEqual(["refused", "other"]);
  expect(tryAll(queue, { attempt })).toEqual([]);
  queue.unblock("any");
  expect(tryAll(queue, { attempt })).toEqual(["refused"]);
});

it("names the most urgent of the blocked classes that will do", () => {
  const queue = queueOf(
    task("a", { cpu: 1, seq: 1 }),
    task("b", { cpu: 2, priority: 60, seq: 2 }),
    task("c", { cpu: 3, seq: 3 }),
  );
  expect(queue.mostUrgentBlocked(() => true)).toBeUndefined();
  tryAll(queue, { attempt: () => blocked });
  expect(queue.mostUrgentBlocked(() => true)?.id).toBe("b");
  expect(queue.mostUrgentBlocked(({ priority }) => priority === 50)?.id).toBe("a");
});

describe("the census", () => {
  it("tells apart who waits for a turn, for room and for a node that refused, and how long the oldest has", () => {
    expect(new PendingQueue().census()).toEqual({ queued: 0, blocked: 0, aside: 0, oldestAt: undefined });
    const refused = task("refused", { cpu: 3, createdAt: 5, seq: 1 });
    const large = [1, 2].map((n) => task(`large${String(n)}`, { cpu: 2, createdAt: 10 * n, seq: 1 + n }));
    const queue = queueOf(refused, ...large);
    tryAll(queue, { attempt: (id) => (id === refused.id ? { kind: "aside", task: refused } : blocked) });
    queue.add(task("new", { createdAt: 30, seq: 4 }));
    expect(queue.census()).toEqual({ queued: 1, blocked: 2, aside: 1, oldestAt: 5 });

    queue.remove(refused.id);
    for (const { id } of large) queue.remove(id);
    expect(queue.census()).toEqual({ queued: 1, blocked: 0, aside: 0, oldestAt: 30 });
  });
});
