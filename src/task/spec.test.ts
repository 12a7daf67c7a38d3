import fc from "fast-check";
import { Compile } from "typebox/compile";
import { expect, test } from "vitest";
import { TaskDocumentSchema, type SpecDocument } from "./document.ts";
import {
  environment,
  hasSecrets,
  publicDocument,
  resolveSpec,
  SpecTable,
  specOf,
  withDefaults,
  withoutSecrets,
} from "./spec.ts";

const MIB = 2 ** 20;
const schema = Compile(TaskDocumentSchema);

test("what is not said has the defaults of the contract", () => {
  expect(withDefaults({ image: "x" })).toEqual({
    image: "x",
    runtime: "docker",
    pull: "missing",
    cpu: 0.1,
    memory: "64MiB",
    disk: 0,
    ports: [],
    volumes: [],
    restart: { policy: "on-failure", attempts: 3, window: "10m", delay: "1s", delayMax: "1m" },
    reschedule: { attempts: 5, delay: "5s", onDisconnect: "replace" },
    priority: 50,
    startTimeout: "5m",
    stopTimeout: "10s",
  });
  expect(withDefaults({ image: "x", health: {}, ports: [{ container: 80 }] })).toMatchObject({
    health: { interval: "10s", timeout: "2s", retries: 3, startPeriod: "5s" },
    ports: [{ container: 80, host: 0, protocol: "tcp" }],
  });
});

test("the spec is the document in numbers", () => {
  expect(resolveSpec({ image: "x" })).toEqual({
    document: { image: "x" },
    runtime: "docker",
    resources: { cpu: 0.1, memory: 64 * MIB, disk: 0 },
    limits: {},
    ports: [],
    volumes: [],
    restart: { policy: "on-failure", attempts: 3, windowMs: 600_000, delayMs: 1000, delayMaxMs: 60_000 },
    reschedule: { attempts: 5, delayMs: 5000, onDisconnect: "replace" },
    health: undefined,
    constraints: [],
    antiAffinity: [],
    priority: 50,
    startTimeoutMs: 300_000,
    stopTimeoutMs: 10_000,
  });
});

test("defaults are filled in once: a document that has them is left as it is", () => {
  const document: SpecDocument = {
    image: "x",
    restart: { policy: "never" },
    health: { tcp: { port: 80 }, retries: 5 },
    ports: [{ container: 80, host: 8080, wish: true }],
    volumes: [{ source: "data", target: "/data" }],
  };
  expect(withDefaults(withDefaults(document))).toEqual(withDefaults(document));
  expect(resolveSpec(withDefaults(document)).restart).toEqual(resolveSpec(document).restart);
});

test("the engine limits what was asked for, and nothing else", () => {
  expect(resolveSpec({ image: "x", cpu: 0.5, memory: "1GiB" }).limits).toEqual({ cpu: 0.5, memory: 1024 * MIB });
  const nothing = resolveSpec({ image: "x", cpu: 0, memory: 0, disk: 0 });
  expect(nothing.limits).toEqual({});
  expect(nothing.resources).toEqual({ cpu: 0, memory: 0, disk: 0 });
});

test.each([
  [{ http: {} }, { kind: "http", path: "/", port: 7777 }],
  [{ http: { path: "/health", port: 81 } }, { kind: "http", path: "/health", port: 81 }],
  [{ tcp: {} }, { kind: "tcp", port: 7777 }],
  [{ command: ["true"] }, { kind: "command", command: ["true"] }],
])("health %j probes %j, on the first port unless it names one", (health, probe) => {
  const document = { image: "x", ports: [{ container: 7777 }, { container: 81 }], health };
  expect(resolveSpec(document).health).toEqual({
    probe,
    intervalMs: 10_000,
    timeoutMs: 2000,
    retries: 3,
    startPeriodMs: 5000,
  });
});

/** Documents with secrets that are recognisable wherever they turn up. */
const SECRET = fc.string({ minLength: 1, maxLength: 8 }).map((text) => `S3CRET${text}`);
const NAME = fc.stringMatching(/^[A-Z][A-Z_]{0,8}[A-Z]$/);
const DOCUMENT: fc.Arbitrary<SpecDocument> = fc.record(
  {
    image: fc.constant("x"),
    env: fc.dictionary(
      NAME,
      fc.oneof(
        fc.stringMatching(/^[a-z]{0,8}$/),
        SECRET.map((value) => ({ value, secret: true as const })),
      ),
    ),
    registryAuth: fc.record({ username: SECRET, password: SECRET }),
    labels: fc.dictionary(NAME, fc.stringMatching(/^[a-z]{0,8}$/)),
  },
  { requiredKeys: ["image"] },
);

test("no secret is in a public document, and all that is no secret is", () => {
  fc.assert(
    fc.property(DOCUMENT, (document) => {
      const shown = publicDocument(document);
      expect(JSON.stringify(shown)).not.toContain("S3CRET");
      expect(hasSecrets(document)).toBe(JSON.stringify(document).includes("S3CRET"));
      expect(hasSecrets(shown)).toBe(false);
      expect(shown.labels).toEqual(document.labels);
      for (const [key, value] of Object.entries(document.env ?? {})) {
        expect(shown.env?.[key]).toBe(typeof value === "string" ? value : undefined);
        expect(environment(document)[key]).toBe(typeof value === "string" ? value : value.value);
      }
      expect(withDefaults(withoutSecrets(document))).toEqual(shown);
    }),
  );
});

test("a public document is a document that could be submitted again", () => {
  fc.assert(
    fc.property(DOCUMENT, (document) => {
      expect([...schema.Errors(publicDocument(document))]).toEqual([]);
    }),
  );
});

test("documents that are alike share one spec until the last holder is gone", () => {
  const table = new SpecTable();
  const first = table.acquire({ image: "x", cpu: 1 });
  expect(table.acquire({ image: "x", cpu: 1 })).toBe(first);
  const other = table.acquire({ image: "x", cpu: 2 });
  expect(other).not.toBe(first);
  expect(table.size).toBe(2);
  table.release(first);
  expect(table.size).toBe(2);
  table.release(first);
  expect(table.size).toBe(1);
  table.release(first);
  expect(table.acquire({ image: "x", cpu: 2 })).toBe(other);
});

test("a table holds exactly the specs that are held", () => {
  const images = fc.constantFrom("a", "b", "c");
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), images), { maxLength: 40 }), (steps) => {
      const table = new SpecTable();
      const held = new Map<string, ReturnType<SpecTable["acquire"]>[]>();
      for (const [isAcquire, image] of steps) {
        const specs = held.get(image) ?? [];
        held.set(image, specs);
        if (isAcquire) {
          const spec = table.acquire({ image });
          if (specs[0] !== undefined) expect(spec).toBe(specs[0]);
          specs.push(spec);
        } else {
          const spec = specs.pop();
          if (spec !== undefined) table.release(spec);
        }
        expect(table.size).toBe([...held.values()].filter(({ length }) => length > 0).length);
      }
    }),
  );
});

test("id and name are what tasks of one spec do not share", () => {
  const id = "21b23589-5d2d-4731-b5c9-a97e9832d021";
  expect(specOf({ id, name: "echo", image: "x" })).toEqual({ image: "x" });
});
