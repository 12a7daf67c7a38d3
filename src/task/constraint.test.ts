import fc from "fast-check";
import { expect, test } from "vitest";
import {
  parseAntiAffinity,
  parseConstraint,
  satisfies,
  type ConstrainedNode,
  type Constraint,
  type Subject,
  type Test,
} from "./constraint.ts";

const GIB = 2 ** 30;

const WORKER3: ConstrainedNode = {
  name: "worker3",
  labels: { disk: "ssd", zone: "eu 2", "topology.example/rack": "r-1" },
  runtimes: ["docker", "hollow"],
  capacity: { cpu: 4, memory: 16 * GIB, disk: 0 },
};

function parsed(text: string): Constraint {
  const result = parseConstraint(text);
  if (result.kind === "malformed") throw new Error(result.message);
  return result;
}

test.each([
  ["label.disk == ssd", true],
  ["label.disk==ssd", true],
  ["  label.disk   ==   'ssd'  ", true],
  ["label.disk == hdd", false],
  ["label.disk != hdd", true],
  ["label.disk != ssd", false],
  ['label.zone == "eu 2"', true],
  ["label.topology.example/rack == r-1", true],
  ["label.disk in (hdd, ssd)", true],
  ["label.disk in (hdd)", false],
  ["label.disk not in (hdd, nvme)", true],
  ["label.disk not in (ssd,'hdd')", false],
  ["label.disk exists", true],
  ["label.gpu exists", false],
  ["label.gpu not exists", true],
  ["node == worker3", true],
  ["node != worker3", false],
  ["node not in (worker1, worker2)", true],
  ["runtime == docker", true],
  ["runtime == process", false],
  ["runtime != docker", false],
  ["runtime != process", true],
  ["runtime in (process, hollow)", true],
  ["runtime not in (process, hollow)", false],
  ["cpu == 4", true],
  ["cpu >= 4", true],
  ["cpu > 4", false],
  ["cpu <= 3.5", false],
  ["cpu in (2, 4)", true],
  ["memory >= 16GiB", true],
  ["memory >= 16 GiB", true],
  ["memory > 17179869184", false],
  ["memory < 20 GB", true],
  ["disk == 0", true],
  ["disk != 0", false],
])("%s: %s", (text, holds) => {
  expect(satisfies(WORKER3, parsed(text))).toBe(holds);
});

test("a node that lacks the label satisfies only what denies it", () => {
  const on = (text: string) => satisfies(WORKER3, parsed(text));
  expect([on("label.gpu == a"), on("label.gpu in (a)"), on("label.gpu exists")]).toEqual([false, false, false]);
  expect([on("label.gpu != a"), on("label.gpu not in (a)"), on("label.gpu not exists")]).toEqual([true, true, true]);
});

test("a label's key is never taken for something that every object has", () => {
  for (const key of ["constructor", "toString", "hasOwnProperty"]) {
    expect(satisfies(WORKER3, parsed(`label.${key} exists`))).toBe(false);
  }
});

test.each([
  ["", 1, "found nothing more"],
  ["disc == ssd", 1, 'expected label.KEY, node, runtime, cpu, memory or disk, found "disc"'],
  ["label. == ssd", 7, "expected a label's key, found nothing"],
  ["label.-x == ssd", 7, 'expected a label\'s key, found "-x"'],
  ["label.disk", 11, "found nothing more"],
  ["label.disk = ssd", 12, 'not in, exists or not exists, found "="'],
  ["label.disk ssd", 12, 'found "ssd"'],
  ["label.disk ==", 14, "expected a value, found nothing more"],
  ["label.disk == == ssd", 15, 'expected a value, found "=="'],
  ["label.rack == rack 7", 20, 'unexpected "7"; a value with spaces is quoted'],
  ["label.disk == 'ssd", 15, "the quote is not closed"],
  ["label.disk not", 12, 'found "not"'],
  ["label.disk not == ssd", 12, 'found "not"'],
  ["label.disk in ssd", 15, 'expected (, found "ssd"'],
  ["label.disk in ()", 16, 'expected a value, found ")"'],
  ["label.disk in (ssd,)", 20, 'expected a value, found ")"'],
  ["label.disk in (ssd hdd)", 20, 'expected , or ), found "hdd"'],
  ["label.disk in (ssd", 19, "expected , or ), found nothing more"],
  ["label.size > 3", 12, '">" is for cpu, memory and disk alone'],
  ["node exists", 6, '"exists" is for labels alone'],
  ["cpu not exists", 5, '"not exists" is for labels alone'],
  ["runtime == dokcer", 12, 'no runtime "dokcer"; there are docker, process, hollow'],
  ["cpu > four", 7, '"four" is no number of cores'],
  ["cpu > -1", 7, '"-1" is no number of cores'],
  ["memory >= 5 bananas", 11, '"5 bananas" is no size such as 16GiB'],
  ["memory >= 'much'", 11, '"much" is no size such as 16GiB'],
  ["label.disk == ssd && cpu > 4", 19, 'unexpected "&&"'],
])("%s is refused at character %i", (text, position, problem) => {
  const result = parseConstraint(text);
  expect(result).toMatchObject({ kind: "malformed", position });
  if (result.kind !== "malformed") return;
  expect(result.message).toContain(`"${text}"`);
  expect(result.message).toContain(problem);
  expect(result.message).toContain(`at character ${String(position)}`);
});

test("any text at all is either a constraint or refused within its length", () => {
  const word = fc.constantFrom(
    ..."label. label.a node cpu memory in not exists == != >= ( ) , ' \" \\ = 3 GiB x".split(" "),
  );
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(word).map((words) => words.join(" ")),
  );
  fc.assert(
    fc.property(text, (input) => {
      for (const result of [parseConstraint(input), parseAntiAffinity(input)]) {
        if (result.kind !== "malformed") continue;
        expect(result.position).toBeGreaterThanOrEqual(1);
        expect(result.position).toBeLessThanOrEqual(input.length + 1);
      }
    }),
  );
});

const KEY = fc.stringMatching(/^[A-Za-z0-9]([A-Za-z0-9_./-]{0,20}[A-Za-z0-9])?$/);
const RUNTIME = fc.constantFrom("docker", "process", "hollow");
const LABEL: fc.Arbitrary<Subject> = KEY.map((key) => ({ kind: "label", key }));
const CPU: Subject = { kind: "capacity", resource: "cpu" };
const SIZE: fc.Arbitrary<Subject> = fc
  .constantFrom("memory" as const, "disk" as const)
  .map((resource) => ({ kind: "capacity", resource }));
const CORES = fc.integer({ min: 0, max: 1e6 }).map((milli) => milli / 1000);
const BYTES = fc.maxSafeNat();

function among(values: fc.Arbitrary<string | number>): fc.Arbitrary<Test> {
  const operator = fc.constantFrom("in" as const, "not in" as const);
  return fc.record({ operator, values: fc.array(values, { minLength: 1, maxLength: 4 }) });
}

function compared(bound: fc.Arbitrary<number>): fc.Arbitrary<Test> {
  return fc.record({ operator: fc.constantFrom(">" as const, "<" as const, ">=" as const, "<=" as const), bound });
}

const EXISTENCE: fc.Arbitrary<Test> = fc.record({
  operator: fc.constantFrom("exists" as const, "not exists" as const),
});

const CONSTRAINT: fc.Arbitrary<readonly [Subject, Test]> = fc.oneof(
  fc.tuple(LABEL, fc.oneof(among(fc.string({ unit: "binary" })), EXISTENCE)),
  fc.tuple(fc.constant<Subject>({ kind: "node" }), among(fc.string())),
  fc.tuple(fc.constant<Subject>({ kind: "runtime" }), among(RUNTIME)),
  fc.tuple(fc.constant(CPU), fc.oneof(among(CORES), compared(CORES))),
  fc.tuple(SIZE, fc.oneof(among(BYTES), compared(BYTES))),
);

test("what is written down is read back", () => {
  const quoted = (value: string | number) =>
    typeof value === "number" ? String(value) : `"${value.replace(/["\\]/g, "\\$&")}"`;
  const written = ([subject, asked]: readonly [Subject, Test]) => {
    let left: string = subject.kind;
    if (subject.kind === "label") left = `label.${subject.key}`;
    if (subject.kind === "capacity") left = subject.resource;
    if ("values" in asked) return `${left} ${asked.operator} (${asked.values.map(quoted).join(", ")})`;
    return "bound" in asked ? `${left} ${asked.operator} ${String(asked.bound)}` : `${left} ${asked.operator}`;
  };
  fc.assert(
    fc.property(CONSTRAINT, ([subject, asked]) => {
      expect(parsed(written([subject, asked]))).toMatchObject({ subject, test: asked });
    }),
  );
});

test("each operator denies its opposite, on every node", () => {
  const opposite = { in: "not in", "not in": "in", exists: "not exists", "not exists": "exists" } as const;
  const bounds = { ">": "<=", "<=": ">", "<": ">=", ">=": "<" } as const;
  const node = fc.record({
    name: fc.string(),
    labels: fc.dictionary(KEY, fc.string()),
    runtimes: fc.uniqueArray(fc.constantFrom("docker" as const, "process" as const)),
    capacity: fc.record({ cpu: CORES, memory: BYTES, disk: BYTES }),
  });
  fc.assert(
    fc.property(CONSTRAINT, node, ([subject, asked], on) => {
      let negated: Test;
      if ("values" in asked) negated = { ...asked, operator: opposite[asked.operator] };
      else if ("bound" in asked) negated = { ...asked, operator: bounds[asked.operator] };
      else negated = { operator: opposite[asked.operator] };
      const base = { kind: "constraint", text: "", subject } as const;
      expect(satisfies(on, { ...base, test: negated })).toBe(!satisfies(on, { ...base, test: asked }));
    }),
  );
});

test("anti-affinity names a task or one of its labels", () => {
  expect(parseAntiAffinity("web server")).toEqual({ kind: "taskName", text: "web server", name: "web server" });
  expect(parseAntiAffinity("label.tier == 'front end'")).toEqual({
    kind: "taskLabel",
    text: "label.tier == 'front end'",
    key: "tier",
    value: "front end",
  });
});

test.each(["label.tier", "label.tier != web", "label.tier in (a, b)", "label.tier exists", "label. == x"])(
  "the anti-affinity %s is refused rather than taken for a name",
  (text) => {
    expect(parseAntiAffinity(text)).toMatchObject({ kind: "malformed" });
  },
);
