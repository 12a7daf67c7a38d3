import { describe, expect, it } from "vitest";
import type { Write } from "../utils/write.ts";
import { Disk } from "./disk.ts";
import { MachineClock } from "./machine-clock.ts";
import { SeededRandom } from "./seeded-random.ts";
import { SimHost, type KillPoint } from "./sim-host.ts";
import { VirtualTime } from "./virtual-time.ts";

interface Effects {
  readonly writes: readonly Write[];
  readonly said: readonly string[];
}

/** A host around a core that writes each event down and then says it twice. */
function hosted(options: { readonly killAt?: KillPoint; readonly isFull?: boolean } = {}) {
  const time = new VirtualTime();
  const disk = new Disk();
  disk.isFull = options.isFull === true;
  const out: string[] = [];
  const host = new SimHost<string, Effects>({
    time,
    clock: new MachineClock(time, { rate: 1, wallOffsetMs: 0 }),
    random: new SeededRandom(1),
    disk,
    step: (events) => ({
      writes: events.map((event) => ({ table: "events", key: event, value: event })),
      said: events.flatMap((event) => [`${event} once`, `${event} twice`]),
    }),
    nextWake: () => undefined,
    ticked: () => "tick",
    committed: () => undefined,
    carryOut: ({ said }, isAlive) => {
      for (const words of said) if (isAlive()) out.push(words);
    },
    refused: () => true,
    killed: () => out.push("killed"),
  });
  if (options.killAt !== undefined) host.killAt(options.killAt);
  const kept = (): string[] => disk.rows("events").map(({ key }) => key);
  return { time, disk, host, out, kept };
}

describe("SimHost", () => {
  it("commits before anything is seen", () => {
    const { time, host, out, kept } = hosted();
    host.post("a");
    for (let ms = 0; ms < 20; ms += 0.05) {
      time.runUntil(ms);
      if (out.length > 0) expect(kept()).toEqual(["a"]);
    }
    expect(out).toEqual(["a once", "a twice"]);
  });

  it.each([
    [{ kind: "commit", durable: false }, [], ["killed"]],
    [{ kind: "commit", durable: true }, ["a"], ["killed"]],
    [{ kind: "effects", after: 1 }, ["a"], ["a once", "killed"]],
  ] as const)("dies at the point that was named: %o", (killAt, kept, out) => {
    const sim = hosted({ killAt });
    sim.host.post("a");
    sim.time.runUntil(100);
    sim.host.post("b");
    sim.time.runUntil(200);
    expect(sim.kept()).toEqual(kept);
    expect(sim.out).toEqual(out);
  });

  it("lets nothing out while the disk is full, and tries again", () => {
    const { time, disk, host, out } = hosted({ isFull: true });
    host.post("a");
    time.runUntil(5000);
    expect(out).toEqual([]);
    disk.isFull = false;
    time.runUntil(7000);
    expect(out).toEqual(["a once", "a twice"]);
  });

  it("does nothing while it is held up", () => {
    const { time, host, out } = hosted();
    host.hold(1000);
    host.post("a");
    time.runUntil(999);
    expect(out).toEqual([]);
    time.runUntil(1100);
    expect(out).toEqual(["a once", "a twice"]);
  });
});
