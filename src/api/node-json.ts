/** A node as the API shows it. */
import { Type } from "typebox";
import { RuntimeSchema } from "../task/document.ts";
import { IsoTime, Nullable, ResourcesJson } from "./json-types.ts";

export const AvailabilitySchema = Type.Union([Type.Literal("active"), Type.Literal("pause"), Type.Literal("drain")]);

/** The body of `PATCH /nodes/{name}`. */
export const NodePatchSchema = Type.Object(
  {
    availability: AvailabilitySchema,
    parallel: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 10_000, description: "Of a drain: how many tasks move at a time, else one" }),
    ),
  },
  { additionalProperties: false },
);

export type NodePatch = Type.Static<typeof NodePatchSchema>;

export const NodeJsonSchema = Type.Object({
  name: Type.String(),
  status: Type.Union([Type.Literal("ready"), Type.Literal("unreachable"), Type.Literal("lost"), Type.Literal("left")]),
  availability: AvailabilitySchema,
  address: Type.String({ description: "Where its tasks' published ports can be reached" }),
  labels: Type.Record(Type.String(), Type.String()),
  runtimes: Type.Array(RuntimeSchema),
  version: Type.String(),
  capacity: ResourcesJson,
  reserved: ResourcesJson,
  used: Nullable(ResourcesJson),
  tasks: Type.Object({ scheduled: Type.Integer(), running: Type.Integer() }),
  reason: Type.String({ description: "A sentence, where the status needs one" }),
  drain: Type.Optional(
    Type.Object(
      { left: Type.Integer(), blocked: Nullable(Type.String({ description: "What is in the way, in a sentence" })) },
      { description: "While it is being drained: tasks that are still here" },
    ),
  ),
  clockSkew: Type.Optional(
    Type.Integer({
      description:
        "How far its clock is ahead of the manager's, in milliseconds, less the time that its message took; absent until it has said so",
    }),
  ),
  joinedAt: IsoTime,
  lastSeenAt: IsoTime,
});

export type NodeJson = Type.Static<typeof NodeJsonSchema>;
