/**
 * What comes over the wire, checked before a core sees it: a frame that is not of the shape it should have closes the
 * connection with a sentence, and changes nothing.
 */
import { Type, type TSchema } from "typebox";
import { Compile } from "typebox/compile";
import type { ManagerMessage, WorkerMessage } from "./messages.ts";
import { TaskDocumentSchema } from "../task/document.ts";
import { UUID_PATTERN } from "../task/id.ts";

const Whole = Type.Integer({ minimum: 0 });
const Amount = Type.Number({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
/** Wall clock, milliseconds; a `Date` holds no more. */
const Moment = Type.Number({ minimum: 0, maximum: 8.64e15 });
/** In its canonical form: in lower case. */
const Id = Type.String({ pattern: UUID_PATTERN.replaceAll("A-F", "") });
const ResourcesSchema = Type.Object({ cpu: Amount, memory: Amount, disk: Amount });
const Spec = Type.Omit(TaskDocumentSchema, ["id", "name"]);

const reportFields = {
  task: Id,
  attempt: Type.Integer({ minimum: 1 }),
  state: Type.Integer({ minimum: 1, maximum: 6 }),
  restarts: Whole,
  reason: Type.String(),
  health: Type.Optional(
    Type.Union([Type.Literal("none"), Type.Literal("starting"), Type.Literal("healthy"), Type.Literal("unhealthy")]),
  ),
  containerId: Type.Optional(Type.String()),
  ports: Type.Optional(
    Type.Array(Type.Object({ container: Whole, host: Whole, protocol: Type.String(), address: Type.String() })),
  ),
  exitCode: Type.Optional(Type.Integer()),
  startedAt: Type.Optional(Moment),
  finishedAt: Type.Optional(Moment),
  waiting: Type.Optional(Type.Boolean()),
  fatal: Type.Optional(Type.Boolean()),
  output: Type.Optional(Type.String()),
};

const ItemSchema = Type.Object({
  ...reportFields,
  name: Type.String({ minLength: 1 }),
  local: Type.Optional(Type.Boolean()),
  spec: Whole,
  createdAt: Moment,
});

const UsageSchema = Type.Object({
  node: Type.Object({ cpu: Amount, memory: Amount, disk: Amount, load: Type.Tuple([Amount, Amount, Amount]) }),
  tasks: Type.Optional(
    Type.Record(Type.String(), Type.Union([Type.Object({ cpu: Amount, memory: Amount }), Type.Null()])),
  ),
});

const SickSchema = Type.Record(Type.String(), Type.String());

const HelloSchema = Type.Object({
  kind: Type.Literal("hello"),
  version: Whole,
  instanceId: Type.String({ minLength: 1 }),
  node: Type.Object({
    nodeId: Type.String({ minLength: 1, maxLength: 253, pattern: "^[^\\p{C}]*$" }),
    name: Type.String({ minLength: 1, maxLength: 253 }),
    address: Type.String(),
    api: Type.Optional(Type.String({ maxLength: 512 })),
    labels: Type.Record(Type.String(), Type.String()),
    runtimes: Type.Array(Type.String()),
    version: Type.String(),
    capacity: ResourcesSchema,
  }),
  clusterId: Type.Optional(Type.String()),
  epoch: Type.Optional(Whole),
  specs: Type.Array(Spec),
  items: Type.Array(ItemSchema),
  use: Type.Optional(UsageSchema),
  at: Type.Optional(Type.Number()),
  sick: Type.Optional(SickSchema),
});

const WorkerFrameSchema = Type.Object({
  kind: Type.Literal("frame"),
  rev: Whole,
  ack: Whole,
  reports: Type.Array(Type.Object(reportFields)),
  items: Type.Optional(Type.Array(ItemSchema)),
  specs: Type.Optional(Type.Array(Spec)),
  stopRequests: Type.Optional(Type.Array(Type.Object({ task: Id, attempt: Whole }))),
  use: Type.Optional(UsageSchema),
  at: Type.Optional(Type.Number()),
  sick: Type.Optional(SickSchema),
  leaving: Type.Optional(Type.Boolean()),
});

const Order = Type.Object({ task: Id, attempt: Whole, reason: Type.String() });

const ManagerFrameSchema = Type.Object({
  kind: Type.Literal("frame"),
  rev: Whole,
  ack: Whole,
  specs: Type.Array(Type.Object({ number: Whole, document: Spec })),
  stop: Type.Array(Order),
  verdicts: Type.Array(Type.Object({ task: Id, attempt: Whole, verdict: Type.String() })),
  assign: Type.Array(
    Type.Object({
      task: Id,
      attempt: Type.Integer({ minimum: 1 }),
      name: Type.String(),
      spec: Whole,
      createdAt: Moment,
    }),
  ),
  streams: Type.Optional(
    Type.Array(
      Type.Union([
        Type.Object({
          ...{ stream: Type.String(), kind: Type.Literal("logs"), task: Id, attempt: Whole },
          options: Type.Object({}),
        }),
        Type.Object({ stream: Type.String(), kind: Type.Literal("exec"), task: Id, attempt: Whole }),
      ]),
    ),
  ),
});

const WelcomeSchema = Type.Object({
  kind: Type.Literal("welcome"),
  version: Whole,
  clusterId: Type.String({ minLength: 1 }),
  epoch: Whole,
  heartbeatMs: Type.Integer({ minimum: 1 }),
  leaseMs: Type.Integer({ minimum: 1 }),
});

const RefusalSchema = Type.Object({ kind: Type.Literal("refusal"), code: Type.String(), detail: Type.String() });

export type Decoded<Message> = { readonly message: Message } | { readonly malformed: string };

const workerSchemas = lazily({ hello: HelloSchema, frame: WorkerFrameSchema });
const managerSchemas = lazily({ welcome: WelcomeSchema, refusal: RefusalSchema, frame: ManagerFrameSchema });

export function encodeMessage(message: WorkerMessage | ManagerMessage): string {
  return JSON.stringify(message);
}

/** A message of a worker, as the manager receives it. */
export function decodeWorkerMessage(text: string): Decoded<WorkerMessage> {
  return decode<WorkerMessage>(text, workerSchemas);
}

/** A message of a manager, as the worker receives it. */
export function decodeManagerMessage(text: string): Decoded<ManagerMessage> {
  return decode<ManagerMessage>(text, managerSchemas);
}

type Validators = (kind: string) => ReturnType<typeof Compile> | undefined;

function decode<Message>(text: string, validators: Validators): Decoded<Message> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { malformed: "it is not JSON" };
  }
  const kind = typeof value === "object" && value !== null && "kind" in value ? String(value.kind) : "";
  const validator = validators(kind);
  if (validator === undefined) return { malformed: `its kind is ${JSON.stringify(kind)}` };
  if (validator.Check(value)) return { message: value as Message };
  const [first] = validator.Errors(value);
  return { malformed: `${first?.instancePath ?? ""} ${first?.message ?? "is malformed"}`.trim() };
}

/** Compiles a schema when it is first needed: a command that never meets a frame does not pay for it. */
function lazily(schemas: Readonly<Record<string, TSchema>>): Validators {
  const compiled = new Map<string, ReturnType<typeof Compile>>();
  return (kind) => {
    const schema = Object.hasOwn(schemas, kind) ? schemas[kind] : undefined;
    if (schema === undefined) return undefined;
    const known = compiled.get(kind) ?? Compile(schema);
    compiled.set(kind, known);
    return known;
  };
}
