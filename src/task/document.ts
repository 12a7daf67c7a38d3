/**
 * What a user writes: the body of `POST /tasks`. One schema is the type, the validation and the API's description.
 * `spec.ts` turns a document into the numbers that the cores work with.
 */
import { Type } from "typebox";
import { DURATION_PATTERN } from "../utils/durations.ts";
import { SIZE_PATTERN } from "../utils/sizes.ts";
import { UUID_PATTERN } from "./id.ts";

const strict = { additionalProperties: false };

/** One line of text that can be printed: no control characters. */
const PRINTABLE = "^[^\\p{C}]*$";

const text = (maxLength: number, description: string) =>
  Type.String({ minLength: 1, maxLength, pattern: PRINTABLE, description });

const argument = Type.String({ maxLength: 131_072, pattern: "^[^\\u0000]*$" });

const size = (description: string) =>
  Type.Union(
    [
      Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: "Bytes" }),
      Type.String({
        pattern: SIZE_PATTERN,
        maxLength: 32,
        description: "a string with a unit: KiB MiB GiB TiB kB MB GB TB",
      }),
    ],
    { description },
  );

export const SizeSchema = size("Bytes, or a string with a unit: KiB MiB GiB TiB kB MB GB TB");

const duration = (description: string) =>
  Type.Union(
    [
      Type.Integer({ minimum: 0, maximum: 31_622_400_000, description: "Milliseconds" }),
      Type.String({
        pattern: DURATION_PATTERN,
        maxLength: 32,
        description: "a string such as 500ms, 2s, 10m, 1h",
      }),
    ],
    { description },
  );

export const DurationSchema = duration("Milliseconds, or a string such as 500ms, 2s, 10m, 1h");

const ProbedPort = Type.Integer({
  minimum: 1,
  maximum: 65_535,
  description: "The port that the task listens on; its first one if absent",
});

export const PortSchema = Type.Object(
  {
    container: Type.Integer({ minimum: 1, maximum: 65_535, description: "The port that the task listens on" }),
    host: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 65_535,
        description: "The port of the node; 0 is a free one of the worker's range",
      }),
    ),
    protocol: Type.Optional(
      Type.Union([Type.Literal("tcp"), Type.Literal("udp")], { description: "What is spoken there" }),
    ),
    wish: Type.Optional(
      Type.Boolean({
        description: "With host: only preferred; where it is taken, a free port is used instead of waiting",
      }),
    ),
  },
  strict,
);

export const VolumeSchema = Type.Object(
  {
    source: Type.String({
      minLength: 1,
      maxLength: 4096,
      pattern: "^[^\\u0000:]+$",
      description: "A volume's name, or an absolute path on the node where the worker allows it",
    }),
    target: Type.String({
      minLength: 1,
      maxLength: 4096,
      pattern: "^/[^\\u0000:]*$",
      description: "A path in the container",
    }),
    readOnly: Type.Optional(Type.Boolean({ description: "The task cannot write there" })),
  },
  strict,
);

export const RestartSchema = Type.Object(
  {
    policy: Type.Optional(
      Type.Union([Type.Literal("on-failure"), Type.Literal("always"), Type.Literal("never")], {
        description: "After which ends: another exit code than 0 or failing health checks, any, or none",
      }),
    ),
    attempts: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 1_000_000,
        description: "How many restarts within the window; the policy always has no limit",
      }),
    ),
    window: Type.Optional(duration("Restarts longer ago do not count")),
    delay: Type.Optional(duration("Before the first restart; doubled for each that follows")),
    delayMax: Type.Optional(duration("The longest that the delay becomes")),
  },
  { ...strict, description: "Restarts on the same node, within an attempt; they need no manager" },
);

export const RescheduleSchema = Type.Object(
  {
    attempts: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 1_000_000,
        description: "How many times; the loss and the drain of a node do not count",
      }),
    ),
    delay: Type.Optional(duration("Before it is placed again")),
    onDisconnect: Type.Optional(
      Type.Union([Type.Literal("replace"), Type.Literal("stop")], {
        description:
          "When its node is cut off: replace places it elsewhere at once, stop only when it has ended for certain, so that it never runs twice",
      }),
    ),
  },
  { ...strict, description: "Placing it again as a new attempt, on another node, when a worker has given up" },
);

export const HealthSchema = Type.Object(
  {
    http: Type.Optional(
      Type.Object(
        {
          path: Type.Optional(Type.String({ pattern: "^/[^\\p{C} ]*$", maxLength: 2048, description: "/ if absent" })),
          port: Type.Optional(ProbedPort),
        },
        { ...strict, description: "A GET that is answered with a status from 200 to 399" },
      ),
    ),
    tcp: Type.Optional(
      Type.Object({ port: Type.Optional(ProbedPort) }, { ...strict, description: "A connection that is accepted" }),
    ),
    command: Type.Optional(
      Type.Array(argument, {
        minItems: 1,
        maxItems: 1000,
        description: "A command, run inside the task, that ends with exit code 0",
      }),
    ),
    interval: Type.Optional(duration("Between two checks")),
    timeout: Type.Optional(duration("A check that takes longer has failed")),
    retries: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1000, description: "After so many failures in a row it is unhealthy" }),
    ),
    startPeriod: Type.Optional(duration("So long after its start failures do not count")),
  },
  { ...strict, description: "How its health is checked: by one of http, tcp and command. None if absent" },
);

/** A value of `env`: plain, or a secret, which no reply, log or label ever shows. */
export const EnvValueSchema = Type.Union([
  argument,
  Type.Object({ value: argument, secret: Type.Literal(true) }, strict),
]);

export const LabelsSchema = Type.Record(
  Type.String({ pattern: "^[A-Za-z0-9]([A-Za-z0-9_./-]{0,126}[A-Za-z0-9])?$" }),
  Type.String({ maxLength: 1024, pattern: PRINTABLE }),
  {
    additionalProperties: false,
    maxProperties: 256,
    description: "Words to find it by, and for the antiAffinity of others; its container bears them too",
  },
);

export const RuntimeSchema = Type.Union([Type.Literal("docker"), Type.Literal("process"), Type.Literal("hollow")], {
  description: "What runs it: a container engine, the machine itself, or nothing at all (for load tests)",
});
export type RuntimeKind = Type.Static<typeof RuntimeSchema>;

export const TaskDocumentSchema = Type.Object(
  {
    id: Type.Optional(
      Type.String({
        pattern: UUID_PATTERN,
        description: "A UUID of your choice, which no other task has; made if absent",
      }),
    ),
    name: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 128,
        pattern: "^[^\\p{C}\\s]([^\\p{C}]*[^\\p{C}\\s])?$",
        description: "Printable characters; several tasks may have the same; made if absent",
      }),
    ),
    image: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 512,
        pattern: "^[^\\p{C}\\s]+$",
        description: "The image of its container. Required by the docker runtime",
      }),
    ),
    command: Type.Optional(
      Type.Array(argument, {
        minItems: 1,
        maxItems: 1000,
        description: "Words, without a shell; the image's own if absent. Required by the process runtime",
      }),
    ),
    entrypoint: Type.Optional(
      Type.Array(argument, {
        minItems: 1,
        maxItems: 1000,
        description: "Words before those of the command; the image's own if absent",
      }),
    ),
    env: Type.Optional(
      Type.Record(Type.String({ pattern: "^[^\\p{C}\\s=]{1,256}$" }), EnvValueSchema, {
        additionalProperties: false,
        maxProperties: 4096,
        description:
          'Its environment: a text, or {"value": "…", "secret": true} for what no reply, log or label may show',
      }),
    ),
    user: Type.Optional(text(256, "As whom it runs: a user, user:group, or their numbers; the image's own if absent")),
    workingDir: Type.Optional(text(4096, "Where its command runs, an absolute path; the image's own if absent")),
    labels: Type.Optional(LabelsSchema),
    runtime: Type.Optional(RuntimeSchema),
    pull: Type.Optional(
      Type.Union([Type.Literal("missing"), Type.Literal("always"), Type.Literal("never")], {
        description:
          "When the image is fetched from its registry: when the node does not have it, before each start, or never",
      }),
    ),
    cpu: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 100_000,
        description:
          "Cores, fractions allowed: reserved, and not exceeded. If absent the default is reserved without a limit",
      }),
    ),
    memory: Type.Optional(size("Bytes: reserved, and not exceeded. If absent the default is reserved without a limit")),
    disk: Type.Optional(size("Bytes: reserved, with no limit enforced")),
    ports: Type.Optional(Type.Array(PortSchema, { maxItems: 256, description: "The ports that are published" })),
    volumes: Type.Optional(Type.Array(VolumeSchema, { maxItems: 256, description: "What is mounted into it" })),
    restart: Type.Optional(RestartSchema),
    reschedule: Type.Optional(RescheduleSchema),
    health: Type.Optional(HealthSchema),
    constraints: Type.Optional(
      Type.Array(text(1024, "For example: label.disk == ssd"), {
        maxItems: 64,
        description: "Which nodes may run it: all of these have to hold",
      }),
    ),
    antiAffinity: Type.Optional(
      Type.Array(text(1024, "A task name, or label.key == value"), {
        maxItems: 64,
        description: "Tasks that it keeps away from: it runs on no node that runs one of them",
      }),
    ),
    priority: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 100, description: "Of those that wait, the highest goes first" }),
    ),
    startTimeout: Type.Optional(duration("Without progress for so long, its start has failed")),
    stopTimeout: Type.Optional(duration("Between the request to end and the kill")),
    registryAuth: Type.Optional(
      Type.Object(
        {
          username: Type.String({ minLength: 1, maxLength: 1024, description: "As whom it is fetched" }),
          password: Type.String({ maxLength: 16_384, description: "Or a token, where the registry has such" }),
        },
        { ...strict, description: "For the image's registry; never shown" },
      ),
    ),
  },
  strict,
);

/** A task as a user wrote it: checked, nothing filled in. */
export type TaskDocument = Type.Static<typeof TaskDocumentSchema>;

/** The part of a document that many tasks can share: all but what names this one. */
export type SpecDocument = Omit<TaskDocument, "id" | "name">;
