/** A large task among a stream of small ones. */
import { describe, expect, it } from "vitest";
import { CoreBench, type BenchWorker } from "../../../test/support/core-bench.ts";
import { REPORTED } from "../../protocol/messages.ts";
import type { TaskId } from "../../task/id.ts";

const LARGE = "10000000-0000-4000-8000-000000000000";
const OTHER_LARGE = "20000000-0000-4000-8000-000000000000";

class Stream {
  readonly bench = new CoreBench();
  readonly worker: BenchWorker;
  #last = 0;
  /** Placed and not ended, the oldest first. */
  readonly small: string[] = [];

  constructor() {
    this.worker = this.bench.connect("w1");
  }

  submitSmall(): void {
    this.#last += 1;
    const id = `00000000-0000-4000-8000-${String(this.#last).padStart(12, "0")}`;
    this.bench.submit({ id, image: "echo", cpu: 1, name: `small${String(this.#last)}`, restart: { policy: "never" } });
    this.small.push(id);
  }

  submitLarge(): void {
    this.bench.submit({ id: LARGE, image: "echo", cpu: 4, name: "large" });
  }

  /** Time passes, and the worker is heard. */
  wait(seconds: number): void {
    for (let second = 0; second < seconds; second += 1) {
      this.bench.pass(1000);
      this.worker.report([]);
    }
  }

  /** One small task ends every ten seconds, and another one comes. */
  go(seconds: number): void {
    for (let passed = 0; passed < seconds; passed += 10) {
      this.wait(10);
      const index = this.small.findIndex((id) => this.bench.task(id)?.nodeId !== undefined);
      const [id] = index === -1 ? [] : this.small.splice(index, 1);
      this.worker.report(
        id === undefined
          ? []
          : [
              {
                task: id as TaskId,
                attempt: 1,
                state: REPORTED.completed,
                restarts: 0,
                reason: "done",
                finishedAt: 1,
                exitCode: 0,
              },
            ],
      );
      this.submitSmall();
    }
  }

  get node() {
    return this.bench.core.state.nodeNamed("w1");
  }

  get nodeEvents(): (string | undefined)[] {
    const rows = [...(this.bench.tables.get("events")?.values() ?? [])];
    return rows.flatMap((row) => [...row.matchAll(/(no longer )?held for [^"]*/g)].map(([text]) => text));
  }
}

/** Two small tasks run, the node is held for the large one, and a third small one waits for that. */
function heldForLarge(): Stream {
  const stream = new Stream();
  for (let index = 0; index < 2; index += 1) stream.submitSmall();
  stream.submitLarge();
  stream.wait(61);
  expect(stream.node?.heldFor).toContain("large");
  stream.submitSmall();
  expect(stream.bench.task(stream.small[2] ?? "")?.state).toBe("pending");
  return stream;
}

describe("a large task among a stream of small ones", () => {
  it("gets a node held for it when it has waited for a minute, and gets in as soon as enough has ended there", () => {
    const stream = new Stream();
    for (let index = 0; index < 4; index += 1) stream.submitSmall();
    stream.submitLarge();
    stream.go(50);
    expect(stream.node?.heldFor).toBeUndefined();
    expect(stream.bench.task(LARGE)?.state).toBe("pending");
    stream.go(20);
    expect(stream.node?.heldFor).toBe("large, which has waited 60s for room");
    const waiting = stream.small.map((id) => stream.bench.task(id)).find((task) => task?.state === "pending");
    expect(waiting && stream.bench.core.state.pending.blockedBecause(waiting.spec)).toContain("held (1)");
    stream.go(40);
    expect(stream.bench.task(LARGE)).toMatchObject({ state: "scheduled", nodeId: "id-w1" });
    stream.wait(1);
    expect(stream.node?.heldFor).toBeUndefined();
    expect(stream.nodeEvents).toEqual([
      "held for large, which has waited 60s for room",
      "no longer held for large, which has waited 60s for room: it is placed, or gone",
    ]);
  });

  it("gives the node up where nothing ends for a minute: what is free goes to others, for a while", () => {
    const stream = heldForLarge();
    stream.wait(61);
    expect(stream.node?.heldFor).toBeUndefined();
    expect(stream.bench.task(stream.small[2] ?? "")?.state).toBe("scheduled");
    expect(stream.bench.task(LARGE)?.state).toBe("pending");
  });

  it("does not have a node kept from others by one large task after the other, where nothing ends", () => {
    const stream = heldForLarge();
    stream.bench.submit({ id: OTHER_LARGE, image: "echo", cpu: 3.9, name: "other" });
    stream.wait(200);
    expect(stream.node?.heldFor).toBeUndefined();
    expect(stream.bench.task(stream.small[2] ?? "")?.state).toBe("scheduled");
    expect(stream.nodeEvents).toHaveLength(2);
    stream.wait(200);
    expect(stream.node?.heldFor).toMatch(/large|other/);
  });

  it("says why a node that is drained is not held any more", () => {
    const stream = heldForLarge();
    stream.bench.ask({ kind: "availabilityRequested", node: "w1", availability: "pause", parallel: undefined });
    stream.wait(1);
    expect(stream.nodeEvents.at(-1)).toMatch(/^no longer held for large.*: it takes no new tasks now$/);
  });

  it("has none held for it that is too small for it, whatever ends there", () => {
    const stream = new Stream();
    stream.bench.submit({ id: LARGE, image: "echo", cpu: 64 });
    stream.go(120);
    expect(stream.node?.heldFor).toBeUndefined();
    expect(stream.nodeEvents).toEqual([]);
  });

  it("keeps a held node from nothing that ran before", () => {
    const stream = heldForLarge();
    const [moved = ""] = stream.small;
    stream.bench.ask({ kind: "restartRequested", task: moved as TaskId });
    const report = { attempt: 1, state: REPORTED.released, restarts: 0, reason: "stopped", finishedAt: 1 };
    stream.worker.report([{ task: moved as TaskId, ...report }]);
    expect(stream.bench.task(moved)).toMatchObject({ state: "scheduled", nodeId: "id-w1", attempt: 2 });
    expect(stream.bench.task(stream.small[2] ?? "")?.state).toBe("pending");
  });
});
