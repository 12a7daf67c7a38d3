import { describe, expect, it } from "vitest";
import { Host } from "./host.ts";

/** A host whose store is a list, and refuses to take anything while `isFull`. */
class Bench {
  readonly committed: string[] = [];
  readonly carriedOut: string[] = [];
  readonly lost: string[] = [];
  isFull = false;
  onCommit: (() => void) | undefined;
  readonly host = new Host<string, readonly string[]>({
    step: (events) => events,
    commit: async (events) => {
      this.onCommit?.();
      await new Promise((resolve) => setImmediate(resolve));
      if (this.isFull) throw new Error("full");
      this.committed.push(...events);
    },
    carryOut: (events) => void this.carriedOut.push(...events),
    failed: (_error, events) => {
      this.isFull = false;
      this.lost.push(...events);
    },
    defer: (run) => setImmediate(run),
  });
}

describe("Host", () => {
  it("takes what waits as one batch, and lets it out once it is committed", async () => {
    const bench = new Bench();
    bench.host.post("a");
    bench.host.post("b");
    await bench.host.settled();
    expect(bench.committed).toEqual(["a", "b"]);
    expect(bench.carriedOut).toEqual(["a", "b"]);
  });

  it("gives up with a failed commit also what was posted meanwhile: those who wait for it are told the same", async () => {
    const bench = new Bench();
    bench.isFull = true;
    bench.onCommit = () => {
      bench.onCommit = undefined;
      bench.host.post("meanwhile");
    };
    bench.host.post("first");
    await bench.host.settled();
    expect(bench.lost).toEqual(["first", "meanwhile"]);
    expect(bench.committed).toEqual([]);
    bench.host.post("later");
    await bench.host.settled();
    expect(bench.committed).toEqual(["later"]);
  });

  it("takes those in a hurry first, and of the others so many as a turn takes", async () => {
    const turns: (readonly string[])[] = [];
    const host = new Host<string, readonly string[]>({
      step: (events) => events,
      commit: () => new Promise((resolve) => setImmediate(resolve)),
      carryOut: (events) => void turns.push(events),
      failed: () => undefined,
      defer: (run) => setImmediate(run),
      most: 2,
      isHurried: (event) => event.startsWith("!"),
    });
    for (const event of ["a", "b", "!1", "c", "!2", "d", "e"]) host.post(event);
    const settled = host.settled();
    for (const event of ["!3", "!4", "!5"]) host.post(event);
    await settled;
    expect(turns).toEqual([["!1", "!2", "!3", "!4", "!5", "a", "b"], ["c", "d"], ["e"]]);
  });

  it("lets a reader in that waits for nothing but the turn under way", async () => {
    const bench = new Bench();
    bench.host.post("first");
    await bench.host.betweenTurns();
    expect(bench.committed).toEqual([]); // the turn has not begun
    const underWay = Promise.withResolvers<() => Promise<void>>();
    bench.onCommit = () => {
      bench.onCommit = undefined;
      bench.host.post("second");
      const reader = bench.host.betweenTurns();
      underWay.resolve(() => reader);
    };
    await (
      await underWay.promise
    )();
    expect(bench.carriedOut).toEqual(["first"]);
    await bench.host.settled();
    expect(bench.carriedOut).toEqual(["first", "second"]);
  });

  it("lets a reader in between two turns, however much is posted", async () => {
    const bench = new Bench();
    let posted = 0;
    bench.onCommit = () => {
      posted += 1;
      if (posted < 1000) bench.host.post(`more ${String(posted)}`);
    };
    bench.host.post("first");
    await bench.host.settled();
    expect(bench.committed).toContain("first");
    expect(posted).toBeLessThan(10);
    await bench.host.stop();
  });

  it("settles what was posted while a commit was under way", async () => {
    const bench = new Bench();
    const seen: (readonly string[])[] = [];
    bench.onCommit = () => {
      bench.onCommit = undefined;
      bench.host.post("second");
      void bench.host.settled().then(() => seen.push([...bench.committed]));
    };
    bench.host.post("first");
    await bench.host.settled();
    await bench.host.stop();
    await bench.host.settled();
    expect(seen).toEqual([["first", "second"]]);
  });
});
