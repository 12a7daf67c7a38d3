import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { byLabel, flag, single, SnapshotGauges, TallyCounter } from "./scraped.ts";

const DEFINITIONS = [
  { name: "rooms", help: "Rooms", samples: ({ rooms }: House) => single(rooms) },
  { name: "lights", help: "Lights", labelNames: ["state"], samples: ({ on }: House) => byLabel("state", { on }) },
  { name: "locked", help: "Locked", samples: ({ isLocked }: House) => flag(isLocked) },
];

interface House {
  readonly rooms: number;
  readonly on: number;
  readonly isLocked: boolean;
}

test("gauges show the newest snapshot, and nothing before there is one", async () => {
  const registry = new Registry();
  const gauges = new SnapshotGauges<House>(registry, DEFINITIONS);
  expect(await registry.metrics()).not.toMatch(/^(rooms|lights|locked)/m);

  gauges.show({ rooms: 3, on: 1, isLocked: false });
  gauges.show({ rooms: 4, on: 2, isLocked: true });
  const text = await registry.metrics();
  expect(text).toMatch(/^# TYPE rooms gauge$/m);
  expect(text.match(/^rooms.*$/gm)).toEqual(["rooms 4"]);
  expect(text).toMatch(/^lights\{state="on"\} 2$/m);
  expect(text).toMatch(/^locked 1$/m);
});

test("a tally counts by its labels and has those that are known from the start", async () => {
  const registry = new Registry();
  const of = { name: "moves_total", help: "Moves", labelNames: ["from", "to"] as const };
  const moves = new TallyCounter(of, [{ from: "a", to: "b" }]);
  registry.registerMetric(moves);
  expect(await registry.metrics()).toMatch(/^moves_total\{from="a",to="b"\} 0$/m);

  moves.count({ from: "a", to: "b" });
  moves.count({ from: "b", to: "a" });
  moves.count({ from: "b", to: "a" });
  const text = await registry.metrics();
  expect(text).toMatch(/^# TYPE moves_total counter$/m);
  expect(text).toMatch(/^moves_total\{from="a",to="b"\} 1$/m);
  expect(text).toMatch(/^moves_total\{from="b",to="a"\} 2$/m);
});
