import fc from "fast-check";
import { expect, test } from "vitest";
import type { AttemptKey } from "../task/id.ts";
import type { PortRequest, Protocol } from "../task/spec.ts";
import { Ledger, RESOURCE_NAMES, type Demand } from "./ledger.ts";

const GIB = 2 ** 30;
const CAPACITY = { cpu: 4, memory: 8 * GIB, disk: 100 * GIB };

const key = (number: number): AttemptKey => `task/${String(number)}` as AttemptKey;
const fixed = (host: number, protocol: Protocol = "tcp"): PortRequest => ({
  container: 80,
  host,
  protocol,
  wish: false,
});
const demand = (cpu: number, memory = 0, ports: readonly PortRequest[] = []): Demand => ({
  resources: { cpu, memory, disk: 0 },
  ports,
});

test("what is reserved is no longer free, and is again once it is released", () => {
  const ledger = new Ledger(CAPACITY);
  ledger.reserve(key(1), { resources: { cpu: 1.5, memory: GIB, disk: 10 * GIB }, ports: [fixed(8080)] });
  expect(ledger.reserved).toEqual({ cpu: 1.5, memory: GIB, disk: 10 * GIB });
  expect(ledger.free).toEqual({ cpu: 2.5, memory: 7 * GIB, disk: 90 * GIB });
  expect([ledger.count, ledger.has(key(1)), ledger.isPortFree(8080, "tcp")]).toEqual([1, true, false]);
  ledger.release(key(1));
  expect(ledger.free).toEqual(CAPACITY);
  expect([ledger.count, ledger.has(key(1)), ledger.isPortFree(8080, "tcp")]).toEqual([0, false, true]);
});

test("what is assigned and reported, in any order, counts once", () => {
  const ledger = new Ledger(CAPACITY);
  ledger.reserve(key(1), demand(1));
  ledger.reserve(key(1), demand(3));
  expect(ledger.reserved.cpu).toBe(1);
  ledger.release(key(1));
  ledger.release(key(1));
  expect(ledger.reserved.cpu).toBe(0);
});

test("every respect in which a demand does not fit is named, with what it needs and what is left", () => {
  const ledger = new Ledger(CAPACITY);
  ledger.reserve(key(1), { resources: { cpu: 3.9, memory: 7 * GIB, disk: 0 }, ports: [fixed(53, "udp")] });
  const tooMuch = {
    resources: { cpu: 0.2, memory: 2 * GIB, disk: 101 * GIB },
    ports: [fixed(53, "udp"), fixed(53, "tcp"), { ...fixed(53, "udp"), wish: true }, fixed(0)],
  };
  expect(ledger.fits(tooMuch)).toBe(false);
  expect(ledger.shortfalls(tooMuch)).toEqual([
    { what: "cpu", needs: 0.2, has: 0.1 },
    { what: "memory", needs: 2 * GIB, has: GIB },
    { what: "disk", needs: 101 * GIB, has: 100 * GIB },
    { what: "ports", needs: 1, has: 0, port: "53/udp" },
  ]);
});

test("tenths of a core fill a core exactly", () => {
  const ledger = new Ledger({ ...CAPACITY, cpu: 1 });
  for (let number = 0; number < 10; number += 1) {
    expect(ledger.fits(demand(0.1))).toBe(true);
    ledger.reserve(key(number), demand(0.1));
  }
  expect(ledger.reserved.cpu).toBe(1);
  expect(ledger.fits(demand(0.000_001))).toBe(false);
  for (let number = 9; number >= 0; number -= 1) ledger.release(key(number));
  expect(ledger.reserved.cpu).toBe(0);
});

test("what asks for nothing fits, also where more is taken than there is", () => {
  const ledger = new Ledger({ cpu: 1, memory: 0, disk: 0 });
  ledger.reserve(key(1), demand(5, GIB));
  expect(ledger.free).toEqual({ cpu: -4, memory: -GIB, disk: 0 });
  expect(ledger.fits(demand(0))).toBe(true);
  expect(ledger.shortfalls(demand(0.5))).toEqual([{ what: "cpu", needs: 0.5, has: -4 }]);
});

test("a capacity that shrinks leaves less room, and takes nothing away", () => {
  const ledger = new Ledger(CAPACITY);
  ledger.reserve(key(1), demand(2));
  ledger.capacity = { ...CAPACITY, cpu: 2.5 };
  expect(ledger.capacity.cpu).toBe(2.5);
  expect([ledger.fits(demand(0.5)), ledger.fits(demand(0.6))]).toEqual([true, false]);
});

test("a port that an attempt was given is held like one that it asked for", () => {
  const ledger = new Ledger(CAPACITY);
  ledger.reserve(key(1), demand(0, 0, [fixed(0)]));
  expect(ledger.isPortFree(20_001, "tcp")).toBe(true);
  ledger.holdPort(key(1), 20_001, "tcp");
  ledger.holdPort(key(2), 20_002, "tcp"); // of nobody that is known
  expect(ledger.fits(demand(0, 0, [fixed(20_001)]))).toBe(false);
  expect(ledger.fits(demand(0, 0, [fixed(20_001, "udp"), fixed(20_002)]))).toBe(true);
  ledger.release(key(1));
  expect(ledger.isPortFree(20_001, "tcp")).toBe(true);
});

test("a port that two attempts were found on is free when both are gone", () => {
  const ledger = new Ledger(CAPACITY);
  ledger.reserve(key(1), demand(0, 0, [fixed(8080), fixed(8080)]));
  ledger.reserve(key(2), demand(0, 0, [fixed(8080)]));
  ledger.release(key(1));
  expect(ledger.isPortFree(8080, "tcp")).toBe(false);
  ledger.release(key(2));
  expect(ledger.isPortFree(8080, "tcp")).toBe(true);
});

/** Any cores, also fractions that have no exact form; sizes up to what a machine may have. */
const DEMAND: fc.Arbitrary<Demand> = fc.record({
  resources: fc.record({
    cpu: fc.double({ min: 0, max: 3, noNaN: true }),
    memory: fc.nat(4 * GIB),
    disk: fc.nat(60 * GIB),
  }),
  ports: fc.array(
    fc.record({
      container: fc.constant(80),
      host: fc.constantFrom(0, 8080, 8081),
      protocol: fc.constantFrom<Protocol>("tcp", "udp"),
      wish: fc.boolean(),
    }),
    { maxLength: 3 },
  ),
});
const STEP = fc.record({
  action: fc.constantFrom("reserve", "reserveIfItFits", "release", "holdPort"),
  number: fc.nat(7),
  demand: DEMAND,
});

const near = (cores: number): number => Math.round(cores * 1e6) / 1e6;

test("whatever happens, the ledger is the sum of what is held, and empty when nothing is", () => {
  fc.assert(
    fc.property(fc.array(STEP, { maxLength: 60 }), (steps) => {
      const ledger = new Ledger(CAPACITY);
      const held = new Map<number, { demand: Demand; ports: Set<string> }>();
      for (const { action, number, demand: wanted } of steps) {
        if (action === "release") {
          ledger.release(key(number));
          held.delete(number);
        } else if (action === "holdPort") {
          ledger.holdPort(key(number), 8082, "tcp");
          held.get(number)?.ports.add("8082/tcp");
        } else if (action === "reserve" || ledger.fits(wanted)) {
          ledger.reserve(key(number), wanted);
          const ports = wanted.ports.filter(({ host, wish }) => host !== 0 && !wish);
          const names = ports.map(({ host, protocol }) => `${String(host)}/${protocol}`);
          if (!held.has(number)) held.set(number, { demand: wanted, ports: new Set(names) });
        }
        const demands = [...held.values()].map((one) => one.demand.resources);
        expect(ledger.count).toBe(held.size);
        expect(ledger.reserved.cpu).toBeCloseTo(
          demands.reduce((sum, { cpu }) => sum + near(cpu), 0),
          9,
        );
        expect(ledger.reserved.memory).toBe(demands.reduce((sum, { memory }) => sum + memory, 0));
        expect(ledger.reserved.disk).toBe(demands.reduce((sum, { disk }) => sum + disk, 0));
        const ports = new Set([...held.values()].flatMap((one) => [...one.ports]));
        for (const host of [8080, 8081, 8082]) {
          for (const protocol of ["tcp", "udp"] as const) {
            expect(ledger.isPortFree(host, protocol)).toBe(!ports.has(`${String(host)}/${protocol}`));
          }
        }
      }
      for (const number of held.keys()) ledger.release(key(number));
      expect([ledger.reserved, ledger.free]).toEqual([{ cpu: 0, memory: 0, disk: 0 }, CAPACITY]);
    }),
  );
});

test("who asks first never takes more than there is, nor a port twice; and a demand fits exactly when nothing is short", () => {
  fc.assert(
    fc.property(fc.array(STEP, { maxLength: 60 }), (steps) => {
      const ledger = new Ledger(CAPACITY);
      const ports = new Map<string, number>();
      for (const { action, number, demand: wanted } of steps) {
        const fits = ledger.fits(wanted);
        expect(ledger.shortfalls(wanted).length === 0).toBe(fits);
        if (action === "release") {
          ledger.release(key(number));
          for (const [port, holder] of ports) if (holder === number) ports.delete(port);
        } else if (fits && !ledger.has(key(number))) {
          ledger.reserve(key(number), wanted);
          for (const { host, protocol, wish } of wanted.ports) {
            if (host === 0 || wish) continue;
            const port = `${String(host)}/${protocol}`;
            expect(ports.get(port) ?? number).toBe(number);
            ports.set(port, number);
          }
        }
        for (const what of RESOURCE_NAMES) {
          expect(ledger.reserved[what]).toBeGreaterThanOrEqual(0);
          expect(ledger.reserved[what]).toBeLessThanOrEqual(CAPACITY[what]);
        }
      }
    }),
  );
});
