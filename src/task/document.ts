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

export const SizeSchema = Type.Union(
  [
    Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    Type.String({ pattern: SIZE_PATTERN, maxLength: 32 }),
  ],
  { description: "Bytes, or a string with a unit: KiB MiB GiB TiB kB MB GB TB" },
);

export const DurationSchema = Type.Union(
  [Type.Integer({ minimum: 0, maximum: 31_622_400_000 }), Type.String({ pattern: DURATION_PATTERN, maxLength: 32 })],
  { description: "Milliseconds, or a string such as 500ms, 2s, 10m, 1h" },
);

const PortNumber = Type.Integer({ minimum: 1, maximum: 65_535 });

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
    protocol: Type.Optional(Type.Union([Type.Literal("tcp"), Type.Literal("udp")])),
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
    readOnly: Type.Optional(Type.Boolean()),
  },
  strict,
);

export const RestartSchema = Type.Object(
  {
    policy: Type.Optional(Type.Union([Type.Literal("on-failure"), Type.Literal("always"), Type.Literal("never")])),
    attempts: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
    window: Type.Optional(DurationSchema),
    delay: Type.Optional(DurationSchema),
    delayMax: Type.Optional(DurationSchema),
  },
  strict,
);

export const RescheduleSchema = Type.Object(
  {
    attempts: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
    delay: Type.Optional(DurationSchema),
    onDisconnect: Type.Optional(Type.Union([Type.Literal("replace"), Type.Literal("stop")])),
  },
  strict,
);

export const HealthSchema = Type.Object(
  {
    http: Type.Optional(
      Type.Object(
        {
          path: Type.Optional(Type.String({ pattern: "^/[^\\p{C} ]*$", maxLength: 2048 })),
          port: Type.Optional(PortNumber),
        },
        strict,
      ),
    ),
    tcp: Type.Optional(Type.Object({ port: Type.Optional(PortNumber) }, strict)),
    command: Type.Optional(Type.Array(argument, { minItems: 1, maxItems: 1000 })),
    interval: Type.Optional(DurationSchema),
    timeout: Type.Optional(DurationSchema),
    retries: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
    startPeriod: Type.Optional(DurationSchema),
  },
  strict,
);

/** A value of `env`: plain, or a secret, which no reply, log or label ever shows. */
export const EnvValueSchema = Type.Union([
  argument,
  Type.Object({ value: argument, secret: Type.Literal(true) }, strict),
]);

export const LabelsSchema = Type.Record(
  Type.String({ pattern: "^[A-Za-z0-9]([A-Za-z0-9_./-]{0,126}[A-Za-z0-9])?$" }),
  Type.String({ maxLength: 1024, pattern: PRINTABLE }),
  { additionalProperties: false, maxProperties: 256 },
);

export const RuntimeSchema = Type.Union([Type.Literal("docker"), Type.Literal("process"), Type.Literal("hollow")]);
export type RuntimeKind = Type.Static<typeof RuntimeSchema>;

export const TaskDocumentSchema = Type.Object(
  {
    id: Type.Optional(Type.String({ pattern: UUID_PATTERN, description: "A UUID; made if absent" })),
    name: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 128,
        pattern: "^[^\\p{C}\\s]([^\\p{C}]*[^\\p{C}\\s])?$",
        description: "Up to 128 printable characters; made if absent",
      }),
    ),
    image: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 512,
        pattern: "^[^\\p{C}\\s]+$",
        description: "Required by the docker runtime",
      }),
    ),
    command: Type.Optional(
      Type.Array(argument, { minItems: 1, maxItems: 1000, description: "Required by the process runtime" }),
    ),
    entrypoint: Type.Optional(Type.Array(argument, { minItems: 1, maxItems: 1000 })),
    env: Type.Optional(
      Type.Record(Type.String({ pattern: "^[^\\p{C}\\s=]{1,256}$" }), EnvValueSchema, {
        additionalProperties: false,
        maxProperties: 4096,
      }),
    ),
    user: Type.Optional(text(256, "User, user:group, or their numbers")),
    workingDir: Type.Optional(text(4096, "Where the command runs")),
    labels: Type.Optional(LabelsSchema),
    runtime: Type.Optional(RuntimeSchema),
    pull: Type.Optional(Type.Union([Type.Literal("missing"), Type.Literal("always"), Type.Literal("never")])),
    cpu: Type.Optional(Type.Number({ minimum: 0, maximum: 100_000, description: "Cores, fractions allowed" })),
    memory: Type.Optional(SizeSchema),
    disk: Type.Optional(SizeSchema),
    ports: Type.Optional(Type.Array(PortSchema, { maxItems: 256 })),
    volumes: Type.Optional(Type.Array(VolumeSchema, { maxItems: 256 })),
    restart: Type.Optional(RestartSchema),
    reschedule: Type.Optional(RescheduleSchema),
    health: Type.Optional(HealthSchema),
    constraints: Type.Optional(Type.Array(text(1024, "For example: label.disk == ssd"), { maxItems: 64 })),
    antiAffinity: Type.Optional(
      Type.Array(text(1024, "A task name, or label.key == value: no node that runs such a task"), { maxItems: 64 }),
    ),
    priority: Type.Optional(Type.Integer({ minimum: 0, maximum: 100 })),
    startTimeout: Type.Optional(DurationSchema),
    stopTimeout: Type.Optional(DurationSchema),
    registryAuth: Type.Optional(
      Type.Object(
        { username: Type.String({ minLength: 1, maxLength: 1024 }), password: Type.String({ maxLength: 16_384 }) },
        strict,
      ),
    ),
  },
  strict,
);

/** A task as a user wrote it: checked, nothing filled in. */
export type TaskDocument = Type.Static<typeof TaskDocumentSchema>;

/** The part of a document that many tasks can share: all but what names this one. */
export type SpecDocument = Omit<TaskDocument, "id" | "name">;
