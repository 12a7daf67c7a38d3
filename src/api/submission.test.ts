import fc from "fast-check";
import { Compile } from "typebox/compile";
import { expect, test } from "vitest";
import { TaskDocumentSchema } from "../task/document.ts";
import { schemaErrors } from "./schema-errors.ts";
import { MAX_TASKS, readSubmission } from "./submission.ts";

const ID = "21b23589-5d2d-4731-b5c9-a97e9832d021";

async function refusal(body: unknown) {
  const reading = await readSubmission(body);
  if (reading.kind !== "refused") throw new Error(`accepted: ${JSON.stringify(reading)}`);
  const { status, code, detail, errors = [] } = reading.problem;
  return { status, code, detail, errors: errors.map(({ path, message }) => `${path}: ${message}`) };
}

test("one task and a list come out as they went in, ids in lower case", async () => {
  const task = { id: ID.toUpperCase(), image: "birdman/echo:latest", ports: [{ container: 7777 }] };
  expect(await readSubmission(task)).toEqual({ kind: "start", documents: [{ ...task, id: ID }], isList: false });
  const list = [{ image: "a" }, { image: "b", memory: "64MiB" }, { runtime: "process", command: ["true"] }];
  expect(await readSubmission(list)).toEqual({ kind: "start", documents: list, isList: true });
});

test.each([
  [{ image: "x", nmae: "y" }, '/nmae: unknown field "nmae"; did you mean "name"?'],
  [{ image: "x", replicas: 3 }, '/replicas: unknown field "replicas"'],
  [{ image: "x", cpu: "1" }, "/cpu: must be a number, not a string"],
  [{ image: "x", cpu: -1 }, "/cpu: must be at least 0"],
  [{ image: "x", cpu: Number.POSITIVE_INFINITY }, "/cpu: must be a number, not one beyond all bounds"],
  [{ image: "x", memory: "5 bananas" }, "/memory: must be bytes, or a string with a unit: KiB MiB GiB TiB kB MB GB TB"],
  [
    { image: "x", memory: 0.5 },
    "/memory: must be bytes, or a string with a unit: KiB MiB GiB TiB kB MB GB TB, not a fraction",
  ],
  [{ image: "x", memory: "99999999999 TiB" }, "/memory: is more bytes than can be counted"],
  [{ image: "x", stopTimeout: "soon" }, "/stopTimeout: must be milliseconds, or a string such as 500ms, 2s, 10m, 1h"],
  [{ image: "x", stopTimeout: "1000000h" }, "/stopTimeout: must be at most 366 days"],
  [{ image: "x", restart: { delay: "99999d" } }, "/restart/delay: must be at most 366 days"],
  [{ image: "x", runtime: "dokcer" }, '/runtime: must be one of "docker", "process", "hollow"; did you mean "docker"?'],
  [{ image: "x", ports: [{ container: 80 }, { container: 70_000 }] }, "/ports/1/container: must be at most 65535"],
  [
    { image: "x", ports: [{ container: 80, protcol: "tcp" }] },
    '/ports/0/protcol: unknown field "protcol"; did you mean "protocol"?',
  ],
  [
    { image: "x", env: { "a b": "1" } },
    '/env/a b: "a b" cannot be a key of env: no spaces, no =, at most 256 characters',
  ],
  [{ image: "x", env: { A: 1 } }, "/env/A: must be a string or an object, not a number"],
  [{ image: "x", env: { A: { value: "1", secret: false } } }, "/env/A/secret: must be true"],
  [{ image: "x", env: { "a/b~": 1 } }, "/env/a~1b~0: must be a string or an object, not a number"],
  [
    { image: "x", labels: { "-": "1" } },
    '/labels/-: "-" cannot be a key of labels: letters, digits and . _ / - inside, at most 128 characters',
  ],
  [{ image: "x", name: "a\u0000b" }, "/name: must be printable characters with no space at either end"],
  [{ image: "x", name: "" }, "/name: must not be empty"],
  [{ image: "x", name: "n".repeat(129) }, "/name: must have at most 128 characters"],
  [{ image: "x", name: `n${"\u0301".repeat(1_000_000)}` }, "/name: must have at most 128 characters"],
  [{ image: "x y" }, "/image: must be an image's name, with no spaces or control characters"],
  [{ image: "x", id: "7" }, "/id: must be a UUID"],
  [{ image: "x", command: "ls" }, "/command: must be a list, not a string"],
  [{ image: "x", command: ["a\u0000"] }, "/command/0: must not contain a NUL character"],
  [{ image: "x", command: [] }, "/command: must not be empty"],
  [{ image: "x", user: "a\nb" }, "/user: must not contain control characters"],
  [{ image: "x", registryAuth: { username: "u" } }, '/registryAuth: "password" is missing'],
  [{ image: "x", priority: 101 }, "/priority: must be at most 100"],
  [{ image: null }, "/image: must be a string, not null"],
  [{}, "/image: is missing: the docker runtime needs one"],
  [
    { command: ["ls"] },
    '/image: is missing: the docker runtime needs one (a plain command needs "runtime": "process")',
  ],
  [{ runtime: "process" }, "/command: is missing: the process runtime needs one"],
  [null, ": must be a task, a list of tasks or an event, not null"],
  ["x", ": must be a task, a list of tasks or an event, not a string"],
  [[], ": the list has no tasks"],
  [[{ image: "x" }, 7], "/1: must be an object, not a number"],
  [[{ image: "x" }, [{ image: "x" }]], "/1: must be an object, not a list"],
  [[{ image: "x" }, { Task: { Image: "x" } }], "/1: an event stands alone, not in a list"],
  [[{ image: "x", id: ID }, { image: "x" }, { image: "x", id: ID.toUpperCase() }], "/2/id: is the id of /0 too"],
])("%j is malformed (400): %s", async (body, error) => {
  const { status, code, errors } = await refusal(body);
  expect([status, code]).toEqual([400, "invalid_body"]);
  expect(errors).toEqual([error]);
});

test.each([
  [{ memory: "5MiB" }, "/memory: is 5242880 bytes; no container runs with less than 6 MiB"],
  [{ cpu: 0.001 }, "/cpu: no container runs with less than 0.01 cores"],
  [{ workingDir: "app" }, "/workingDir: must be an absolute path"],
  [{ health: { http: { path: "/" } } }, "/health/http: names no port, and the task has no ports to take the first of"],
  [
    { health: { tcp: {} }, ports: [{ container: 53, protocol: "udp" }] },
    "/health/tcp: names no port, and the task's first one is udp",
  ],
  [{ health: {} }, "/health: must have one of http, tcp and command; it has none of them"],
  [
    { health: { tcp: { port: 1 }, command: ["true"] } },
    "/health: must have one of http, tcp and command; it has tcp and command",
  ],
  [
    { ports: [{ container: 1, host: 80 }, { container: 2 }, { container: 3, host: 80 }] },
    "/ports/2/host: asks for 80/tcp, as /ports/0 does",
  ],
  [
    { volumes: [{ source: "./data", target: "/data" }] },
    "/volumes/0/source: is a relative path; a path on the node must begin with /",
  ],
  [{ volumes: [{ source: "/srv/../etc", target: "/data" }] }, "/volumes/0/source: must be a path without .."],
  [
    { volumes: [{ source: "-x", target: "/data" }] },
    "/volumes/0/source: a volume's name has letters, digits and . _ - and begins with a letter or digit",
  ],
  [{ volumes: [{ source: "x", target: "//" }] }, "/volumes/0/target: nothing can be mounted over the whole container"],
  [
    {
      volumes: [
        { source: "x", target: "/data" },
        { source: "y", target: "/data/" },
      ],
    },
    "/volumes/1/target: two volumes cannot be mounted at /data",
  ],
  [{ constraints: ["label.disk == ssd", "label.disk = ssd"] }, /^\/constraints\/1: .* at character 12$/],
  [{ antiAffinity: ["label.tier >"] }, /^\/antiAffinity\/0: .* at character \d+$/],
  [{ runtime: "process", command: ["true"] }, "/image: the process runtime runs no images"],
])("%j can never run (422): %s", async (part, error) => {
  const { status, code, errors } = await refusal({ image: "x", ...part });
  expect([status, code]).toEqual([422, "cannot_run"]);
  expect(errors).toHaveLength(1);
  if (typeof error === "string") expect(errors[0]).toBe(error);
  else expect(errors[0]).toMatch(error);
});

test("a process with volumes can never run", async () => {
  const volumes = [{ source: "/srv", target: "/data" }];
  expect(await refusal({ runtime: "process", command: ["true"], volumes })).toMatchObject({ status: 422 });
});

test.each([
  { image: "x", memory: 0, cpu: 0, disk: 0 },
  {
    image: "x",
    ports: [
      { container: 1, host: 80 },
      { container: 2, host: 80, protocol: "udp" },
    ],
  },
  {
    image: "x",
    ports: [
      { container: 1, host: 80, wish: true },
      { container: 2, host: 80, wish: true },
    ],
  },
  { image: "x", health: { tcp: {} }, ports: [{ container: 1 }] },
  { runtime: "process", command: ["true"], volumes: [] },
  { runtime: "hollow", memory: "1MiB" },
  { image: "x", env: { A: { value: "s", secret: true }, B: "" } },
])("%j is accepted", async (body) => {
  expect(await readSubmission(body)).toEqual({ kind: "start", documents: [body], isList: false });
});

test("of many errors the first fifty are told, and how many there are", async () => {
  const { errors, detail } = await refusal(Array.from({ length: 200 }, () => ({ image: 1 })));
  expect(errors).toHaveLength(50);
  expect(detail).toBe("/0/image: must be a string, not a number (and 49 more)");
});

test("what is malformed is told before what can never run", async () => {
  expect(await refusal([{ image: "x", memory: "1MiB" }, { image: 1 }])).toMatchObject({ status: 400 });
});

test("a list of 100,000 is taken, one more is too large", async () => {
  const task = { image: "x" };
  const reading = await readSubmission(Array.from({ length: MAX_TASKS }, () => task));
  expect(reading).toMatchObject({ kind: "start", isList: true });
  expect(await refusal(Array.from({ length: MAX_TASKS + 1 }, () => task))).toMatchObject({
    status: 413,
    code: "body_too_large",
  });
});

test("whatever the validator refuses is explained, and nothing that it accepts", () => {
  const validator = Compile(TaskDocumentSchema);
  fc.assert(
    fc.property(nearDocument(), (document) => {
      const errors = schemaErrors(TaskDocumentSchema, document);
      expect(errors.length === 0).toBe(validator.Check(document));
    }),
    { numRuns: 3000 },
  );
});

/** Objects with the document's own keys and values of about the right kinds. */
function nearDocument() {
  const leaf = fc.oneof(
    fc.constantFrom("tcp", "64MiB", "10s", "/a", "docker", "always", "x", "", "a b", "a\u0000", ID, "label.a == b"),
    fc.constantFrom(0, 1, -1, 0.5, 80, 70_000, 1e300, null, true),
    fc.string({ unit: "binary" }),
  );
  const nested =
    "container host protocol source target policy http tcp port path value secret username password retries";
  const key = fc.constantFrom(...Object.keys(TaskDocumentSchema.properties), ...nested.split(" "), "A", "b c");
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      leaf,
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(key, tie("value"), { maxKeys: 5 }),
    ),
  }));
  return fc.dictionary(key, value, { maxKeys: 8 });
}
